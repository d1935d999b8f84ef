// Texts that the store still owes to customers, though whoever gave rise to them may be dead.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "routing/conversation.h"
#include "routing/desk_core.h"
#include "routing/system_texts.h"

namespace peyk::routing {

namespace asio = boost::asio;

/// What is said at once of a new message: that it came, and, where its queue is closed, when that opens. `text` is
/// empty where nothing need be: in a chat (`sent` false) that is answered now.
struct NextStepText {
  std::string text;
  std::string cause;
};
NextStepText next_step_text(Settings& settings, const QueueName& queue, const Language& language,
                            const std::string& reference, bool sent, Time now);

/// What a conversation's customer is told under `key` (docs/store.md, `texts_due`); nullopt when it is out of place by
/// now, or no text of that key is known.
std::optional<Announcement> announcement_of(Settings& settings, const Conversation& conversation,
                                            const std::string& key, Time now);

/// The key of an answer that a call's reply lists under `overflow`.
std::string answer_key(const boost::json::object& listed);

/// Tells the customer of `conversation` an answer that a call's reply lists under `overflow`.
void announce_answer(DeskCore& core, const Conversation& conversation, const boost::json::object& listed);

/// Asks the store every few seconds for texts that nobody has said in time, and says them. Several daemons may: a key
/// is said once.
class OwedTexts {
 public:
  virtual ~OwedTexts() = default;
  virtual void start() = 0;
  virtual asio::awaitable<void> stop() = 0;
};

std::unique_ptr<OwedTexts> create_owed_texts(DeskCore& core);

}  // namespace peyk::routing
