// Any bytes from the server that mail is sent to, and any address: commands of one line each, and an end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/text.h"
#include "channels/email/smtp_dialogue.h"
#include "channels/email/smtp_reply.h"

namespace {

using namespace peyk::channels::email;
using Next = SmtpDialogue::Next;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& input) {
  const auto end = input.find('\n');
  const auto line = input.substr(0, end);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

/// One line and no more: an address must not carry a command of its own. The mail itself ends in its dot.
void check(const SmtpDialogue::Step& step, bool body) {
  if (step.text.empty()) return;
  require(step.text.ends_with("\r\n"));
  if (body) return require(step.text.ends_with("\r\n.\r\n"));
  require(step.text.find_first_of("\r\n") == step.text.size() - 2);
}

/// Says the replies in `input` to one dialogue.
void converse(std::string_view input, SmtpDialogue dialogue) {
  SmtpReply reply;
  bool body = false;
  while (!input.empty()) {
    const auto whole = reply.add(take_line(input));
    if (!whole) return require(!whole.error().message.empty());
    if (!*whole) continue;
    require(reply.code() >= 0 && reply.code() <= 999);
    auto step = dialogue.on_reply(reply.code(), reply.lines());
    if (step.next == Next::start_tls) step = dialogue.on_tls();
    check(step, !body && !step.text.empty() && reply.code() == 354 && step.text.ends_with("\r\n.\r\n"));
    body = step.text.ends_with("\r\n.\r\n");
    if (step.next == Next::done) return require(peyk::is_valid_utf8(step.result.detail));
    require(!step.text.empty());
    reply = {};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  // The first byte is the settings, the first line the recipient.
  const auto choices = data[0];
  SmtpSettings settings;
  settings.helo = "peyk.example";
  settings.tls = static_cast<TlsPolicy>(choices % 3);
  settings.starts_secure = (choices & 4U) != 0;
  if ((choices & 8U) != 0) {
    settings.user = "support";
    settings.password = peyk::Secret("secret");
  }
  const SmtpMail mail{"support@kouh.example", std::string(take_line(input)), "Subject: x\r\n\r\n.\r\nhello\r\n"};
  converse(input, SmtpDialogue(settings, mail));
  return 0;
}
