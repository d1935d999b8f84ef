// The secret by which a visitor's browser is known again.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "routing/conversation.h"

namespace peyk::channels::chat {

/// 256 random bits and our signature over them, so that any daemon knows its own tokens without keeping them.
class VisitorTokens {
 public:
  VisitorTokens(Secret key, RandomSource& random) : key_(std::move(key)), random_(random) {}

  std::string issue() const;
  bool is_ours(std::string_view token) const;

  /// Whether `token` has the form of a token at all.
  static bool is_plausible(std::string_view token);

  /// Whom a token stands for: its hash, so that what is stored opens nothing.
  static routing::Identity identity_of(std::string_view token);

 private:
  std::string signature(std::string_view random_part) const;

  Secret key_;
  RandomSource& random_;
};

}  // namespace peyk::channels::chat
