// The address that a customer's answer comes back to: local+TOKEN@domain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "routing/types.h"

namespace peyk::channels::email {

/// Signs and checks reply addresses. A token is a conversation's id and 130 bits of an HMAC-SHA-256 over it, in lower
/// case letters and digits, since some mail systems fold case. Whoever has a token may add to that conversation, as
/// an unverified sender at least; it is never shown history for it.
class ReplyTokens {
 public:
  /// `address`: the channel's own, local@domain, lower case.
  ReplyTokens(Secret key, std::string address);

  /// Whether `recipient` is the channel address `own`, or one with something after a `+`.
  static bool belongs_to(std::string_view recipient, std::string_view own);

  /// "support+k3v…@kouh.example".
  std::string address_of(const routing::ConversationId& conversation) const;

  enum class Match : std::uint8_t { foreign, plain, signed_token, bad_token };
  struct Recipient {
    Match match = Match::foreign;
    routing::ConversationId conversation;  // of signed_token
  };
  /// Whether `recipient` is this channel's, and which conversation it names. Any bytes.
  Recipient read(std::string_view recipient) const;

 private:
  std::string signature_of(std::string_view id) const;

  Secret key_;
  std::string local_;
  std::string domain_;
};

}  // namespace peyk::channels::email
