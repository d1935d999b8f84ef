#include "channels/email/lmtp_dialogue.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::channels::email {
namespace {

constexpr std::size_t kMostRecipients = 100;  // RFC 5321, 4.5.3.1.8: at least these
constexpr int kMostErrors = 20;

struct Path {
  std::string address;
  std::string_view parameters;
};

/// "<local@domain> SIZE=1 …"; a source route (RFC 5321, appendix C) is dropped.
std::optional<Path> read_path(std::string_view argument) {
  argument = trim(argument);
  if (!argument.starts_with('<')) return std::nullopt;
  bool quoted = false;
  std::size_t end = 1;
  for (; end < argument.size() && (quoted || argument[end] != '>'); ++end) {
    if (argument[end] == '\\' && quoted)
      ++end;
    else if (argument[end] == '"')
      quoted = !quoted;
  }
  if (end >= argument.size()) return std::nullopt;
  auto address = argument.substr(1, end - 1);
  if (address.starts_with('@')) {
    const auto colon = address.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    address.remove_prefix(colon + 1);
  }
  if (address.size() > 320 || !is_valid_utf8(address)) return std::nullopt;
  return Path{std::string(address), trim(argument.substr(end + 1))};
}

/// The value of SIZE=; 0 when not given or not a number.
std::size_t declared_size(std::string_view parameters) {
  for (const auto part : split(parameters, ' ')) {
    if (part.size() <= 5 || !ascii_iequals(part.substr(0, 5), "SIZE=")) continue;
    std::size_t size = 0;
    std::from_chars(part.data() + 5, part.data() + part.size(), size);
    return size;
  }
  return 0;
}

/// The rest of `line` after `word` (without case), or nothing.
std::optional<std::string_view> after(std::string_view line, std::string_view word) {
  if (line.size() < word.size() || !ascii_iequals(line.substr(0, word.size()), word)) return std::nullopt;
  return line.substr(word.size());
}

bool is_verb(std::string_view line, std::string_view verb) {
  const auto rest = after(line, verb);
  return rest && (rest->empty() || rest->front() == ' ');
}

}  // namespace

LmtpDialogue::LmtpDialogue(std::string host, std::size_t message_limit, KnowsRecipient knows_recipient)
    : host_(std::move(host)), message_limit_(message_limit), knows_recipient_(std::move(knows_recipient)) {}

LmtpDialogue::Step LmtpDialogue::greeting() const {
  return {fmt::format("220 {} LMTP Peyk\r\n", host_)};
}

LmtpDialogue::Step LmtpDialogue::refused(std::string reply) {
  if (++errors_ < kMostErrors) return {std::move(reply)};
  return {"421 4.7.0 too many errors\r\n", Next::close};
}

LmtpDialogue::Step LmtpDialogue::on_long_line() {
  return refused("500 5.5.6 line too long\r\n");
}

LmtpDialogue::Step LmtpDialogue::on_line(std::string_view line) {
  if (is_verb(line, "LHLO")) {
    greeted_ = true;
    in_mail_ = false;
    return {fmt::format(
        "250-{}\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {}\r\n", host_,
        message_limit_)};
  }
  if (is_verb(line, "QUIT")) return {"221 2.0.0 bye\r\n", Next::close};
  if (is_verb(line, "NOOP")) return {"250 2.0.0 ok\r\n"};
  if (is_verb(line, "VRFY")) return {"252 2.5.0 send and see\r\n"};
  if (is_verb(line, "RSET")) {
    in_mail_ = false;
    return {"250 2.0.0 ok\r\n"};
  }
  if (const auto argument = after(line, "MAIL FROM:")) return mail_from(*argument);
  if (const auto argument = after(line, "RCPT TO:")) return rcpt_to(*argument);
  if (is_verb(line, "DATA")) return data();
  return refused("500 5.5.2 unknown command; this is LMTP\r\n");
}

LmtpDialogue::Step LmtpDialogue::mail_from(std::string_view argument) {
  if (!greeted_) return refused("503 5.5.1 LHLO first\r\n");
  if (in_mail_) return refused("503 5.5.1 a mail is under way\r\n");
  auto path = read_path(argument);
  if (!path) return refused("501 5.1.7 bad sender address\r\n");
  if (declared_size(path->parameters) > message_limit_) {
    return {fmt::format("552 5.3.4 larger than {} bytes\r\n", message_limit_)};
  }
  in_mail_ = true;
  errors_ = 0;  // a mail server keeps a connection for many mails
  envelope_ = {std::move(path->address), {}};
  return {"250 2.1.0 ok\r\n"};
}

LmtpDialogue::Step LmtpDialogue::rcpt_to(std::string_view argument) {
  if (!in_mail_) return refused("503 5.5.1 MAIL first\r\n");
  auto path = read_path(argument);
  if (!path || path->address.empty()) return refused("501 5.1.3 bad recipient address\r\n");
  if (envelope_.recipients.size() >= kMostRecipients) return {"452 4.5.3 too many recipients\r\n"};
  if (!knows_recipient_(path->address)) return {"550 5.1.1 no such address here\r\n"};
  envelope_.recipients.push_back(std::move(path->address));
  return {"250 2.1.5 ok\r\n"};
}

LmtpDialogue::Step LmtpDialogue::data() {
  if (!in_mail_ || envelope_.recipients.empty()) return refused("503 5.5.1 no valid recipients\r\n");
  return {"354 end with a line of one dot\r\n", Next::read_data};
}

LmtpDialogue::Step LmtpDialogue::on_data(const std::vector<std::string>& verdicts) {
  Step step;
  for (const auto& verdict : verdicts) step.reply += fmt::format("{}\r\n", verdict);
  in_mail_ = false;
  envelope_ = {};
  return step;
}

LmtpDialogue::Step LmtpDialogue::on_data(std::string_view verdict) {
  return on_data(std::vector(envelope_.recipients.size(), std::string(verdict)));
}

void MailData::reject() {
  too_large_ = true;
  bytes_ = {};
}

void MailData::keep(std::string_view bytes) {
  if (!too_large_ && bytes_.size() + bytes.size() > limit_) reject();
  if (!too_large_) bytes_.append(bytes);
}

std::size_t MailData::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !ended()) {
    if (state_ == State::text) {
      const auto rest = bytes.substr(taken, bytes.find('\r', taken) - taken);
      keep(rest);
      taken += rest.size();
      if (taken == bytes.size()) break;
      state_ = State::cr;
      ++taken;
    } else if (step(bytes[taken])) {
      ++taken;
    }
  }
  return taken;
}

/// One byte anywhere but inside a line; false: it is to be looked at again in the state that was reached.
bool MailData::step(char byte) {
  switch (state_) {
    case State::line_start: state_ = byte == '.' ? State::dot : State::text; return byte == '.';
    case State::dot: state_ = byte == '\r' ? State::dot_cr : State::text; return byte == '\r';
    case State::dot_cr: state_ = byte == '\n' ? State::ended : State::cr; return byte == '\n';
    case State::cr:
      keep(byte == '\n' ? "\r\n" : "\r");
      if (byte != '\r') state_ = byte == '\n' ? State::line_start : State::text;
      return byte == '\n' || byte == '\r';
    case State::text:
    case State::ended: break;
  }
  return true;
}

}  // namespace peyk::channels::email
