// An agent's socket: commands in order, read ahead of their turn.
#include "daemon/agent_socket.h"

#include <map>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "base/async/event.h"
#include "base/async/task_group.h"
#include "tests/support/config_text.h"
#include "tests/support/fake_websocket.h"
#include "tests/support/loop.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;

class OneSession : public Sessions {
 public:
  asio::awaitable<Result<LogIn>> log_in(AgentName, Secret, std::string) override {
    co_return fail(ErrorCode::unavailable, "");
  }
  asio::awaitable<Result<Session>> find(std::string) override { co_return Session{"s", AgentName("ani"), {}}; }
  asio::awaitable<Result<>> end(std::string) override { co_return Result<>(); }
  asio::awaitable<Result<>> check(Session) override { co_return Result<>(); }
};

/// Does nothing until it is let.
class HeldCommands : public Commands {
 public:
  explicit HeldCommands(asio::any_io_executor executor) : released(std::move(executor)) {}
  asio::awaitable<Result<json::object>> run(Caller, std::string command, json::object fields) override {
    begun.emplace_back(std::move(command), std::move(fields));
    while (held) co_await released.wait();
    co_return json::object();
  }

  std::vector<std::pair<std::string, json::object>> begun;
  bool held = true;
  Event released;
};

class Host : public SocketHost {
 public:
  explicit Host(asio::any_io_executor executor) : tasks(std::move(executor), "test.host") {}
  asio::awaitable<Result<>> enter(const std::string&, Session, std::shared_ptr<net::WebSocket>) override {
    ++present;
    co_return Result<>();
  }
  void leave(const std::string&, const AgentName&) override { --present; }
  void declined(const AgentName&, const std::string&, const std::string&) override {}
  std::string shown(const AgentName&, const std::string&, const std::string& conversation) const override {
    const auto found = last.find(conversation);
    return found == last.end() ? std::string() : found->second;
  }
  bool spawn(std::string_view name, asio::awaitable<void> work) override { return tasks.spawn(name, std::move(work)); }

  int present = 0;
  std::map<std::string, std::string> last;
  TaskGroup tasks;
};

struct Side {
  test::Loop loop;
  config::ConfigPtr config = test::load_right(test::minimal());
  OneSession sessions;
  HeldCommands commands{loop.executor()};
  Host host{loop.executor()};
  std::shared_ptr<test::FakeWebSocket> socket = std::make_shared<test::FakeWebSocket>(loop.executor());
  TaskGroup sockets{loop.executor(), "test.sockets"};

  Side() {
    SocketDependencies dependencies{sessions, commands, [this] { return config; }, host, "s_1"};
    sockets.spawn("socket", run_agent_socket(std::move(dependencies), socket, "192.0.2.1"));
    socket->say(R"({"type":"hello","token":"t"})");
    rest();
  }
  ~Side() {
    loop.run(sockets.stop());
    loop.run(host.tasks.stop());
  }
  void rest() { loop.run_for(std::chrono::milliseconds(5)); }
  void release() {
    commands.held = false;
    commands.released.notify();
    rest();
  }
  json::object next() { return loop.run(socket->next()).as_object(); }
};

}  // namespace

TEST_CASE_FIXTURE(Side, "commands are done one after another, in their order") {
  socket->say(R"({"type":"presence","id":1})");
  socket->say(R"({"type":"accept","id":2})");
  socket->say("no JSON");
  rest();
  REQUIRE(commands.begun.size() == 1);
  CHECK(socket->pending() == 0);
  release();
  CHECK(next().at("re") == 1);
  CHECK(next().at("re") == 2);
  CHECK(next().at("code") == "invalid");
  CHECK(commands.begun.back().first == "accept");
}

TEST_CASE_FIXTURE(Side, "what puts a conversation aside, or answers it, carries what had been shown when it came") {
  host.last["c_1"] = "m_1";
  socket->say(R"({"type":"presence","id":1})");
  socket->say(R"({"type":"resolve","id":2,"conversation":"c_1"})");
  socket->say(R"({"type":"pending","id":3,"conversation":"c_1","seen":"m_own"})");
  socket->say(R"({"type":"snooze","id":4,"conversation":"c_2"})");
  socket->say(R"({"type":"note","id":5,"conversation":"c_1"})");
  socket->say(R"({"type":"reply","id":6,"conversation":"c_1"})");
  rest();
  host.last["c_1"] = "m_2";  // shown while they wait for their turn
  host.last["c_2"] = "m_3";
  release();
  REQUIRE(commands.begun.size() == 6);
  CHECK(commands.begun[1].second.at("seen") == "m_1");
  CHECK(commands.begun[2].second.at("seen") == "m_own");
  CHECK(commands.begun[3].second.at("seen") == "none");
  CHECK_FALSE(commands.begun[4].second.contains("seen"));
  CHECK(commands.begun[5].second.at("seen") == "m_1");
}

TEST_CASE_FIXTURE(Side, "a supervisor is not taken to have been shown what he does for others") {
  auto changed = *config;
  changed.agents.begin()->second.role = Role::supervisor;
  config = std::make_shared<const config::Config>(std::move(changed));
  socket->say(R"({"type":"resolve","id":1,"conversation":"c_1"})");
  release();
  CHECK_FALSE(commands.begun.at(0).second.contains("seen"));
}

TEST_CASE_FIXTURE(Side, "who hangs up is gone at once, and what he had asked for is done") {
  socket->say(R"({"type":"presence","id":1})");
  socket->say(R"({"type":"resolve","id":2,"conversation":"c_1"})");
  rest();
  CHECK(host.present == 1);
  socket->hang_up();
  rest();
  CHECK(host.present == 0);
  CHECK(sockets.size() == 1);
  release();
  CHECK(commands.begun.size() == 2);
  CHECK(sockets.size() == 0);
}

TEST_CASE_FIXTURE(Side, "so many are read ahead, and no more") {
  for (int i = 0; i < 400; ++i) socket->say(R"({"type":"presence","id":1})");
  rest();
  CHECK(commands.begun.size() == 1);
  release();
  CHECK(commands.begun.size() == 400);
}

}  // namespace peyk::daemon
