// Issues and checks of /health from the desk's state.
#include "daemon/health_checks.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

namespace peyk::daemon {
namespace {

using channels::ChannelHealth;

const Time kNow = from_unix_ms(1'800'000'000'000);

Observation calm() {
  Observation seen;
  seen.now = kNow;
  seen.store_ready = true;
  seen.outbox = routing::OutboxStatus{};
  return seen;
}

config::Config small_desk() {
  config::Config config;
  config.outbox.retry_after = std::chrono::seconds(10);
  return config;
}

std::string codes(const Observation& seen, const config::Config& config = small_desk()) {
  std::string text;
  for (const auto& issue : find_issues(seen, config)) text += (text.empty() ? "" : " ") + issue.code;
  return text;
}

}  // namespace

TEST_CASE("a desk without trouble passes") {
  const auto seen = calm();
  CHECK(codes(seen).empty());
  const auto document = health_document(seen, {});
  CHECK(document.at("status") == "pass");
  CHECK(document.at("version") == PEYK_VERSION);
  CHECK(document.at("checks").at("redis").at("status") == "pass");
  CHECK(document.at("issues").as_array().empty());
}

TEST_CASE("each trouble has its code") {
  auto seen = calm();
  SUBCASE("store") {
    seen.store_issues = {{"store.down", "", "gone", true}};
    CHECK(codes(seen) == "store.down");
  }
  SUBCASE("channel") {
    seen.channels = {{"mail", {ChannelHealth::Status::warn, "smtp.unreachable", "no answer"}},
                     {"form", {ChannelHealth::Status::pass, "", ""}}};
    CHECK(codes(seen) == "channel.smtp.unreachable");
  }
  SUBCASE("promise missed") {
    seen.overdue[QueueName("service")] = std::chrono::minutes(3);
    CHECK(codes(seen) == "queue.promise_missed");
  }
  SUBCASE("outbox stuck, and not merely slow") {
    seen.outbox = routing::OutboxStatus{seen.now, 1, 1, std::chrono::seconds(40)};
    CHECK(codes(seen).empty());
    seen.outbox->oldest_age = std::chrono::seconds(41);
    CHECK(codes(seen) == "outbox.stuck");
  }
  SUBCASE("desk") {
    seen.desk_issues = {{"demand.unroutable", "c_1 needs cooling 9", kNow}};
    CHECK(codes(seen) == "demand.unroutable");
  }
  SUBCASE("nobody can ever take it") {
    routing::QueueView queue;
    queue.name = QueueName("service");
    queue.unroutable = {{"cooling 9", ChannelKind::form, 2, routing::ConversationId("c_1"), "PK-1"}};
    seen.queues = {queue};
    CHECK(codes(seen) == "demand.unroutable");
    const auto message = find_issues(seen, small_desk()).front().message;
    for (const auto* part : {"service", "cooling 9", "form", "PK-1"}) {
      CHECK(message.find(part) != std::string::npos);
    }
  }
  SUBCASE("no room for files") {
    seen.files_trouble = "cannot write blobs/00/00: No space left on device";
    CHECK(codes(seen) == "files.unwritable");
    CHECK(find_issues(seen, small_desk()).front().message.find(seen.files_trouble) != std::string::npos);
  }
  SUBCASE("no room for bodies") {
    seen.bodies_full = true;
    CHECK(codes(seen) == "http.bodies_full");
  }
  SUBCASE("reload") {
    seen.reload_failure = "peyk.yaml:1:1: no";
    CHECK(codes(seen) == "config.reload_failed");
  }
  SUBCASE("not yet") {
    seen.not_yet = {{"channels.mail.imap", "is not built yet"}};
    CHECK(codes(seen) == "not_yet");
  }
  SUBCASE("a queue that nobody serves") {
    auto config = small_desk();
    config.queues[QueueName("lonely")].name = QueueName("lonely");
    seen.roster_gaps = config::roster_gaps(config);
    CHECK(codes(seen, config) == "queue.unserved");
  }
}

TEST_CASE("what fails comes first, fails the whole, and the rest warns") {
  auto seen = calm();
  seen.reload_failure = "no";
  seen.store_issues = {{"store.down", "", "gone", true}};
  CHECK(codes(seen) == "store.down config.reload_failed");
  IssueBook book;
  book.update(find_issues(seen, small_desk()), kNow);
  CHECK(overall_status(book.entries()) == "fail");
  seen.store_issues.clear();
  book.update(find_issues(seen, small_desk()), kNow);
  CHECK(overall_status(book.entries()) == "warn");
  book.update({}, kNow);
  CHECK(overall_status(book.entries()) == "pass");
}

TEST_CASE("an issue keeps the time since when it holds, though its words change") {
  IssueBook book;
  book.update({{"queue.promise_missed", "service", "1 minute late", false}}, kNow);
  book.update({{"queue.promise_missed", "service", "2 minutes late", false},
               {"queue.promise_missed", "billing", "late", false}},
              kNow + std::chrono::minutes(1));
  REQUIRE(book.entries().size() == 2);
  CHECK(book.entries()[0].since == kNow);
  CHECK(book.entries()[0].issue.message == "2 minutes late");
  CHECK(book.entries()[1].since == kNow + std::chrono::minutes(1));
}

TEST_CASE("queues, channels and outbox have checks of their own") {
  auto seen = calm();
  routing::QueueView queue;
  queue.name = QueueName("service");
  queue.waiting = 3;
  queue.oldest_age = std::chrono::seconds(61);
  queue.agents_available = 2;
  seen.queues = {queue};
  seen.channels = {{"mail", {ChannelHealth::Status::warn, "smtp.unreachable", "no answer"}}};
  const auto document = health_document(seen, {});
  const auto& checks = document.at("checks");
  const auto& service = checks.at("queue:service");
  CHECK(service.at("waiting") == 3);
  CHECK(service.at("oldest_age") == 61);
  CHECK(service.at("agents_available") == 2);
  CHECK(service.at("observedValue") == 3);
  CHECK(service.at("time") == boost::json::string(to_rfc3339(kNow)));
  CHECK(checks.at("channel:mail").at("status") == "warn");
  CHECK(checks.at("channel:mail").at("output") == "no answer");
  CHECK(checks.at("outbox").at("status") == "pass");
}

}  // namespace peyk::daemon
