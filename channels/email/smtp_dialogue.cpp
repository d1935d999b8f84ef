#include "channels/email/smtp_dialogue.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::channels::email {
namespace {

using Kind = routing::SendResult::Kind;

constexpr std::size_t kLongestDetail = 300;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) { return static_cast<unsigned char>(letter) < 0x80; });
}

/// What must never stand inside an envelope address, whoever wrote it.
bool breaks_command(std::string_view address) {
  return address.find_first_of("\r\n<>") != std::string_view::npos || address.find('\0') != std::string_view::npos;
}

}  // namespace

SmtpDialogue::SmtpDialogue(SmtpSettings settings, const SmtpMail& mail)
    : settings_(std::move(settings)), mail_(mail), secure_(settings_.starts_secure) {}

SmtpDialogue::Step SmtpDialogue::say(State next, std::string text) {
  state_ = next;
  return {Next::write, std::move(text) + "\r\n", {}};
}

SmtpDialogue::Step SmtpDialogue::ended(Kind kind, std::string detail) {
  return {Next::done, "QUIT\r\n", {kind, {}, std::move(detail)}};
}

SmtpDialogue::Step SmtpDialogue::refused(int code, std::string_view lines) {
  auto detail = truncate_utf8(clean_line(fmt::format("{} {}", code, lines)), kLongestDetail);
  // A refused login is our own mistake to mend; the mail is as good as before.
  const bool login = state_ == State::auth || state_ == State::auth_user || state_ == State::auth_password;
  const bool for_good = code >= 500 && code <= 599 && !login && state_ != State::greeting && state_ != State::ehlo;
  return ended(for_good ? Kind::failed : Kind::retry, std::move(detail));
}

SmtpDialogue::Step SmtpDialogue::on_reply(int code, std::string_view lines) {
  const int group = code / 100;
  switch (state_) {
    case State::greeting:
      if (code != 220) return refused(code, lines);
      if (breaks_command(mail_.sender) || breaks_command(mail_.recipient)) {
        return ended(Kind::failed, "the address cannot be written in SMTP");
      }
      return say(State::ehlo, "EHLO " + settings_.helo);
    case State::ehlo: return group == 2 ? after_ehlo(lines) : refused(code, lines);
    case State::start_tls:
      if (code != 220) return ended(Kind::retry, "the server offers STARTTLS and then refuses it");
      return {Next::start_tls, {}, {}};
    case State::auth_user:
      if (code != 334) return refused(code, lines);
      return say(State::auth_password, base64_encode(settings_.user));
    case State::auth_password:
      if (code != 334) return refused(code, lines);
      return say(State::auth, base64_encode(settings_.password.reveal()));
    case State::auth: return group == 2 ? begin_mail() : refused(code, lines);
    case State::mail:
      if (group != 2) return refused(code, lines);
      return say(State::rcpt, fmt::format("RCPT TO:<{}>", mail_.recipient));
    case State::rcpt: return group == 2 ? say(State::data, "DATA") : refused(code, lines);
    case State::data: return code == 354 ? send_body() : refused(code, lines);
    case State::body: return group == 2 ? ended(Kind::sent, {}) : refused(code, lines);
  }
  return ended(Kind::retry, "unexpected reply");
}

SmtpDialogue::Step SmtpDialogue::on_tls() {
  secure_ = true;
  // What was said in plain counts no more (RFC 3207, 4.2).
  offers_size_ = offers_8bit_ = offers_utf8_ = offers_plain_ = offers_login_ = false;
  return say(State::ehlo, "EHLO " + settings_.helo);
}

SmtpDialogue::Step SmtpDialogue::after_ehlo(std::string_view lines) {
  offers_tls_ = false;
  for (const auto line : split(lines, '\n')) {
    const auto words = split(trim(line), ' ');
    const auto keyword = ascii_lower(words.front());
    if (keyword == "starttls") offers_tls_ = true;
    if (keyword == "size") offers_size_ = true;
    if (keyword == "8bitmime") offers_8bit_ = true;
    if (keyword == "smtputf8") offers_utf8_ = true;
    if (keyword != "auth" && !keyword.starts_with("auth=")) continue;
    for (const auto word : words) {
      if (ascii_iequals(word, "PLAIN")) offers_plain_ = true;
      if (ascii_iequals(word, "LOGIN")) offers_login_ = true;
    }
  }
  if (!secure_ && offers_tls_ && settings_.tls != TlsPolicy::none) return say(State::start_tls, "STARTTLS");
  if (!secure_ && settings_.tls == TlsPolicy::required) {
    return ended(Kind::retry, "the server offers no STARTTLS; set tls: none where plain text is meant");
  }
  return settings_.user.empty() ? begin_mail() : begin_auth();
}

SmtpDialogue::Step SmtpDialogue::begin_auth() {
  if (offers_plain_) {
    const auto initial = std::string(1, '\0') + settings_.user + std::string(1, '\0') + settings_.password.reveal();
    return say(State::auth, "AUTH PLAIN " + base64_encode(initial));
  }
  if (offers_login_) return say(State::auth_user, "AUTH LOGIN");
  return ended(Kind::retry, "the server offers neither AUTH PLAIN nor AUTH LOGIN");
}

SmtpDialogue::Step SmtpDialogue::begin_mail() {
  const bool needs_utf8 = !is_ascii(mail_.recipient) || !is_ascii(mail_.sender);
  if (needs_utf8 && !offers_utf8_) return ended(Kind::failed, "the server takes no addresses beyond ASCII (SMTPUTF8)");
  auto command = fmt::format("MAIL FROM:<{}>", mail_.sender);
  if (offers_size_) command += fmt::format(" SIZE={}", mail_.bytes.size());
  if (offers_8bit_ && !is_ascii(mail_.bytes)) command += " BODY=8BITMIME";
  if (needs_utf8) command += " SMTPUTF8";
  return say(State::mail, std::move(command));
}

SmtpDialogue::Step SmtpDialogue::send_body() {
  state_ = State::body;
  return {Next::write, dot_stuffed(mail_.bytes), {}};
}

std::string dot_stuffed(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 50 + 8);
  while (!bytes.empty()) {
    const auto end = bytes.find("\r\n");
    if (bytes.front() == '.') out += '.';
    out.append(bytes.substr(0, end)).append("\r\n");
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 2);
  }
  return out + ".\r\n";
}

}  // namespace peyk::channels::email
