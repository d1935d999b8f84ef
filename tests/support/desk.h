// A whole desk on a real Redis, for tests of routing and of what stands above it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/async/worker_pool.h"
#include "config/config.h"
#include "routing/desk.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_folder.h"

namespace peyk::test {

/// Queues "service" and "billing"; agents "ani" (service) and "mehri" (billing, a
/// supervisor), capacity 4; channels "support-mail", "site-chat", "contact-form" (replies via the mail). Everything
/// else as `change` leaves it.
config::ConfigPtr desk_config(const std::function<void(config::Config&)>& change = {});

/// "service" is open on one day of the week only, and not now.
void close_service(config::Config& config);

/// What an outbox's sender that need not wait returns.
boost::asio::awaitable<routing::SendResult> send_result(routing::SendResult result);

/// One daemon's desk. Declared after the loop and the server that it uses; several may share both.
class TestDesk {
 public:
  TestDesk(Loop& loop, const RedisServer& server, config::ConfigPtr config, const Clock& clock = system_clock());
  ~TestDesk();

  routing::Desk& operator*() { return *desk_; }
  routing::Desk* operator->() { return desk_.get(); }
  redis::Client& client() { return *client_; }
  std::filesystem::path blob_folder() const { return folder_.path() / "blobs"; }

  /// Runs the loop until `condition` holds; false after `limit`.
  bool until(const std::function<bool()>& condition, std::chrono::milliseconds limit = std::chrono::seconds(10));

  /// A form's message of `email`, each with a delivery key of its own.
  static routing::Inbound form(const std::string& email, const std::string& text);

  /// Connects the agent and makes him available.
  void available(const std::string& agent);

  const std::vector<routing::Event>& events() const { return events_; }
  /// The first id of that name in an event of that type, from `from` on; empty: none yet.
  std::string id_in(std::string_view type, std::string_view name, std::size_t from = 0) const;

 private:
  Loop& loop_;
  TempFolder folder_;
  WorkerPool pool_{1};
  std::unique_ptr<redis::Client> client_;
  std::unique_ptr<routing::Desk> desk_;
  std::unique_ptr<routing::EventFeed::Subscription> subscription_;
  std::vector<routing::Event> events_;
};

}  // namespace peyk::test
