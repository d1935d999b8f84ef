#include "channels/chat/visitor_rates.h"

#include "base/net/client_network.h"

namespace peyk::channels::chat {
namespace {

// Beginnings of one visitor, or pages he asks for; and both of all visitors of one network.
constexpr config::Rate kReadings{40, std::chrono::minutes(1)};
constexpr config::Rate kReadingsOfNetwork{1000, std::chrono::minutes(1)};
constexpr config::Rate kReads{10, std::chrono::seconds(10)};
constexpr config::Rate kEndings{10, std::chrono::minutes(1)};

}  // namespace

VisitorRates::Wait VisitorRates::come_back(const std::string& identity, const std::string& peer, Time now) {
  return read_store("hello of " + identity, peer, now);
}

VisitorRates::Wait VisitorRates::turn_back(const std::string& identity, const std::string& peer, Time now) {
  return read_store("page of " + identity, peer, now);
}

VisitorRates::Wait VisitorRates::tell_read(const std::string& identity, Time now) {
  return rates_.refuse("read " + identity, kReads, now);
}

VisitorRates::Wait VisitorRates::end(const std::string& identity, Time now) {
  return rates_.refuse("end " + identity, kEndings, now);
}

/// Who is refused by his own rate takes nothing from his network's.
VisitorRates::Wait VisitorRates::read_store(const std::string& who, const std::string& peer, Time now) {
  if (const auto wait = rates_.refuse(who, kReadings, now)) return wait;
  return rates_.refuse("reading from " + net::client_network(peer), kReadingsOfNetwork, now);
}

}  // namespace peyk::channels::chat
