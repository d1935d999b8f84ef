// A WebSocket whose other end is the test.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "base/async/event.h"
#include "base/net/websocket.h"

namespace peyk::test {

class FakeWebSocket : public net::WebSocket {
 public:
  explicit FakeWebSocket(asio::any_io_executor executor) : said_(executor), told_(executor) {}

  // The server's end.
  asio::awaitable<Result<std::string>> read() override {
    while (incoming_.empty() && open_) co_await said_.wait();
    if (incoming_.empty()) co_return fail(ErrorCode::cancelled, "closed");
    auto text = std::move(incoming_.front());
    incoming_.pop_front();
    co_return text;
  }
  bool send(std::string text) override {
    if (!open_) return false;
    outgoing_.push_back(boost::json::parse(text).as_object());
    told_.notify();
    return true;
  }
  void close(int code, std::string_view) override {
    if (!open_) return;
    close_code = code;
    hang_up();
  }
  bool open() const override { return open_; }
  void set_frame_limit(std::size_t bytes) override { frame_limit = bytes; }

  // The test's end.
  void say(std::string text) {
    incoming_.push_back(std::move(text));
    said_.notify();
  }
  void hang_up() {
    open_ = false;
    said_.notify();
    told_.notify();
  }
  /// The next frame; null when it was closed instead, or none came in 2 s.
  asio::awaitable<boost::json::value> next() {
    while (outgoing_.empty() && open_) {
      const bool told = co_await told_.wait(std::chrono::seconds(2));
      if (!told) co_return nullptr;
    }
    if (outgoing_.empty()) co_return nullptr;
    boost::json::value frame = std::move(outgoing_.front());
    outgoing_.pop_front();
    co_return frame;
  }
  std::size_t pending() const { return outgoing_.size(); }

  int close_code = 0;
  std::size_t frame_limit = 0;

 private:
  std::deque<std::string> incoming_;
  std::deque<boost::json::object> outgoing_;
  bool open_ = true;
  Event said_;
  Event told_;
};

}  // namespace peyk::test
