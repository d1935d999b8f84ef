// Any bytes from a mail server: one reply a command and one a recipient, whole or byte by byte the same, and mails end
// only where they may.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "channels/email/lmtp_dialogue.h"

namespace {

using namespace peyk::channels::email;
using Next = LmtpDialogue::Next;

constexpr std::size_t kMailLimit = 200;

void require(bool holds) {
  if (!holds) std::abort();
}

/// A session as the listener leads it, its bytes coming `step` at a time.
class Session {
 public:
  std::string run(std::string_view input, std::size_t step) {
    for (std::size_t at = 0; at < input.size() && !closed_; at += step) take(input.substr(at, step));
    return said_;
  }

 private:
  void take(std::string_view bytes) {
    while (!bytes.empty() && !closed_) {
      if (mail_) {
        bytes.remove_prefix(mail_->feed(bytes));
        if (mail_->ended()) end_mail();
        continue;
      }
      const auto end = bytes.find('\n');
      line_ += bytes.substr(0, end);
      if (end == std::string_view::npos) return;
      bytes.remove_prefix(end + 1);
      if (line_.ends_with('\r')) line_.pop_back();
      on_line();
    }
  }

  void on_line() {
    const auto step = dialogue_.on_line(line_);
    line_.clear();
    check(step.reply, 1);
    if (step.next == Next::close) closed_ = true;
    if (step.next == Next::read_data) mail_.emplace(kMailLimit);
  }

  void end_mail() {
    const auto& envelope = dialogue_.envelope();
    const auto recipients = envelope.recipients.size();
    require(recipients > 0);
    for (const auto& to : envelope.recipients) require(peyk::is_valid_utf8(to) && to.ends_with("@kouh.example"));
    const bool large = mail_->too_large();
    const auto mail = mail_->take();
    require(mail.size() <= kMailLimit && (!large || mail.empty()));
    said_ += "<" + envelope.sender + ">" + mail;
    check(dialogue_.on_data(large ? "552 too large" : "250 stored").reply, recipients);
    mail_.reset();
  }

  /// As many replies as asked for, each with a code (an LHLO's goes over several lines).
  void check(std::string_view reply, std::size_t replies) {
    said_ += reply;
    while (!reply.empty()) {
      const auto end = reply.find("\r\n");
      require(end != std::string_view::npos && end >= 4);
      require(reply[0] >= '2' && reply[0] <= '5' && (reply[3] == ' ' || reply[3] == '-'));
      if (reply[3] == ' ') --replies;
      reply.remove_prefix(end + 2);
    }
    require(replies == 0);
  }

  LmtpDialogue dialogue_{"peyk", kMailLimit,
                         [](std::string_view address) { return address.ends_with("@kouh.example"); }};
  std::optional<MailData> mail_;
  std::string line_;
  std::string said_;
  bool closed_ = false;
};

/// A whole mail, without a state machine: it ends at the first line of one dot, and dots that were doubled are single.
void check_data(std::string_view bytes) {
  MailData data(bytes.size());
  const auto taken = data.feed(bytes);
  const auto framed = "\r\n" + std::string(bytes);
  const auto end = framed.find("\r\n.\r\n");
  require(data.ended() == (end != std::string::npos));
  if (!data.ended()) return;
  require(taken == end + 3);
  std::string mail = framed.substr(0, end + 2);
  for (auto at = mail.find("\r\n."); at != std::string::npos; at = mail.find("\r\n.", at + 2)) mail.erase(at + 2, 1);
  require(data.take() == mail.substr(2));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  require(Session().run(input, size + 1) == Session().run(input, 1));
  check_data(input);
  return 0;
}
