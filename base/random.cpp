#include "base/random.h"

#include <array>
#include <vector>

#include <sodium.h>

namespace peyk {
namespace {

class SystemRandom : public RandomSource {
 public:
  void fill(std::span<std::uint8_t> bytes) override { randombytes_buf(bytes.data(), bytes.size()); }
};

/// Crockford's base32 in lower case: no letter that is mistaken for another.
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

}  // namespace

std::string RandomSource::id(std::string_view prefix) {
  std::array<std::uint8_t, 10> bytes{};  // 16 letters, none of them padding
  fill(bytes);
  std::string text(prefix);
  unsigned buffer = 0;
  unsigned bits = 0;
  for (const auto byte : bytes) {
    buffer = (buffer << 8U) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[(buffer >> (bits - 5)) & 31U];
  }
  return text;
}

std::string RandomSource::token(std::size_t bytes) {
  std::vector<std::uint8_t> raw(bytes);
  fill(raw);
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), raw.data(), raw.size(), kVariant);
  text.pop_back();  // the terminating zero
  return text;
}

RandomSource& system_random() {
  static SystemRandom source;
  return source;
}

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
std::uint64_t SeededRandom::next() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t value = state_;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

void SeededRandom::fill(std::span<std::uint8_t> bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 8 == 0) word = next();
    bytes[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
  }
}

}  // namespace peyk
