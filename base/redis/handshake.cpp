#include "base/redis/handshake.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/async/deadline.h"
#include "base/redis/command.h"
#include "base/redis/reply_parser.h"

namespace peyk::redis {
namespace {

struct Step {
  Command command;
  std::string purpose;  // for the message when it fails
};

void append_scripts(std::vector<Step>& steps, std::span<const Script> scripts) {
  const std::string* loaded = nullptr;  // functions of one library stand together
  for (const auto& script : scripts) {
    const auto purpose = fmt::format("loading the script {} into", script.name);
    if (!script.library) {
      steps.push_back({{"SCRIPT", "LOAD", script.text}, purpose});
    } else if (loaded == nullptr || *loaded != *script.library) {
      loaded = script.library.get();
      steps.push_back({{"FUNCTION", "LOAD", *loaded}, purpose});
    }
  }
}

std::vector<Step> steps_of(const Endpoint& endpoint, std::span<const Script> scripts) {
  std::vector<Step> steps;
  if (!endpoint.password.empty() || !endpoint.user.empty()) {
    Command auth{"AUTH"};
    if (!endpoint.user.empty()) auth.push_back(endpoint.user);
    auth.push_back(endpoint.password.reveal());
    steps.push_back({std::move(auth), "logging in to"});
  }
  if (endpoint.database != 0) {
    steps.push_back({{"SELECT", std::to_string(endpoint.database)}, "choosing the database of"});
  }
  append_scripts(steps, scripts);
  steps.push_back({{"PING"}, "greeting"});
  return steps;
}

Result<> check(const Step& step, const Reply& reply, const Endpoint& endpoint) {
  if (!reply.is_error()) return {};
  // A user without the right to PING is answered all the same: the server is there and not loading.
  if (step.command.front() == "PING" && reply.text.starts_with("NOPERM")) return {};
  // A library stays from one connection to the next; where it cannot be written now, calls will say so.
  if (step.command.front() == "FUNCTION") {
    for (const std::string_view fine : {"already exists", "MISCONF", "READONLY", "OOM"}) {
      if (reply.text.find(fine) != std::string::npos) return {};
    }
    // The rest of that answer is the library itself.
    if (reply.text.starts_with("ERR unknown command")) {
      return fail(ErrorCode::unavailable,
                  fmt::format("{} is {}: it has no command FUNCTION", describe(endpoint), kTooOld));
    }
  }
  return fail(ErrorCode::unavailable, fmt::format("{} {}: {}", step.purpose, describe(endpoint), reply.text));
}

asio::awaitable<Result<>> exchange(Transport& transport, const Endpoint& endpoint, std::span<const Step> steps) {
  std::string output;
  for (const auto& step : steps) append_command(output, step.command);
  auto written = co_await transport.write(output);
  if (!written) co_return std::move(written);
  constexpr std::size_t kLargestReply = std::size_t{64} << 10U;
  ReplyParser parser(kLargestReply);
  std::array<char, 4096> buffer{};
  while (!steps.empty()) {
    auto reply = parser.next();
    if (!reply) co_return std::unexpected(std::move(reply.error()));
    if (*reply) {
      auto good = check(steps.front(), **reply, endpoint);
      if (!good) co_return std::move(good);
      steps = steps.subspan(1);
      continue;
    }
    const auto size = co_await transport.read_some(buffer);
    if (!size) co_return std::unexpected(size.error());
    parser.feed({buffer.data(), *size});
  }
  if (parser.in_the_middle()) {
    co_return fail(ErrorCode::unavailable, fmt::format("{} sends what nobody asked for", describe(endpoint)));
  }
  co_return Result<>{};
}

asio::awaitable<Result<std::unique_ptr<Transport>>> connect_and_greet(const ClientOptions& options,
                                                                      std::span<const Script> scripts) {
  auto transport = co_await open_transport(options.endpoint);
  if (!transport) co_return std::move(transport);
  const auto steps = steps_of(options.endpoint, scripts);
  auto greeted = co_await exchange(**transport, options.endpoint, steps);
  if (!greeted) co_return std::unexpected(std::move(greeted.error()));
  co_return std::move(transport);
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<Transport>>> open_connection(const ClientOptions& options,
                                                                    std::span<const Script> scripts) {
  auto opened = co_await with_deadline(options.timeout, connect_and_greet(options, scripts));
  if (!opened && opened.error().code == ErrorCode::timeout) {
    co_return fail(ErrorCode::unavailable, fmt::format("{} does not answer", describe(options.endpoint)));
  }
  co_return std::move(opened);
}

}  // namespace peyk::redis
