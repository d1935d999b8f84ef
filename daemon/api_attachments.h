// Files up and down for agents.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/net/http.h"
#include "daemon/permissions.h"
#include "daemon/uploads.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// One thread.
class AttachmentApi {
 public:
  AttachmentApi(routing::Desk& desk, Uploads& uploads) : desk_(desk), uploads_(uploads) {}

  /// The body is the file; `?name=` and Content-Type say what it is called and what it is.
  asio::awaitable<Result<net::Response>> upload(Caller caller, net::Request request);

  /// For who uploaded it, and who may view a conversation that holds it. Always sent as a download: what a stranger
  /// attached is never run in this origin.
  asio::awaitable<Result<net::Response>> download(Caller caller, net::Request request);

 private:
  asio::awaitable<Result<routing::Attachment>> find_visible(Caller caller, routing::BlobId blob);
  asio::awaitable<Result<routing::Attachment>> find_in(routing::ConversationId conversation, routing::BlobId blob);

  routing::Desk& desk_;
  Uploads& uploads_;
};

}  // namespace peyk::daemon
