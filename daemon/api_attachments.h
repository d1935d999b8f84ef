// Files up and down for agents.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/net/http.h"
#include "channels/web/byte_quota.h"
#include "config/config.h"
#include "daemon/login_guard.h"
#include "daemon/permissions.h"
#include "daemon/sessions.h"
#include "daemon/uploads.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// The largest file that an agent may send: what one customer of the desk may, in a chat or by mail; without either,
/// what any request may have.
std::uint64_t largest_file(const config::Config& config);

/// One thread.
class AttachmentApi {
 public:
  AttachmentApi(routing::Desk& desk, Uploads& uploads, const Clock& clock, ConfigSource config)
      : desk_(desk), uploads_(uploads), clock_(clock), config_(std::move(config)) {}

  void attach(net::Routes& routes, LoginGuard& guard);

 private:
  std::uint64_t most_in_a_day() const;

  /// 429 when the file is more than is left of what he may upload in a day, saying when that begins anew; where its
  /// length is not announced, when nothing is left.
  std::optional<net::Response> refuse(const Caller& caller, const net::Request& request) const;

  /// The body is the file; `?name=` and Content-Type say what it is called and what it is. 429 past what an
  /// agent may upload in a day.
  asio::awaitable<Answer> upload(Caller caller, net::Request request);

  /// For who uploaded it, and who may view a conversation that holds it. Always sent as a download: what a stranger
  /// attached is never run in this origin.
  asio::awaitable<Answer> download(Caller caller, net::Request request);

  asio::awaitable<Result<routing::Attachment>> find_visible(Caller caller, routing::BlobId blob);

  routing::Desk& desk_;
  Uploads& uploads_;
  const Clock& clock_;
  ConfigSource config_;
  channels::ByteQuota quota_{std::chrono::hours(24)};
};

}  // namespace peyk::daemon
