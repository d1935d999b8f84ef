// Calls of scripts: deadlines by the store's clock, repetition, errors and replication.
#include "routing/store/runner.h"

#include <deque>

#include <doctest/doctest.h>

#include "tests/support/log_capture.h"
#include "tests/support/loop.h"

namespace peyk::routing::store {
namespace {

/// A store that answers what a test put before it, and remembers what it was asked.
class FakeClient : public redis::Client {
 public:
  std::deque<Result<redis::Reply>> answers;
  std::vector<std::vector<std::string>> calls;  // arguments of each script

  std::function<void()> wait;  // called while a script runs

  void say(std::string json) {
    redis::Reply reply;
    reply.kind = redis::Reply::Kind::text;
    reply.text = std::move(json);
    answers.emplace_back(std::move(reply));
  }
  Result<redis::Reply> next() {
    auto answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }

  void start(std::vector<redis::Script>) override {}
  asio::awaitable<void> stop() override { co_return; }
  asio::awaitable<Result<redis::Reply>> call(redis::Command) override {
    if (wait) wait();
    co_return next();
  }
  asio::awaitable<Result<redis::Reply>> call(redis::Command, std::chrono::milliseconds) override { co_return next(); }
  asio::awaitable<Result<redis::Reply>> eval(const redis::Script&, std::vector<std::string> keys,
                                             std::vector<std::string> arguments) override {
    CHECK(keys == std::vector<std::string>{"peyk:{kouh}:meta"});
    calls.push_back(std::move(arguments));
    if (wait) wait();
    co_return next();
  }
  asio::awaitable<Result<std::vector<redis::Reply>>> pipeline(std::vector<redis::Command> commands) override {
    std::vector<redis::Reply> replies;
    for (auto& command : commands) {
      calls.push_back(std::move(command));
      auto answer = next();
      if (!answer) co_return std::unexpected(answer.error());
      replies.push_back(std::move(*answer));
    }
    co_return replies;
  }
  bool connected() const override { return true; }
  std::string last_error() const override { return {}; }
  asio::awaitable<bool> wait_connected(std::chrono::milliseconds) override { co_return true; }
  void on_connected(std::function<void()>) override {}
  void on_disconnected(std::function<void()>) override {}
};

struct Fixture {
  test::Loop loop;
  FakeClient client;
  ManualClock clock{from_unix_ms(1000)};
  Runner runner{client, clock, {"kouh", std::chrono::seconds(2), 0, false}};

  Result<boost::json::object> write() { return loop.run(runner.write("receive", R"({"a":1})", "{}")); }
  void tell_time(const std::string& seconds, const std::string& microseconds) {
    redis::Reply time;
    time.kind = redis::Reply::Kind::array;
    time.items.resize(2);
    time.items[0].text = seconds;
    time.items[1].text = microseconds;
    client.answers.emplace_back(time);
  }
  ErrorCode code_after(std::string reply) {
    client.say(std::move(reply));
    return write().error().code;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a writing call carries its deadline, the configuration and its arguments") {
  runner.set_config("cafe");
  client.say(R"({"ok":{"n":7}})");
  CHECK(write().value().at("n").as_int64() == 7);
  REQUIRE(client.calls.size() == 1);
  CHECK(client.calls[0] == std::vector<std::string>{"", "3000", "cafe", R"({"a":1})", "{}"});
}

TEST_CASE_FIXTURE(Fixture, "a reading call has no deadline and may come from any configuration") {
  runner.set_config("cafe");
  client.say(R"({"ok":[]})");  // an empty table of Lua
  CHECK(loop.run(runner.read("read_agents", "{}")).value().empty());
  CHECK(client.calls[0] == std::vector<std::string>{"", "", "", "{}"});
}

TEST_CASE_FIXTURE(Fixture, "a reply in pieces is read as the one text that they make") {
  redis::Reply reply;
  reply.kind = redis::Reply::Kind::array;
  for (const auto* const text : {R"({"ok":{"messages":[{"body":)", R"({"text":"x"})", "}]}}"}) {
    reply.items.emplace_back().text = text;
  }
  client.answers.emplace_back(std::move(reply));
  const auto read = loop.run(runner.read("read_messages", "{}"));
  CHECK(read.value().at("messages").at(0).at("body").at("text") == "x");
}

TEST_CASE_FIXTURE(Fixture, "the log names a slow call with the size of its reply, once a second") {
  const test::LogCapture log;
  clock.set(from_unix_ms(1'000'000'000));  // later than any line of another test
  auto slow = Milliseconds(249);
  client.wait = [this, &slow] { clock.advance(slow); };
  const auto read = [this] {
    client.say(R"({"ok":{}})");
    REQUIRE(loop.run(runner.read("read_messages", "{}")).has_value());
  };
  read();
  CHECK(log.text().find("store.slow_call") == std::string::npos);
  slow = Milliseconds(250);
  for (int i = 0; i < 6; ++i) read();
  const auto text = log.text();
  CHECK(text.find("store.slow_call desk=kouh script=read_messages ms=250 reply_bytes=9 suppressed=") !=
        std::string::npos);
  CHECK(text.find("ms=250 reply_bytes=9 suppressed=3") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "the store's clock decides when a call is late") {
  tell_time("61", "500000");
  REQUIRE(loop.run(runner.measure_clock()).has_value());
  CHECK(runner.now() == from_unix_ms(61'500));
  client.say(R"({"ok":{}})");
  CHECK(write().has_value());
  CHECK(client.calls[0][1] == "63500");
}

TEST_CASE_FIXTURE(Fixture,
                  "of several answers the quickest tells the store's time, as it was in the middle of its way") {
  std::deque<int> trips{400, 100, 20, 100, 300};
  client.wait = [&] {
    clock.advance(Milliseconds(trips.front()));
    trips.pop_front();
  };
  // Asked at 1000, 1400, 1500, 1520 and 1620 by ours; told when the answer set out, at its end but for the third.
  tell_time("61", "400000");
  tell_time("61", "500000");
  tell_time("61", "510000");
  tell_time("61", "520000");
  tell_time("61", "720000");
  REQUIRE(loop.run(runner.measure_clock()).has_value());
  CHECK(trips.empty());
  CHECK(runner.now() - clock.now() == Milliseconds(60'000));
}

TEST_CASE_FIXTURE(Fixture, "what took too long to come tells nothing, be it an answer or a tick") {
  client.wait = [this] { clock.advance(Milliseconds(501)); };
  for (int asked = 0; asked < 5; ++asked) tell_time("61", "000000");
  CHECK(loop.run(runner.measure_clock()).error().code == ErrorCode::unavailable);
  CHECK(runner.now() == clock.now());
  client.say(R"({"ok":{"done":0,"now":90000}})");
  REQUIRE(loop.run(runner.write("timers", "{}")).has_value());
  CHECK(runner.now() == clock.now());
}

TEST_CASE_FIXTURE(Fixture,
                  "when the store's clock was put forward, a call that came late is made again by its new time") {
  client.say(R"({"error":"late","message":"8 s"})");
  tell_time("11", "000000");
  client.say(R"({"ok":{"n":1}})");
  REQUIRE(write().has_value());
  CHECK(client.calls.at(0)[1] == "3000");
  CHECK(client.calls.at(1)[1] == "13000");
}

TEST_CASE_FIXTURE(Fixture, "what came late by a clock that stands right was late, and is not made again") {
  client.say(R"({"error":"late","message":"8 s"})");
  tell_time("1", "000000");
  CHECK(write().error().code == ErrorCode::unavailable);
  CHECK(client.calls.size() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "every tick tells the store's time; an answer that took long contradicts nothing it allows") {
  client.say(R"({"ok":{"done":0,"now":5000}})");
  REQUIRE(loop.run(runner.write("timers", "{}")).has_value());
  CHECK(runner.now() == from_unix_ms(5000));
  clock.advance(Milliseconds(500));
  CHECK(runner.now() == from_unix_ms(5500));
  client.wait = [this] { clock.advance(Milliseconds(400)); };
  client.say(R"({"ok":{"done":0,"now":5900}})");  // asked at 5500, told at 5900
  REQUIRE(loop.run(runner.write("timers", "{}")).has_value());
  CHECK(runner.now() == from_unix_ms(5900));
  client.say(R"({"ok":{"done":0,"now":4000}})");  // put back
  REQUIRE(loop.run(runner.write("timers", "{}")).has_value());
  CHECK(runner.now() < from_unix_ms(4500));
}

TEST_CASE_FIXTURE(Fixture, "errors of scripts are told apart") {
  CHECK(code_after(R"({"error":"not_found","message":"no conversation"})") == ErrorCode::not_found);
  CHECK(code_after(R"({"error":"invalid","message":"x"})") == ErrorCode::invalid);
  CHECK(code_after(R"({"error":"internal","message":"x"})") == ErrorCode::internal);
  CHECK(code_after(R"({"error":"conflict","why":"roster","message":"no roster"})") == ErrorCode::unavailable);
  CHECK(code_after("no json") == ErrorCode::internal);
  client.say(R"({"error":"conflict","why":"taken","message":"by mehri"})");
  CHECK(write().error().message == "taken: by mehri");
  client.say(R"({"error":"conflict","why":"accepted","message":"accepted: offer o_1 is over"})");
  CHECK(write().error().message == "accepted: offer o_1 is over");
}

TEST_CASE_FIXTURE(Fixture, "a store that gives no answer in time is `unavailable`") {
  client.answers.emplace_back(fail(ErrorCode::timeout, "slow"));
  CHECK(write().error().code == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(Fixture, "a stale daemon is told, and its customers are taken in all the same") {
  runner.set_config("old");
  client.say(R"({"error":"stale","message":"x"})");
  client.say(R"({"ok":{}})");
  CHECK(write().has_value());
  CHECK(runner.stale());
  REQUIRE(client.calls.size() == 2);
  CHECK(client.calls[1][2].empty());
  client.say(R"({"ok":{}})");
  CHECK(write().has_value());
  CHECK(client.calls[2][2].empty());  // not compared again until it is no longer stale
}

TEST_CASE("a named caller is told of the offers that its calls made") {
  test::Loop loop;
  FakeClient client;
  ManualClock clock{from_unix_ms(1000)};
  Runner runner{client, clock, {"kouh", std::chrono::seconds(2), 0, false, "us"}};
  std::vector<std::string> offers;
  runner.on_offer([&](const boost::json::object& shown) { offers.emplace_back(shown.at("x").as_string()); });
  client.say(R"({"ok":{"made":[{},{}],"shown":[{"x":"first"},{"x":"second"}]}})");
  CHECK(loop.run(runner.write("timers", "{}")).has_value());
  CHECK(client.calls[0] == std::vector<std::string>{"", "3000", "", "{}", "", "us"});
  CHECK(offers == std::vector<std::string>{"first", "second"});
  client.say(R"({"ok":{}})");
  CHECK(loop.run(runner.read("read_agents", "{}")).has_value());
  CHECK(client.calls[1].size() == 4);
}

TEST_CASE("a replicated write counts when enough replicas have it") {
  test::Loop loop;
  FakeClient client;
  ManualClock clock{from_unix_ms(1000)};
  Runner runner{client, clock, {"kouh", std::chrono::seconds(2), 2, false}};
  redis::Reply replicas;
  replicas.kind = redis::Reply::Kind::integer;
  replicas.integer = 2;
  client.say(R"({"ok":{}})");
  client.answers.emplace_back(replicas);
  CHECK(loop.run(runner.write("receive", "{}")).has_value());
  CHECK(client.calls[1] == std::vector<std::string>{"WAIT", "2", "1000"});
  replicas.integer = 1;
  client.say(R"({"ok":{}})");
  client.answers.emplace_back(replicas);
  CHECK(loop.run(runner.write("receive", "{}")).error().code == ErrorCode::unavailable);
}

}  // namespace peyk::routing::store
