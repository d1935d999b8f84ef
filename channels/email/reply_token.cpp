#include "channels/email/reply_token.h"

#include <utility>

#include "base/text.h"

namespace peyk::channels::email {
namespace {

constexpr std::string_view kIdPrefix = "c_";
constexpr std::size_t kSignatureLetters = 26;  // five bits each
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

}  // namespace

ReplyTokens::ReplyTokens(Secret key, std::string address) : key_(std::move(key)) {
  const auto at = address.rfind('@');
  local_ = ascii_lower(address.substr(0, at));
  domain_ = ascii_lower(address.substr(at + 1));
}

bool ReplyTokens::belongs_to(std::string_view recipient, std::string_view own) {
  const auto lower = ascii_lower(recipient);
  const auto address = ascii_lower(own);
  const auto at = address.rfind('@');
  if (at == std::string::npos || !lower.ends_with(address.substr(at))) return false;
  const auto local = lower.substr(0, lower.size() - (address.size() - at));
  return local == address.substr(0, at) || local.starts_with(address.substr(0, at) + "+");
}

std::string ReplyTokens::signature_of(std::string_view id) const {
  const auto mac = hmac_sha256(key_.reveal(), "peyk mail reply\n" + std::string(id));
  std::string text;
  unsigned buffer = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; text.size() < kSignatureLetters; ++i) {
    buffer = (buffer << 8U) | static_cast<std::uint8_t>(mac[i]);
    for (bits += 8; bits >= 5 && text.size() < kSignatureLetters; bits -= 5) {
      text += kAlphabet[(buffer >> (bits - 5)) & 31U];
    }
  }
  return text;
}

std::string ReplyTokens::address_of(const routing::ConversationId& conversation) const {
  const auto id = conversation.str().substr(kIdPrefix.size());
  return local_ + "+" + id + signature_of(id) + "@" + domain_;
}

ReplyTokens::Recipient ReplyTokens::read(std::string_view recipient) const {
  const auto lower = ascii_lower(recipient);
  const auto at = lower.rfind('@');
  if (at == std::string::npos || lower.substr(at + 1) != domain_) return {};
  const auto local = std::string_view(lower).substr(0, at);
  if (local == local_) return {Match::plain, {}};
  if (!local.starts_with(local_ + "+")) return {};
  const auto token = local.substr(local_.size() + 1);
  if (token.size() <= kSignatureLetters) return {Match::bad_token, {}};
  const auto id = token.substr(0, token.size() - kSignatureLetters);
  if (!equal_constant_time(signature_of(id), token.substr(id.size()))) return {Match::bad_token, {}};
  return {Match::signed_token, routing::ConversationId(std::string(kIdPrefix) + std::string(id))};
}

}  // namespace peyk::channels::email
