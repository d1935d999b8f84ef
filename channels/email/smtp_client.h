// Sends one mail over SMTP.
#pragma once

#include <chrono>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "channels/email/smtp_dialogue.h"

namespace peyk::channels::email {

namespace asio = boost::asio;

struct SmtpServer {
  std::string host;
  std::string port;
  std::string ca_file;                        // PEM roots; empty: the system's
  std::chrono::milliseconds timeout{60'000};  // of connecting, and of each reply
};

/// One connection, one mail. Never an exception for what the peer does: `retry` when it cannot be reached, cuts off,
/// is slow, or shows a certificate that does not fit; `failed` only on its own word (5xx to the mail itself).
asio::awaitable<routing::SendResult> send_by_smtp(SmtpServer server, SmtpSettings settings, SmtpMail mail);

}  // namespace peyk::channels::email
