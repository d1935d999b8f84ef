#include "channels/chat/visitor_token.h"

#include <algorithm>

#include "base/text.h"

namespace peyk::channels::chat {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kSignatureBytes = 16;
constexpr std::size_t kMinLength = 32;
constexpr std::size_t kMaxLength = 200;

}  // namespace

std::string VisitorTokens::signature(std::string_view random_part) const {
  return base64url_encode(hmac_sha256(key_.reveal(), random_part).substr(0, kSignatureBytes));
}

std::string VisitorTokens::issue() const {
  auto token = random_.token(kRandomBytes);
  auto signed_by_us = signature(token);
  return token + "." + signed_by_us;
}

bool VisitorTokens::is_ours(std::string_view token) const {
  const auto dot = token.find('.');
  if (dot == std::string_view::npos) return false;
  return equal_constant_time(token.substr(dot + 1), signature(token.substr(0, dot)));
}

bool VisitorTokens::is_plausible(std::string_view token) {
  return token.size() >= kMinLength && token.size() <= kMaxLength && std::ranges::all_of(token, [](char byte) {
           return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                  byte == '-' || byte == '_' || byte == '.';
         });
}

routing::Identity VisitorTokens::identity_of(std::string_view token) {
  return {"visitor", sha256_hex(token), true};
}

}  // namespace peyk::channels::chat
