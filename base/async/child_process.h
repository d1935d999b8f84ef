// A program run as a child: ends with us, its output read line by line, its end awaited.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace peyk {

namespace asio = boost::asio;

struct ChildOptions {
  std::string program;                 // looked up in PATH
  std::vector<std::string> arguments;  // the first is the name by which the program calls itself
  std::filesystem::path folder;        // where it runs
  std::string input;                   // what it reads; then the end of the file. At most 4 KiB
  int kept_fd = -1;                    // stays open in the child, as its descriptor 3; everything else is closed
};

/// In a process group of its own, so that a Ctrl-C for us is none for it; killed by the kernel when the thread that
/// started it ends (PR_SET_PDEATHSIG): start it from the main thread. Destroyed while it runs: SIGKILL.
class ChildProcess {
 public:
  using LineHandler = std::function<void(std::string_view)>;

  virtual ~ChildProcess() = default;

  /// Until it has ended and its output is read; false when `limit` has passed first, or on cancellation. One waiter.
  virtual asio::awaitable<bool> wait(std::chrono::steady_clock::duration limit) = 0;

  virtual void send_signal(int signal) = 0;
  virtual bool running() const = 0;
  virtual pid_t pid() const = 0;
  /// "exit status 1", "killed by signal 9"; empty while it runs.
  virtual std::string end() const = 0;
  virtual bool succeeded() const = 0;
};

/// `on_line` gets each line of its output and errors, as long as the object lives. A child that writes faster than we
/// read loses lines rather than waits.
Result<std::unique_ptr<ChildProcess>> start_child(const asio::any_io_executor& executor, const ChildOptions& options,
                                                  ChildProcess::LineHandler on_line);

}  // namespace peyk
