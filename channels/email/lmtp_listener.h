// Takes mail from the site's own mail server over LMTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "channels/email/lmtp_dialogue.h"

namespace peyk::channels::email {

namespace asio = boost::asio;

/// What became of a mail for each of its recipients, in their order. Success: an id for the log of the mail server. An
/// error decides the reply: `unavailable`, `timeout` and `cancelled` are temporary (451), `too_large` 552, any other
/// 554.
using Delivered = std::vector<Result<std::string>>;
using DeliverMail = std::function<asio::awaitable<Delivered>(LmtpEnvelope, std::string bytes)>;

struct LmtpOptions {
  std::string listen;  // "tcp:HOST:PORT" or "unix:PATH"
  std::string host;    // the name in the greeting
  std::size_t message_limit = std::size_t{25} << 20U;
  std::size_t sessions = 50;  // more wait to be accepted
  // Of all mails being taken in at one time; what comes beyond it is answered 452. One mail always has room.
  std::size_t mails_bytes = std::size_t{256} << 20U;
};

class LmtpListener {
 public:
  virtual ~LmtpListener() = default;
  /// Listens, accepting nobody yet. Throws when it cannot.
  virtual void open() = 0;
  /// Accepts; opens first if that is not done.
  virtual void start() = 0;
  /// Accepts no more; a session ends after the mail it is taking in, whose replies are written.
  virtual asio::awaitable<void> stop() = 0;
  virtual std::uint16_t port() const = 0;
};

std::unique_ptr<LmtpListener> create_lmtp_listener(asio::any_io_executor executor, LmtpOptions options,
                                                   KnowsRecipient knows_recipient, DeliverMail deliver);

}  // namespace peyk::channels::email
