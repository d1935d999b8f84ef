// How many bytes somebody may leave here in a time, for many of them in bounded memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace peyk::channels {

/// One thread. Counts from the first byte on, for `per`; then anew. Past `max_keys` whoever's time has passed is
/// forgotten, and if that is nobody, everybody.
class ByteQuota {
 public:
  explicit ByteQuota(Milliseconds per, std::size_t max_keys = 50'000) : per_(per), max_keys_(max_keys) {}

  /// Whether `bytes` more fit `limit`; they are counted if so.
  bool take(const std::string& key, std::uint64_t bytes, std::uint64_t limit, Time now);

  /// How long until `bytes` more fit `limit`; nullopt: they do now. Nothing is counted.
  std::optional<Milliseconds> refuses(const std::string& key, std::uint64_t bytes, std::uint64_t limit, Time now) const;

  /// What was taken and then not left here counts no longer. Never below nothing; nothing for a key it does not know.
  void give_back(const std::string& key, std::uint64_t bytes);

 private:
  struct Entry {
    Time since;
    std::uint64_t bytes = 0;
  };
  Entry& touch(const std::string& key, Time now);

  Milliseconds per_;
  std::size_t max_keys_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace peyk::channels
