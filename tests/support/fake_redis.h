// A Redis client of a few plain commands in memory, for tests that need no server.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/redis/client.h"

namespace peyk::test {

namespace asio = boost::asio;

/// GET, SET (NX heard, times to live remembered), DEL. `down = true`: every call fails `unavailable`.
class FakeRedis : public redis::Client {
 public:
  std::map<std::string, std::string> values;
  std::map<std::string, std::string> lifetimes;  // key → the argument of PX
  bool down = false;

  void start(std::vector<redis::Script>) override {}
  asio::awaitable<void> stop() override { co_return; }
  asio::awaitable<Result<redis::Reply>> call(redis::Command command) override { co_return answer(command); }
  asio::awaitable<Result<redis::Reply>> call(redis::Command command, std::chrono::milliseconds) override {
    co_return answer(command);
  }
  asio::awaitable<Result<redis::Reply>> eval(const redis::Script&, std::vector<std::string>,
                                             std::vector<std::string>) override {
    co_return fail(ErrorCode::internal, "no scripts here");
  }
  asio::awaitable<Result<std::vector<redis::Reply>>> pipeline(std::vector<redis::Command>) override {
    co_return fail(ErrorCode::internal, "no pipelines here");
  }
  bool connected() const override { return !down; }
  std::string last_error() const override { return {}; }
  asio::awaitable<bool> wait_connected(std::chrono::milliseconds) override { co_return !down; }
  void on_connected(std::function<void()>) override {}
  void on_disconnected(std::function<void()>) override {}

 private:
  Result<redis::Reply> answer(const redis::Command& command) {
    if (down) return fail(ErrorCode::unavailable, "the store is down");
    redis::Reply reply;
    const auto& key = command.at(1);
    if (command.front() == "GET" && values.contains(key)) {
      reply.kind = redis::Reply::Kind::text;
      reply.text = values[key];
    } else if (command.front() == "SET") {
      const bool only_new = command.back() == "NX";
      if (!only_new || !values.contains(key)) values[key] = command.at(2);
      if (command.size() > 4 && command[3] == "PX") lifetimes[key] = command[4];
      reply.kind = redis::Reply::Kind::text;
      reply.text = "OK";
    } else if (command.front() == "DEL") {
      reply.kind = redis::Reply::Kind::integer;
      reply.integer = static_cast<std::int64_t>(values.erase(key));
    }
    return reply;
  }
};

}  // namespace peyk::test
