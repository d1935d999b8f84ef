// One daemon's customers' side over a real desk: channels behind a real HTTP server.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "base/net/http_client.h"
#include "base/net/http_server.h"
#include "channels/registry.h"
#include "tests/support/desk.h"

namespace peyk::test {

/// Declared after the loop and the Redis server, which several may share.
class CustomerHouse {
 public:
  CustomerHouse(Loop& loop, const RedisServer& redis, config::ConfigPtr config);
  ~CustomerHouse();
  CustomerHouse(const CustomerHouse&) = delete;
  CustomerHouse& operator=(const CustomerHouse&) = delete;

  TestDesk& desk() { return desk_; }
  channels::Channels& channels() { return *channels_; }

  net::Response ask(net::Method method, const std::string& target, net::Headers headers = {}, std::string body = {});
  net::Response post_json(const std::string& target, std::string body, net::Headers headers = {});

  /// An open socket of site-chat; fails the test when it is refused.
  std::shared_ptr<net::WebSocket> connect();
  Result<std::shared_ptr<net::WebSocket>> try_connect(const std::string& channel, net::Headers headers);
  /// The same after hello; `welcome` is filled.
  std::shared_ptr<net::WebSocket> visit(boost::json::object& welcome, const std::string& token = {});

  /// Reads on until a frame of that type comes; empty when none comes in 5 s.
  boost::json::object wait_for(net::WebSocket& socket, const std::string& type);

  /// Lets `agent`, who is available, accept the newest offer made to him.
  routing::ConversationId accept(const std::string& agent);
  static routing::Actor actor(const std::string& agent);

 private:
  static asio::awaitable<boost::json::object> read_until(net::WebSocket& socket, std::string type);

  Loop& loop_;
  TestDesk desk_;
  WorkerPool pool_{1};
  net::Routes routes_;
  std::unique_ptr<channels::Channels> channels_;
  std::unique_ptr<net::HttpServer> server_;
  net::Url url_;
};

}  // namespace peyk::test
