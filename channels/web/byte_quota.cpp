#include "channels/web/byte_quota.h"

#include <algorithm>

namespace peyk::channels {

ByteQuota::Entry& ByteQuota::touch(const std::string& key, Time now) {
  if (entries_.size() >= max_keys_ && !entries_.contains(key)) {
    std::erase_if(entries_, [this, now](const auto& entry) { return entry.second.since + per_ <= now; });
    if (entries_.size() >= max_keys_) entries_.clear();
  }
  auto& entry = entries_[key];
  if (entry.bytes == 0 || entry.since + per_ <= now) entry = {now, 0};
  return entry;
}

bool ByteQuota::take(const std::string& key, std::uint64_t bytes, std::uint64_t limit, Time now) {
  auto& entry = touch(key, now);
  if (bytes > limit || entry.bytes > limit - bytes) return false;
  entry.bytes += bytes;
  return true;
}

std::optional<Milliseconds> ByteQuota::refuses(const std::string& key, std::uint64_t bytes, std::uint64_t limit,
                                               Time now) const {
  const auto found = entries_.find(key);
  const bool counts = found != entries_.end() && found->second.bytes > 0 && found->second.since + per_ > now;
  const auto taken = counts ? found->second.bytes : 0;
  if (bytes <= limit && taken <= limit - bytes) return std::nullopt;
  return counts ? found->second.since + per_ - now : per_;
}

void ByteQuota::give_back(const std::string& key, std::uint64_t bytes) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) found->second.bytes -= std::min(found->second.bytes, bytes);
}

}  // namespace peyk::channels
