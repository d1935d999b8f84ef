// Any bytes as an agent's frames, one a line: each gets its one answer, and only clean fields get through.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <spdlog/spdlog.h>

#include "base/text.h"
#include "daemon/agent_socket.h"
#include "tests/fuzz/open_desk.h"
#include "tests/fuzz/small_desk.h"
#include "tests/support/fake_redis.h"
#include "tests/support/fake_websocket.h"

namespace {

using namespace peyk;
namespace json = boost::json;

void must_end_well(const std::exception_ptr& exception) {
  if (exception) std::abort();
}

class NoBlobs : public routing::Blobs {
 public:
  asio::awaitable<Result<routing::BlobId>> put(std::string) override { co_return fail(ErrorCode::unavailable, "no"); }
  asio::awaitable<Result<std::string>> get(routing::BlobId) override { co_return fail(ErrorCode::not_found, "no"); }
  asio::awaitable<Result<>> keep(std::vector<routing::BlobId>) override { co_return Result<>(); }
  routing::Trouble trouble() const override { return {}; }
};

class AnisSession : public daemon::Sessions {
 public:
  asio::awaitable<Result<daemon::LogIn>> log_in(AgentName, Secret, std::string) override {
    co_return fail(ErrorCode::unavailable, "no");
  }
  asio::awaitable<Result<daemon::Session>> find(std::string) override {
    co_return daemon::Session{"s", AgentName("ani"), {}};
  }
  asio::awaitable<Result<>> end(std::string) override { co_return Result<>(); }
  asio::awaitable<Result<>> check(daemon::Session) override { co_return Result<>(); }
};

class Host : public daemon::SocketHost {
 public:
  explicit Host(asio::io_context& context) : context_(context) {}
  asio::awaitable<Result<>> enter(const std::string&, daemon::Session, std::shared_ptr<net::WebSocket>) override {
    co_return Result<>();
  }
  void leave(const std::string&, const AgentName&) override {}
  void declined(const AgentName&, const std::string&, const std::string&) override {}
  std::string shown(const AgentName&, const std::string&, const std::string&) const override { return "m_1"; }
  bool spawn(std::string_view, asio::awaitable<void> work) override {
    asio::co_spawn(context_, std::move(work), must_end_well);
    return true;
  }

 private:
  asio::io_context& context_;
};

/// What stands behind all agents' sockets.
struct House {
  House() { spdlog::set_level(spdlog::level::off); }

  config::ConfigPtr config = fuzz::small_desk();
  daemon::ConfigSource source = [this] { return config; };
  fuzz::OpenDesk desk{config};
  test::FakeRedis redis;
  NoBlobs blobs;
  daemon::Uploads uploads{redis, blobs, source};
  std::unique_ptr<daemon::Metrics> metrics = daemon::create_metrics();
  AnisSession sessions;
  std::unique_ptr<daemon::Commands> commands =
      daemon::create_commands({desk, uploads, *metrics, system_clock(), source});
};

void check_answer(const json::value& answer) {
  const auto& frame = answer.as_object();
  const bool error = frame.at("type") == "error";
  fuzz::require(frame.contains("re") && (error || frame.at("type") == "ok"));
  if (!error) return;
  fuzz::require(!frame.at("message").as_string().empty() && frame.at("code") != "internal");
  fuzz::require(is_valid_utf8(json::serialize(frame)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static House house;
  asio::io_context context;
  Host host(context);
  const auto socket = std::make_shared<test::FakeWebSocket>(context.get_executor());
  socket->say(R"({"type":"hello","token":"t"})");
  const auto lines = split({reinterpret_cast<const char*>(data), size}, '\n');
  for (const auto line : lines) socket->say(std::string(line));
  daemon::SocketDependencies dependencies{house.sessions, *house.commands, house.source, host, "s_1"};
  asio::co_spawn(context, daemon::run_agent_socket(std::move(dependencies), socket, "192.0.2.1"), must_end_well);
  context.poll();
  fuzz::require(socket->pending() == lines.size());
  asio::co_spawn(
      context,
      [](test::FakeWebSocket& answers) -> asio::awaitable<void> {
        while (answers.pending() > 0) {
          const auto answer = co_await answers.next();
          check_answer(answer);
        }
      }(*socket),
      must_end_well);
  context.poll();
  socket->hang_up();
  context.poll();
  return 0;
}
