// The Redis client's bookkeeping without network or clock: replies to their calls, limits, losses, frozen servers.
#include "base/redis/call_queue.h"

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace peyk::redis {
namespace {

using namespace std::chrono_literals;

struct Fixture {
  CallQueue queue{{.calls = 3, .reply_bytes = 1000, .patience = 2s}};
  CallQueue::TimePoint now{};
  std::map<std::string, std::string> ends;  // by the command's word: its replies, or "!code"
  std::map<std::string, int> times;

  CallQueue::Handle submit(const std::string& name, std::size_t replies = 1, std::chrono::milliseconds limit = 2s) {
    const std::vector<Command> commands(replies, Command{name});
    return queue.submit(commands, now + limit, [this, name](const Result<std::vector<Reply>>& result) {
      ++times[name];
      std::string text;
      if (!result) text = "!" + std::string(to_string(result.error().code));
      if (result) {
        for (const auto& reply : *result) text += reply.text + ";";
      }
      ends[name] = text;
    });
  }

  std::string output() {
    std::string text;
    queue.take_output(text);
    return text;
  }

  void receive(std::string_view bytes) { REQUIRE(queue.received(bytes, now).has_value()); }
};

const Error kLost{ErrorCode::unavailable, "lost", {}, {}};

TEST_CASE_FIXTURE(Fixture, "replies reach their callers in order") {
  queue.open();
  submit("a");
  submit("b");
  CHECK(output() == "*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n");
  CHECK(output().empty());
  receive("+one\r\n+t");
  CHECK(ends == std::map<std::string, std::string>{{"a", "one;"}});
  receive("wo\r\n");
  CHECK(ends["b"] == "two;");
  CHECK(queue.size() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a call of several commands ends with the last of its replies") {
  queue.open();
  submit("a", 3);
  submit("b");
  receive("+1\r\n+2\r\n");
  CHECK(ends.empty());
  receive("+3\r\n+4\r\n");
  CHECK(ends["a"] == "1;2;3;");
  CHECK(ends["b"] == "4;");
}

TEST_CASE_FIXTURE(Fixture, "a late reply keeps its place and reaches nobody") {
  queue.open();
  submit("a", 2, 1s);
  now += 1s;
  submit("b");
  queue.expire(now);
  CHECK(ends == std::map<std::string, std::string>{{"a", "!timeout"}});
  receive("+late\r\n+later\r\n+right\r\n");
  CHECK(ends["a"] == "!timeout");
  CHECK(ends["b"] == "right;");
  CHECK(times["a"] == 1);
}

TEST_CASE_FIXTURE(Fixture, "an abandoned call keeps its place too, and an ended one cannot be abandoned") {
  queue.open();
  const auto a = submit("a");
  const auto b = submit("b");
  CallQueue::abandon(a, {ErrorCode::cancelled, "", {}, {}});
  CallQueue::abandon(a, {ErrorCode::internal, "", {}, {}});
  receive("+1\r\n+2\r\n");
  CallQueue::abandon(b, {ErrorCode::cancelled, "", {}, {}});
  CHECK(ends["a"] == "!cancelled");
  CHECK(ends["b"] == "2;");
  CHECK(times["a"] + times["b"] == 2);
}

TEST_CASE_FIXTURE(Fixture, "calls made while connecting go out when connected, those that ended meanwhile do not") {
  submit("a", 1, 1s);
  submit("b");
  const auto c = submit("c");
  CHECK(output().empty());
  now += 1s;
  queue.expire(now);
  CallQueue::abandon(c, kLost);
  queue.open();
  CHECK(output() == "*1\r\n$1\r\nb\r\n");
  receive("+1\r\n");
  CHECK(ends["b"] == "1;");
}

TEST_CASE_FIXTURE(Fixture, "a failed attempt fails the calls that waited for it, and those that follow at once") {
  submit("a");
  queue.refuse(kLost);
  submit("b");
  CHECK(ends["a"] == "!unavailable");
  CHECK(ends["b"] == "!unavailable");
  queue.open();
  submit("c");
  CHECK(output() == "*1\r\n$1\r\nc\r\n");
}

TEST_CASE_FIXTURE(Fixture, "a lost connection fails what went out and forgets half a reply") {
  queue.open();
  submit("a");
  output();
  receive("$5\r\nhal");
  queue.lost(kLost);
  CHECK(ends["a"] == "!unavailable");
  submit("b");
  CHECK(ends.count("b") == 0);
  queue.open();
  receive("+ok\r\n");
  CHECK(ends["b"] == "ok;");
}

TEST_CASE_FIXTURE(Fixture, "bytes not yet written are forgotten with their connection") {
  queue.open();
  submit("a");
  queue.lost(kLost);
  queue.open();
  CHECK_FALSE(queue.has_output());
}

TEST_CASE_FIXTURE(Fixture, "more calls than the limit are refused, and ended ones without reply count") {
  queue.open();
  submit("a", 1, 1s);
  submit("b");
  submit("c");
  submit("d");
  CHECK(ends == std::map<std::string, std::string>{{"d", "!unavailable"}});
  now += 1s;
  queue.expire(now);
  submit("e");
  CHECK(ends["e"] == "!unavailable");
  receive("+1\r\n");
  submit("f");
  CHECK(ends.count("f") == 0);
}

TEST_CASE_FIXTURE(Fixture, "a reply that nobody asked for ends the connection") {
  queue.open();
  const auto result = queue.received("+surprise\r\n", now);
  REQUIRE_FALSE(result.has_value());
}

TEST_CASE_FIXTURE(Fixture, "garbage ends the connection") {
  queue.open();
  submit("a");
  CHECK_FALSE(queue.received("what?\r\n", now).has_value());
}

TEST_CASE_FIXTURE(Fixture, "deadlines wake in their order, whatever order the calls had") {
  queue.open();
  CHECK_FALSE(queue.next_wakeup().has_value());
  submit("a", 1, 3s);
  submit("b", 1, 1s);
  CHECK(queue.next_wakeup() == now + 1s);
  now += 1s;
  queue.expire(now);
  CHECK(ends["b"] == "!timeout");
  CHECK(queue.next_wakeup() == now + 2s);
}

TEST_CASE_FIXTURE(Fixture, "a server is frozen when it owes an overdue reply and sends nothing for the patience") {
  queue.open();
  submit("a", 1, 1s);
  now += 1s;
  queue.expire(now);
  CHECK_FALSE(queue.frozen(now));
  CHECK(queue.next_wakeup() == now + 2s);
  now += 1s;
  receive("$5\r\nslow");  // it sends
  CHECK(queue.next_wakeup() == now + 2s);
  now += 1s;
  CHECK_FALSE(queue.frozen(now));
  now += 1s;
  CHECK(queue.frozen(now));
}

TEST_CASE_FIXTURE(Fixture, "a long blocking read is not taken for a frozen server, nor is an idle connection") {
  queue.open();
  CHECK_FALSE(queue.frozen(now + 1h));
  submit("a", 1, 10s);
  CHECK_FALSE(queue.frozen(now + 11s));
  CHECK(queue.frozen(now + 12s));
}

}  // namespace
}  // namespace peyk::redis
