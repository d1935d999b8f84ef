// A peykd under load: configured, started, measured from outside and stopped.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

#include "tests/support/temp_folder.h"

namespace peyk::bench {

using Seconds = std::chrono::duration<double>;

/// The password of every agent of these desks.
inline constexpr std::string_view kPassword = "secret";

/// Times of CPU that a process has used; what else the machine does changes them little.
struct CpuTimes {
  Seconds daemon{};
  Seconds store{};
};

/// Where the machine keeps the process with that number, in /proc.
Seconds cpu_time_of(pid_t process);
std::size_t resident_bytes_of(pid_t process);

struct DeskOptions {
  std::string durability = "disk";
  int agents = 0;
  int capacity = 1000;
  double weight = 0.01;  // of a form: with 0.01, an agent has room for 100,000
  bool mail = false;     // with a mail channel each form is answered with a receipt, written to a maildir
};

/// A desk with its private Redis in a folder of its own: form `contact`, chat `site`, agents `agent0`, `agent1`, …
/// Killed by the destructor.
class Daemon {
 public:
  explicit Daemon(const DeskOptions& options);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  Seconds start_time() const { return start_time_; }  // until /readyz said 200
  CpuTimes cpu() const;
  std::size_t resident_bytes() const { return resident_bytes_of(pid_); }

 private:
  void write_config(const DeskOptions& options) const;
  void start();
  bool ready() const;
  pid_t store() const;

  test::TempFolder folder_;
  std::uint16_t port_;
  pid_t pid_ = 0;
  Seconds start_time_{};
};

}  // namespace peyk::bench
