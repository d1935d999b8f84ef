// Chats on a desk in memory, and visitors who talk to them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/async/task_group.h"
#include "channels/chat/chat_type.h"
#include "tests/support/config_text.h"
#include "tests/support/customer_http.h"
#include "tests/support/fake_websocket.h"

namespace peyk::test {

inline std::string str(const boost::json::value& value) {
  return std::string(value.as_string());
}

struct ChatSide : CustomerSide {
  explicit ChatSide(const std::string& settings = "kind: chat")
      : config(load_right(minimal_with("kind: chat", settings))),
        type(channels::chat::create_chat_type(context())),
        channel(type->create(config, config->channels.at(ChannelName("site-chat")))) {
    channel->start();
  }
  ~ChatSide() {
    loop.run(channel->stop());
    loop.run(sockets.join());
  }
  ChatSide(const ChatSide&) = delete;
  ChatSide& operator=(const ChatSide&) = delete;

  net::Request handshake(HeaderList headers = {}) const {
    net::Request request;
    request.path = "/chat/site-chat";
    request.captures = {{"channel", "site-chat"}};
    for (auto& [name, value] : headers) request.headers.add(std::move(name), std::move(value));
    request.peer = "192.0.2.1";
    return request;
  }
  const net::WebSocketRoute& route() const {
    return *routes.match(net::Method::get, "/chat/site-chat", true).entry->websocket;
  }

  /// A socket that has not said hello.
  std::shared_ptr<FakeWebSocket> connect() {
    auto socket = std::make_shared<FakeWebSocket>(loop.executor());
    sockets.spawn("socket", route().handler(socket, handshake()));
    return socket;
  }

  /// One that has, and its welcome.
  std::pair<std::shared_ptr<FakeWebSocket>, boost::json::object> visit(const std::string& token = {}) {
    auto socket = connect();
    socket->say(token.empty() ? std::string(R"({"type":"hello"})")
                              : boost::json::serialize(boost::json::object{{"type", "hello"}, {"visitor", token}}));
    auto welcome = next(*socket);
    REQUIRE(welcome.at("type") == "welcome");
    return {socket, welcome};
  }

  /// His first message: acknowledged, and he is told that he waits.
  void write(FakeWebSocket& socket) {
    socket.say(R"({"type":"message","key":"k1","text":"It leaks"})");
    CHECK(next_type(socket) == "ack");
    CHECK(next_type(socket) == "queued");
  }

  boost::json::object next(FakeWebSocket& socket) {
    auto frame = loop.run(socket.next());
    REQUIRE(frame.is_object());
    return frame.as_object();
  }
  std::string next_type(FakeWebSocket& socket) {
    const auto frame = loop.run(socket.next());
    return frame.is_object() ? std::string(frame.at("type").as_string()) : "nothing";
  }
  /// Lets everything under way come to rest; nothing more may have been said.
  bool is_silent(FakeWebSocket& socket) {
    loop.run_for(std::chrono::milliseconds(20));
    return socket.pending() == 0;
  }

  TaskGroup sockets{loop.executor(), "test.sockets"};
  config::ConfigPtr config;
  std::unique_ptr<channels::ChannelType> type;
  std::unique_ptr<channels::Channel> channel;
};

}  // namespace peyk::test
