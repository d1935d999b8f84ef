// Lines from a person, while other lines come in between.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/secret.h"

namespace peyk::ctl {

namespace asio = boost::asio;

/// Standard input and output. In a terminal: line editing and history; what is printed stands above the line being
/// typed. Elsewhere: plain lines, without a prompt. One at a time, one thread.
class Prompt {
 public:
  virtual ~Prompt() = default;

  /// The next line without its end; nothing at the end of input (Ctrl-D), or after `close()`.
  virtual asio::awaitable<std::optional<std::string>> read_line() = 0;

  virtual void print(std::string text) = 0;

  /// What stands before the line being typed.
  virtual void set_prompt(std::string prompt) = 0;

  /// Wakes `read_line()` and gives the terminal back.
  virtual void close() = 0;
};

std::unique_ptr<Prompt> create_prompt(asio::any_io_executor executor);

/// Asks on the terminal without showing what is typed; reads one line of standard input where there is no terminal.
Secret ask_password(const std::string& question);

}  // namespace peyk::ctl
