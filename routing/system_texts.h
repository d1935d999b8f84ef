// What Peyk itself writes to customers: what is being done now and by when.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/random.h"
#include "routing/channel_messages.h"
#include "routing/settings.h"
#include "routing/store/runner.h"

namespace peyk::routing {

namespace asio = boost::asio;

enum class SystemText : std::uint8_t { received, closed, reassigned, resolved };

/// The text of the configuration, else Peyk's own, in the customer's language. `{reference}` and `{opens}` are filled
/// in; `opens` is when the queue opens, as that language and `timezone` write it.
std::string system_text(const config::Config& config, SystemText which, const Language& language);
std::string fill_in(std::string text, std::string_view reference, std::string_view opens);
/// "Sunday, 22 November 2026 at 09:00"; Persian with its own calendar and digits.
std::string show_time(Time at, const Language& language, const std::string& timezone);

/// A text on its way into a conversation.
struct Announcement {
  ConversationId conversation;
  std::string key;  // once per conversation: "received"
  std::string text;
  const config::Channel* via = nullptr;  // sends it; null: it is only shown
  std::string cause;                     // one word, in the event
};

/// Writes them one by one beside the daemon's own work, so that no customer waits for another one's courtesy; tries
/// again while the store cannot be reached. Bounded: beyond 10,000 the newest are dropped, with a line in the log. What
/// is dropped here, or dies with its daemon, is owed by the store until it is written (owed_texts.h).
class SystemTexts {
 public:
  virtual ~SystemTexts() = default;
  virtual void start() = 0;
  virtual asio::awaitable<void> stop() = 0;
  virtual void announce(Announcement announcement) = 0;
};

std::unique_ptr<SystemTexts> create_system_texts(asio::any_io_executor executor, store::Runner& runner,
                                                 RandomSource& random);

}  // namespace peyk::routing
