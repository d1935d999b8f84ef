// Randomness as a dependency: the system's own for the daemon, a seeded one for tests and the simulator.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace peyk {

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;

  /// A fresh id: `prefix` and 80 random bits in base32 ("c_" → "c_k3v…"): no two alike in a trillion, and short enough
  /// for a mail's local part. Never grants access by itself.
  std::string id(std::string_view prefix);

  /// `bytes` random bytes in unpadded base64url; 32 for what grants access.
  std::string token(std::size_t bytes = 32);
};

/// The kernel's generator. Lives as long as the program.
RandomSource& system_random();

/// The same sequence for the same seed; not for secrets.
class SeededRandom : public RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override;
  std::uint64_t next();

 private:
  std::uint64_t state_;
};

}  // namespace peyk
