// SMTP's client side (RFC 5321, 3207, 4954) as a state machine without I/O: replies in, commands out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "routing/channel_messages.h"

namespace peyk::channels::email {

enum class TlsPolicy : std::uint8_t { required, opportunistic, none };

struct SmtpMail {
  std::string sender;     // envelope
  std::string recipient;  // envelope
  std::string bytes;      // RFC 5322 with CRLF
};

struct SmtpSettings {
  std::string helo;
  TlsPolicy tls = TlsPolicy::required;
  bool starts_secure = false;  // smtps: TLS before the greeting
  std::string user;            // empty: no AUTH
  Secret password;
};

/// Sends one mail. The owner feeds whole replies; a step says what to write or do, or how it ended.
class SmtpDialogue {
 public:
  SmtpDialogue(SmtpSettings settings, const SmtpMail& mail);

  enum class Next : std::uint8_t {
    write,      // `text`, then read a reply
    start_tls,  // then call on_tls
    done,       // `result`; write `text` (QUIT) if there is any, without waiting
  };
  struct Step {
    Next next = Next::write;
    std::string text;
    routing::SendResult result;
  };

  /// A whole reply: its code and its lines without the code, joined by LF.
  Step on_reply(int code, std::string_view lines);
  Step on_tls();

 private:
  enum class State : std::uint8_t { greeting, ehlo, start_tls, auth, auth_user, auth_password, mail, rcpt, data, body };

  Step say(State next, std::string text);
  Step ended(routing::SendResult::Kind kind, std::string detail);
  Step refused(int code, std::string_view lines);
  Step after_ehlo(std::string_view lines);
  Step begin_auth();
  Step begin_mail();
  Step send_body();

  SmtpSettings settings_;
  const SmtpMail& mail_;
  State state_ = State::greeting;
  bool secure_;
  bool offers_tls_ = false;
  bool offers_size_ = false;
  bool offers_8bit_ = false;
  bool offers_utf8_ = false;
  bool offers_plain_ = false;
  bool offers_login_ = false;
};

/// The mail as DATA sends it: lines that begin with a dot get another one (RFC 5321, 4.5.2), then the final dot.
std::string dot_stuffed(std::string_view bytes);

}  // namespace peyk::channels::email
