// Files up and down for agents.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/net/http.h"
#include "daemon/login_guard.h"
#include "daemon/permissions.h"
#include "daemon/uploads.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// One thread.
class AttachmentApi {
 public:
  AttachmentApi(routing::Desk& desk, Uploads& uploads) : desk_(desk), uploads_(uploads) {}

  void attach(net::Routes& routes, LoginGuard& guard);

 private:
  /// The body is the file; `?name=` and Content-Type say what it is called and what it is.
  asio::awaitable<Answer> upload(Caller caller, net::Request request);

  /// For who uploaded it, and who may view a conversation that holds it. Always sent as a download: what a stranger
  /// attached is never run in this origin.
  asio::awaitable<Answer> download(Caller caller, net::Request request);

  asio::awaitable<Result<routing::Attachment>> find_visible(Caller caller, routing::BlobId blob);

  routing::Desk& desk_;
  Uploads& uploads_;
};

}  // namespace peyk::daemon
