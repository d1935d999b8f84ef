// A line that is edited in a terminal, key by key, while other lines are printed above it.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace peyk::ctl {

/// The terminal on standard input and output, in raw mode as long as this lives. Not for several threads. It never
/// waits for keys: whoever owns it waits until standard input is readable.
class LineEditor {
 public:
  virtual ~LineEditor() = default;

  /// Takes the keys that have come, at most a 20th of a second for the rest of one that came in part. The lines entered
  /// meanwhile, without their ends.
  virtual std::vector<std::string> read_keys() = 0;

  /// Whether the person ended it (Ctrl-D on an empty line), or the terminal is gone.
  virtual bool ended() const = 0;

  /// A line, or several, above the one being typed, which is drawn again.
  virtual void print(const std::string& text) = 0;

  /// What stands before the line being typed.
  virtual void set_prompt(std::string prompt) = 0;

  /// The terminal has another size, or was another program's for a while.
  virtual void draw_again() = 0;
};

std::unique_ptr<LineEditor> create_line_editor(std::string prompt);

}  // namespace peyk::ctl
