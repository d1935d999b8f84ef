// What the configuration says about channels. A new kind of channel is a struct here and a line in the variant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "config/values.h"

namespace peyk::config {

/// TCP "tcp:HOST:PORT" or Unix "unix:PATH".
struct SocketAddress {
  std::string host;  // empty with a Unix socket
  std::uint16_t port = 0;
  std::string unix_path;
  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
};
std::string to_string(const SocketAddress& address);

struct Lmtp {
  SocketAddress listen;
  friend bool operator==(const Lmtp&, const Lmtp&) = default;
};

struct Imap {
  std::string host;
  std::uint16_t port = 993;
  bool tls = true;  // imaps
  std::string mailbox = "INBOX";
  std::string user;
  Secret password;
  std::string move_to;  // folder for what was taken in; empty: marked \Seen where it is
  friend bool operator==(const Imap&, const Imap&) = default;
};

enum class SmtpScheme : std::uint8_t {
  smtp,     // STARTTLS as `tls` says
  smtps,    // TLS from the first byte
  maildir,  // writes into a folder instead of sending
};
enum class SmtpTls : std::uint8_t { required, opportunistic, none };

struct Smtp {
  SmtpScheme scheme = SmtpScheme::smtp;
  std::string host;
  std::uint16_t port = 587;
  std::string maildir;  // absolute, or below state_dir: already joined
  std::string user;     // empty: no AUTH
  Secret password;
  SmtpTls tls = SmtpTls::required;
  std::string ca_file;  // PEM roots; empty: the system's
  Duration timeout{60'000};
  friend bool operator==(const Smtp&, const Smtp&) = default;
};

struct EmailLimits {
  std::uint64_t message_bytes = std::uint64_t{25} << 20U;
  int parts = 200;
  int nesting = 20;
  friend bool operator==(const EmailLimits&, const EmailLimits&) = default;
};

struct EmailChannel {
  std::string address;  // local@domain; replies go to local+TOKEN@domain
  std::string name;     // display name of the sender; empty: the channel's address alone
  std::optional<Lmtp> lmtp;
  std::optional<Imap> imap;
  std::optional<Smtp> smtp;
  EmailLimits limits;
  friend bool operator==(const EmailChannel&, const EmailChannel&) = default;
};

struct ChatLimits {
  std::uint64_t text_bytes = std::uint64_t{16} << 10U;
  std::uint64_t attachment_bytes = std::uint64_t{25} << 20U;
  std::optional<Rate> messages;  // of one visitor; none: unlimited
  std::optional<Rate> visitors;  // new visitors from one address; none: unlimited
  friend bool operator==(const ChatLimits&, const ChatLimits&) = default;
};

struct ChatChannel {
  std::vector<std::string> origins;                   // "https://host[:port]", lower case
  Duration visitor_lifetime = std::chrono::days(90);  // a visitor's token, from its last use
  ChatLimits limits;
  friend bool operator==(const ChatChannel&, const ChatChannel&) = default;
};

struct FormField {
  std::string name;
  Texts label;
  std::vector<std::string> choices;  // empty: free text
  bool required = false;
  int max_length = 1000;  // characters
  friend bool operator==(const FormField&, const FormField&) = default;
};

struct FormLimits {
  std::uint64_t text_bytes = std::uint64_t{64} << 10U;  // of `message`
  int attachments = 10;
  std::optional<Rate> submissions;  // from one address; none: unlimited
  friend bool operator==(const FormLimits&, const FormLimits&) = default;
};

struct FormChannel {
  ChannelName reply_via;  // the mail channel answers go through; empty: status page alone
  std::vector<std::string> origins;
  std::vector<FormField> fields;  // in the order of the file
  FormLimits limits;
  friend bool operator==(const FormChannel&, const FormChannel&) = default;
};

struct Channel {
  ChannelName name;
  Language locale;    // of its texts, and of a message whose language is not clear
  Language language;  // every message's language; empty (`auto`): found from its text
  std::variant<EmailChannel, ChatChannel, FormChannel> settings;
  Place place;

  ChannelKind kind() const { return static_cast<ChannelKind>(settings.index()); }
  const EmailChannel* email() const { return std::get_if<EmailChannel>(&settings); }
  const ChatChannel* chat() const { return std::get_if<ChatChannel>(&settings); }
  const FormChannel* form() const { return std::get_if<FormChannel>(&settings); }
};

}  // namespace peyk::config
