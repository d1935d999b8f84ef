// Files that agents uploaded and may attach to their answers.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "base/redis/client.h"
#include "daemon/sessions.h"
#include "routing/blobs.h"
#include "routing/conversation.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// Remembers name and type of what an agent uploaded, for a day (`peyk:{desk}:upload:AGENT:BLOB`), so that an answer
/// sent through any daemon may name it. Only who uploaded a file may attach it: an id that was guessed or overheard
/// attaches nothing. One thread.
class Uploads {
 public:
  Uploads(redis::Client& client, routing::Blobs& blobs, ConfigSource config)
      : client_(client), blobs_(blobs), config_(std::move(config)) {}

  asio::awaitable<Result<routing::Attachment>> add(AgentName agent, std::string name, std::string type,
                                                   std::string content);

  /// `not_found` unless this agent uploaded it.
  asio::awaitable<Result<routing::Attachment>> find(AgentName agent, routing::BlobId blob);

  /// `unprocessable` naming `attachments` when one of them is not his.
  asio::awaitable<Result<std::vector<routing::Attachment>>> find_all(AgentName agent, std::vector<std::string> blobs);

 private:
  std::string key(const AgentName& agent, const routing::BlobId& blob) const;

  redis::Client& client_;
  routing::Blobs& blobs_;
  ConfigSource config_;
};

}  // namespace peyk::daemon
