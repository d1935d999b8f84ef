// What clients make the server hold in memory, with a share for each of them.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

namespace peyk::net {

/// Bytes held: of all clients, and of each by `client_network`. One thread.
struct HeldBytes {
  std::size_t total = 0;
  std::unordered_map<std::string, std::size_t> by_network;
};

/// What one request or socket holds of them, given back with it. What is small is free: however much is held, a form, a
/// log-in or a short frame comes through.
class HeldShare {
 public:
  static constexpr std::size_t kFree = std::size_t{64} << 10U;

  /// `network` empty: the client has no share of his own. `all` must outlive this.
  HeldShare(HeldBytes& all, std::string network) : all_(all), network_(std::move(network)) {}
  HeldShare(const HeldShare&) = delete;
  HeldShare& operator=(const HeldShare&) = delete;
  ~HeldShare() { hold(0); }

  /// Now so many bytes.
  void hold(std::size_t bytes) {
    bytes = bytes > kFree ? bytes : 0;
    if (bytes == held_) return;
    all_.total = all_.total - held_ + bytes;
    if (!network_.empty()) {
      auto& of_network = all_.by_network[network_];
      of_network = of_network - held_ + bytes;
      if (of_network == 0) all_.by_network.erase(network_);
    }
    held_ = bytes;
  }

  /// Whether what it holds is too much: of `limit` for all, or of the eighth of it that a network may have.
  bool is_too_much(std::size_t limit) const { return held_ > 0 && (all_.total > limit || of_network() > limit / 8); }

  std::size_t of_network() const {
    const auto found = all_.by_network.find(network_);
    return found == all_.by_network.end() ? 0 : found->second;
  }
  const std::string& network() const { return network_; }

 private:
  HeldBytes& all_;
  std::string network_;
  std::size_t held_ = 0;
};

}  // namespace peyk::net
