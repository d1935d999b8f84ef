#include "channels/email/smtp_reply.h"

#include <charconv>

namespace peyk::channels::email {
namespace {

constexpr int kMostLines = 100;

}  // namespace

Result<bool> SmtpReply::add(std::string_view line) {
  const bool numbered = line.size() >= 3 && line.find_first_not_of("0123456789") >= 3;
  if (!numbered) return fail(ErrorCode::invalid, "the server does not speak SMTP");
  if (++count_ > kMostLines) return fail(ErrorCode::too_large, "the server's reply does not end");
  std::from_chars(line.data(), line.data() + 3, code_);
  if (line.size() > 4) lines_ += line.substr(4);
  if (line.size() == 3 || line[3] != '-') return true;
  lines_ += '\n';
  return false;
}

}  // namespace peyk::channels::email
