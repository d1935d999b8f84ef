// What systemd is told about us. Without systemd nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace peyk::daemon {

class ServiceManager {
 public:
  void ready(const std::string& status) const;
  void reloading() const;
  void stopping() const;
  void status(const std::string& text) const;
  void feed_watchdog() const;
  /// How often the watchdog wants to be fed at the latest; none when there is none.
  std::optional<std::chrono::microseconds> watchdog() const;
};

}  // namespace peyk::daemon
