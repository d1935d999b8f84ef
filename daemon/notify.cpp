#include "daemon/notify.h"

#include <cstdint>
#include <ctime>
#include <systemd/sd-daemon.h>

#include <fmt/format.h>

namespace peyk::daemon {
namespace {

void tell(const std::string& state) {
  sd_notify(0, state.c_str());
}

/// What Type=notify-reload compares the end of a reload with.
std::int64_t monotonic_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

void ServiceManager::ready(const std::string& status) const {
  tell("READY=1\nSTATUS=" + status);
}

void ServiceManager::reloading() const {
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_microseconds()));
}

void ServiceManager::stopping() const {
  tell("STOPPING=1\nSTATUS=draining");
}

void ServiceManager::status(const std::string& text) const {
  tell("STATUS=" + text);
}

void ServiceManager::feed_watchdog() const {
  tell("WATCHDOG=1");
}

std::optional<std::chrono::microseconds> ServiceManager::watchdog() const {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds(microseconds);
}

}  // namespace peyk::daemon
