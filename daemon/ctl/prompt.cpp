#include "daemon/ctl/prompt.h"

#include <array>
#include <csignal>
#include <deque>
#include <iostream>
#include <termios.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/ctl/line_editor.h"

namespace peyk::ctl {
namespace {

/// One line of standard input, and nothing after it: what follows is for the prompt, which does not read through
/// iostreams.
std::string read_single_line() {
  std::string line;
  char letter = 0;
  while (::read(STDIN_FILENO, &letter, 1) == 1 && letter != '\n') line += letter;
  return line;
}

/// What both kinds share: waiting for standard input on the loop.
class Input {
 public:
  explicit Input(const asio::any_io_executor& executor) : descriptor_(executor, ::dup(STDIN_FILENO)) {}

  asio::awaitable<bool> wait() {
    boost::system::error_code error;
    co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                    asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }
  void close() {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
  }

 private:
  asio::posix::stream_descriptor descriptor_;
};

class PlainPrompt : public Prompt {
 public:
  explicit PlainPrompt(const asio::any_io_executor& executor) : input_(executor) {}

  asio::awaitable<std::optional<std::string>> read_line() override {
    while (true) {
      const auto end = pending_.find('\n');
      if (end != std::string::npos) {
        auto line = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        co_return line;
      }
      // A regular file is always ready and cannot be waited for.
      if (watched_) watched_ = co_await input_.wait() || closed_;
      if (closed_) co_return std::nullopt;
      std::array<char, 4096> buffer{};
      const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
      if (count <= 0) co_return last_line();
      pending_.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

  void print(std::string text) override { std::cout << text << std::endl; }
  void set_prompt(std::string) override {}
  void close() override {
    closed_ = true;
    input_.close();
  }

 private:
  std::optional<std::string> last_line() {
    if (pending_.empty()) return std::nullopt;
    return std::exchange(pending_, {});
  }

  Input input_;
  std::string pending_;
  bool watched_ = true;
  bool closed_ = false;
};

class EditedPrompt : public Prompt {
 public:
  explicit EditedPrompt(const asio::any_io_executor& executor)
      : input_(executor), signals_(executor, SIGINT, SIGTERM), redraws_(executor, SIGWINCH, SIGCONT) {
    editor_ = create_line_editor("> ");
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (!error) close();
    });
    watch_terminal();
  }
  ~EditedPrompt() override { close(); }
  EditedPrompt(const EditedPrompt&) = delete;
  EditedPrompt& operator=(const EditedPrompt&) = delete;

  asio::awaitable<std::optional<std::string>> read_line() override {
    while (lines_.empty() && editor_ && !editor_->ended()) {
      const bool ready = co_await input_.wait();
      if (!ready || !editor_) break;
      for (auto& line : editor_->read_keys()) lines_.push_back(std::move(line));
    }
    if (lines_.empty()) co_return std::nullopt;
    auto line = std::move(lines_.front());
    lines_.pop_front();
    co_return line;
  }

  void print(std::string text) override {
    if (editor_) return editor_->print(text);
    std::cout << text << std::endl;
  }

  void set_prompt(std::string prompt) override {
    if (editor_) editor_->set_prompt(std::move(prompt));
  }

  void close() override {
    editor_.reset();
    signals_.clear();  // a second Ctrl-C ends the program at once
    redraws_.clear();
    input_.close();
  }

 private:
  void watch_terminal() {
    redraws_.async_wait([this](boost::system::error_code error, int) {
      if (error || !editor_) return;
      editor_->draw_again();
      watch_terminal();
    });
  }

  Input input_;
  asio::signal_set signals_;
  asio::signal_set redraws_;
  std::unique_ptr<LineEditor> editor_;
  std::deque<std::string> lines_;
};

}  // namespace

std::unique_ptr<Prompt> create_prompt(asio::any_io_executor executor) {
  const bool terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
  if (terminal) return std::make_unique<EditedPrompt>(executor);
  return std::make_unique<PlainPrompt>(executor);
}

Secret ask_password(const std::string& question) {
  const bool terminal = ::isatty(STDIN_FILENO) == 1;
  termios before{};
  if (terminal) {
    // Silent before it asks: who types at once shall not see it either.
    ::tcgetattr(STDIN_FILENO, &before);
    auto silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::cerr << question << std::flush;
  }
  auto password = read_single_line();
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << "\n";
  }
  return Secret(std::move(password));
}

}  // namespace peyk::ctl
