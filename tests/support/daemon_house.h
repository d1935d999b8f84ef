// The whole daemon in one test's loop: real HTTP, real Redis, real desk.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <boost/json/object.hpp>

#include "base/net/http_client.h"
#include "daemon/application.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_folder.h"

namespace peyk::test {

/// The configuration of a small desk (agents ani, bela, supervisor mehri, admin root; all with the password "secret"),
/// in a file of its own; `redis` is the flow-style value of the key ("{url: unix://…}", "{embedded: true}").
class DaemonHouse {
 public:
  DaemonHouse(Loop& loop, const std::string& redis);
  ~DaemonHouse();

  /// Replaces `from` by `to` in the configuration's file; throws when it is not there.
  void edit(const std::string& from, const std::string& to);

  void start();
  void stop();
  daemon::Application& application() { return *application_; }

  net::Response ask(net::Method method, const std::string& target, const std::string& body = {},
                    const std::string& token = {});
  net::Response form(const std::string& message);
  boost::json::object json(const net::Response& response);
  std::string log_in(const std::string& agent);
  /// Asks until the answer has that status; throws when it never has.
  net::Response wait_for_status(const std::string& target, int status);
  /// Asks /health until this issue is (or is no longer) in it; false when that never comes.
  bool wait_for_issue(const std::string& code, bool present = true);

  std::shared_ptr<net::WebSocket> open(const std::string& token);
  void send(net::WebSocket& socket, const boost::json::object& frame);
  /// The next frame of that type; others are passed over.
  boost::json::object next(net::WebSocket& socket, const std::string& type);

  std::filesystem::path config_file() const { return folder_.path() / "peyk.yaml"; }
  std::filesystem::path folder() const { return folder_.path(); }

 private:
  net::Url url() const;

  Loop& loop_;
  TempFolder folder_;
  std::unique_ptr<daemon::Application> application_;
  bool running_ = false;
};

/// The house beside a store of its own that keeps everything, not started yet.
struct DaemonFixture {
  /// `timeout`: of one call to the store, as the configuration says it.
  explicit DaemonFixture(const std::string& timeout = "1s");

  static std::string text(const boost::json::value& value);

  /// A socket of that agent, who is available; throws when that is not granted.
  std::shared_ptr<net::WebSocket> available(const std::string& agent);
  /// Accepts the next offer on that socket.
  struct Taken {
    boost::json::object offer, detail;
  };
  Taken take(net::WebSocket& socket);
  /// The answer to a reload that the admin asks for.
  net::Response reload();

  Loop loop;
  RedisServer redis{{.aof = true}};
  DaemonHouse house;
};

}  // namespace peyk::test
