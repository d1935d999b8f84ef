// Where every customer's message comes in: contact, conversation, classification, one script.
#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "routing/channel_messages.h"

namespace peyk::routing {

namespace asio = boost::asio;

class Intake {
 public:
  virtual ~Intake() = default;

  /// Stores the message, opens or continues its conversation, and routes it, all in one script.
  ///
  /// Nothing is stored on error. `unavailable`: the store is down or slow (the message may be sent again under the
  /// same delivery key). `conflict`: the delivery key was used for another body. `unprocessable`: names the field.
  virtual asio::awaitable<Result<Accepted>> receive(Inbound message) = 0;

  /// The customer ends his conversation: resolved by him. `not_found` unless `sender` takes part in it.
  virtual asio::awaitable<Result<>> end(ConversationId conversation, Identity sender) = 0;

  /// His rating of it, 1 to 5.
  virtual asio::awaitable<Result<>> rate(ConversationId conversation, Identity sender, int score,
                                         std::string comment) = 0;
};

}  // namespace peyk::routing
