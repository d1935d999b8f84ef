// Any bytes as a mail: no mail, too many parts, or clean text within its bounds, the same each time.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/text.h"
#include "channels/email/mail_intake.h"
#include "channels/email/parsed_mail.h"
#include "channels/email/reply_token.h"

namespace {

using namespace peyk::channels::email;

constexpr ParseLimits kLimits{.parts = 20, .nesting = 5};
constexpr std::size_t kMostText = (1U << 20U) + 100;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_files(const ParsedMail& mail) {
  require(mail.files.size() <= static_cast<std::size_t>(kLimits.parts));
  for (const auto& file : mail.files) {
    require(!file.name.empty() && peyk::is_valid_utf8(file.name) && !file.type.empty());
    require(file.name.find_first_of("/\\\r\n") == std::string::npos && file.name != "..");
  }
}

void check_thread(const ParsedMail& mail) {
  require(mail.references.size() <= 50);
  for (const auto& id : mail.references) require(!id.empty() && id.size() <= 500 && id.find('\n') == std::string::npos);
  static const ReplyTokens kTokens(peyk::Secret("key"), "support@kouh.example");
  // Nobody guesses a signature.
  for (const auto& to : mail.recipients) {
    require(peyk::is_valid_utf8(to.name));
    require(kTokens.read(to.address).match != ReplyTokens::Match::signed_token);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto mail = parse_mail(bytes, kLimits);
  if (!mail) {
    require(!mail.error().message.empty());
    return 0;
  }
  require(peyk::is_valid_utf8(mail->subject) && mail->subject.find('\n') == std::string::npos);
  require(peyk::is_valid_utf8(mail->text) && mail->text.size() <= kMostText);
  require(peyk::is_valid_utf8(mail->html) && mail->html.size() <= kMostText);
  require(peyk::is_valid_utf8(mail->from.name));
  check_files(*mail);
  check_thread(*mail);
  // The same mail, come by another way, is known again.
  const auto again = parse_mail("Received: by another.example\r\n" + std::string(bytes), kLimits);
  require(!delivery_key_of(*mail).empty());
  if (again && bytes.starts_with("From:")) require(delivery_key_of(*mail) == delivery_key_of(*again));
  return 0;
}
