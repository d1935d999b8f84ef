// The example's every key, its warnings, and the least that loads.
#include "config/loader.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/config_text.h"

namespace peyk::config {
namespace {

using test::errors_of;
using test::load_lenient;
using test::warnings_of;

const std::string kExample = std::string(PEYK_SOURCE_DIR) + "/tests/unit/config/example.yaml";

LoadOptions lenient() {
  LoadOptions options;
  options.secrets_required = false;
  return options;
}

}  // namespace

TEST_CASE("every key of the example loads, with its value") {
  const auto result = load(kExample, lenient());
  CAPTURE(errors_of(result));
  REQUIRE(result.ok());
  const auto& config = *result.config;
  CHECK(config.desk == "kouh");
  CHECK(config.redis.url == "unix:///run/redis/redis-server.sock");
  CHECK(config.redis.timeout == std::chrono::seconds(2));
  CHECK(config.http.public_url == "https://support.kouh.example");
  CHECK(config.http.limits.header_bytes == 16384);
  CHECK(config.channels.size() == 3);
  const auto* mail = config.channels.at(ChannelName("support-mail")).email();
  REQUIRE(mail != nullptr);
  CHECK(to_string(mail->lmtp->listen) == "tcp:127.0.0.1:2424");
  CHECK(mail->imap->mailbox == "INBOX");
  CHECK(mail->smtp->port == 587);
  CHECK(mail->smtp->tls == SmtpTls::required);
  const auto* form = config.channels.at(ChannelName("contact-form")).form();
  REQUIRE(form != nullptr);
  CHECK(form->reply_via == ChannelName("support-mail"));
  REQUIRE(form->fields.size() == 2);
  CHECK(form->fields[0].name == "product");
  CHECK(form->fields[0].required);
  CHECK(pick_text(form->fields[0].label, "hy", "en") == "Ապրանք");
  CHECK(form->fields[1].max_length == 40);
  CHECK(config.skills.size() == 7);
  const auto& service = config.queues.at(QueueName("service"));
  CHECK(service.promise.first_reply == std::chrono::minutes(2));
  CHECK(service.offer.misses_before_away == 3);
  CHECK(service.wrap_up == std::chrono::seconds(20));
  CHECK(config.kind(ChannelKind::chat).weight == Units{200});
  CHECK(config.kind(ChannelKind::chat).dormant_weight == Units{50});
  CHECK(config.kind(ChannelKind::chat).dormant_after == std::chrono::minutes(2));
  CHECK(config.kind(ChannelKind::chat).max == 3);
  CHECK(config.kind(ChannelKind::email).dormant_after == std::chrono::seconds(0));
  CHECK(config.kind(ChannelKind::email).dormant_weight == Units{100});
  REQUIRE(config.routes.size() == 4);
  CHECK(config.routes[0].demand.require.at(SkillName("hy")) == 3);
  CHECK(config.routes[1].when.fields.at("product") == std::vector<std::string>{"cooler"});
  CHECK(config.routes[1].priority == Priority::high);
  CHECK(config.routes[1].demand.prefer.at(0).insist_for == std::chrono::seconds(60));
  CHECK(config.routes[1].first_reply == std::chrono::minutes(1));
  CHECK(config.routes[2].when.subject->matches("Re: Your INVOICE"));
  CHECK(config.routes[2].when.subject->matches("صورتحساب آذر"));
  CHECK(config.routes[3].when.matches_everything());
  CHECK(config.routes[3].name == "route 4");
  const auto& ani = config.agents.at(AgentName("ani"));
  CHECK(ani.capacity == Units{600});
  CHECK(ani.supervisor == AgentName("mehri"));
  CHECK(config.agents.at(AgentName("mehri")).role == Role::supervisor);
  CHECK(config.conversations.pending_for == std::chrono::days(3));
  CHECK(config.promise_clock == PromiseClock::open_hours);
}

TEST_CASE("the example's warnings are its missing secrets and what is not built") {
  const auto result = load(kExample, lenient());
  REQUIRE(result.ok());
  for (const auto& warning : warnings_of(result)) {
    CAPTURE(warning);
    const bool secret = warning.find("secret file is missing") != std::string::npos;
    CHECK((secret || warning.find("not built yet") != std::string::npos));
  }
}

TEST_CASE("without its secrets the example does not start") {
  const auto result = load(kExample, LoadOptions{});
  CHECK_FALSE(result.ok());
  const auto errors = errors_of(result);
  CHECK(errors.size() == 4);
  for (const auto& error : errors) CHECK(error.find("the secret file is missing: looked for ") != std::string::npos);
}

TEST_CASE("a file that is not there is one error without a line") {
  const auto result = load("/nowhere/peyk.yaml", LoadOptions{});
  REQUIRE(result.problems.size() == 1);
  CHECK(to_string(result.problems[0]) == "/nowhere/peyk.yaml: cannot be read (is it there, and readable?)");
}

TEST_CASE("the least that can run loads, and says nothing") {
  const auto result = load_lenient(test::minimal());
  CAPTURE(errors_of(result));
  REQUIRE(result.ok());
  CHECK(warnings_of(result) ==
        std::vector<std::string>{R"(peyk.yaml:13:3: agent "ani" has no "password_hash_file": he cannot log in)"});
  CHECK(result.config->config_version.size() == 16);
  CHECK(result.config->kind(ChannelKind::chat).dormant_after == std::chrono::minutes(2));
}

}  // namespace peyk::config
