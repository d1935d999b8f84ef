#include "base/async/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/async/deadline.h"

// glibc 2.36 forgot to mark this header's functions as C.
extern "C" {
#include <sys/pidfd.h>
}

namespace peyk {
namespace {

constexpr std::size_t kLongestLine = 8192;

std::string system_message(int error) {
  return std::generic_category().message(error);
}

/// An open descriptor, closed in the end.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Result<Pipe> make_pipe(int flags) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | flags) != 0) {
    return fail(ErrorCode::unavailable, "cannot make a pipe: " + system_message(errno));
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    auto candidate = fmt::format("{}/{}", rest.substr(0, colon), name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return fail(ErrorCode::not_found, fmt::format("the program {} is not installed (not found in PATH)", name));
}

/// All that the child needs between fork and exec, made before the fork.
struct Plan {
  std::string path;
  std::string folder;
  std::vector<std::string> words;
  std::vector<char*> raw;
  int input = -1;
  int output = -1;
  int kept = -1;
  pid_t parent = 0;
};

/// In the child, all signals blocked. Only what is safe after a fork of a program with threads.
[[noreturn]] void become(const Plan& plan) {
  constexpr int kCannotRun = 127;
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(kCannotRun);  // it died before the line above
  struct sigaction fresh{};
  fresh.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &fresh, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(plan.input, STDIN_FILENO);
  dup2(plan.output, STDOUT_FILENO);
  dup2(plan.output, STDERR_FILENO);
  constexpr int kKept = 3;
  if (plan.kept == kKept) fcntl(kKept, F_SETFD, 0);
  if (plan.kept >= 0 && plan.kept != kKept) dup2(plan.kept, kKept);
  // Asio's sockets are not close-on-exec: inherited, they would keep our ports and our peers' connections open.
  close_range(plan.kept >= 0 ? kKept + 1 : kKept, ~0U, 0);
  if (chdir(plan.folder.c_str()) != 0) _exit(kCannotRun);
  execv(plan.path.c_str(), plan.raw.data());
  _exit(kCannotRun);
}

/// A signal for the child must not reach it while it has our handlers, which would write into our own signal pipe.
pid_t fork_and_become(const Plan& plan) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) become(plan);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

/// Shared with the handlers under way, which outlive the object by a moment.
struct State : std::enable_shared_from_this<State> {
  State(const asio::any_io_executor& executor, pid_t child, int process_fd, int output_fd,
        ChildProcess::LineHandler handler)
      : pid(child), process(executor, process_fd), output(executor, output_fd), on_line(std::move(handler)) {}

  // Waits for readiness and reads by itself, since a finished asynchronous read whose handler has not yet run would
  // hold bytes that the last look at the output could not see.
  void read_on() {
    output.async_wait(asio::posix::descriptor_base::wait_read,
                      [self = shared_from_this()](boost::system::error_code error) {
                        if (!error && self->read_all()) self->read_on();
                      });
  }

  /// All that is there; false at the end of the output.
  bool read_all() {
    for (;;) {
      const auto size = ::read(output.native_handle(), buffer.data(), buffer.size());
      if (size <= 0) return size < 0 && (errno == EAGAIN || errno == EINTR);
      take(static_cast<std::size_t>(size));
    }
  }

  void take(std::size_t size) {
    for (const char byte : std::string_view(buffer.data(), size)) {
      if (byte != '\n' && line.size() < kLongestLine) line += byte;
      if (byte == '\n') finish_line();
    }
  }

  void finish_line() {
    const auto whole = std::exchange(line, {});
    if (on_line && !whole.empty()) on_line(whole);
  }

  /// What it wrote last, once it has ended.
  void drain() {
    read_all();
    finish_line();
  }

  bool reap(int flags) {
    if (!ended && waitpid(pid, &status, flags) == pid) ended = true;
    return ended;
  }

  pid_t pid;
  asio::posix::stream_descriptor process;
  asio::posix::stream_descriptor output;
  ChildProcess::LineHandler on_line;
  std::array<char, 4096> buffer{};
  std::string line;
  int status = 0;
  bool ended = false;
};

class PosixChild : public ChildProcess {
 public:
  explicit PosixChild(std::shared_ptr<State> state) : state_(std::move(state)) { state_->read_on(); }

  ~PosixChild() override {
    state_->on_line = nullptr;
    if (!state_->ended) {
      kill(state_->pid, SIGKILL);
      state_->reap(0);
    }
    boost::system::error_code ignored;
    state_->output.close(ignored);
    state_->process.close(ignored);
  }

  asio::awaitable<bool> wait(std::chrono::steady_clock::duration limit) override {
    const auto state = state_;
    if (state->ended) co_return true;
    co_await with_deadline(limit, process_end(state));
    if (state->ended || !state->reap(WNOHANG)) co_return state->ended;
    state->drain();
    co_return true;
  }

  void send_signal(int signal) override {
    if (running()) kill(state_->pid, signal);
  }

  bool running() const override { return !state_->ended; }
  pid_t pid() const override { return state_->pid; }

  std::string end() const override {
    if (!state_->ended) return {};
    if (WIFSIGNALED(state_->status)) return fmt::format("killed by signal {}", WTERMSIG(state_->status));
    return fmt::format("exit status {}", WEXITSTATUS(state_->status));
  }

  bool succeeded() const override {
    return state_->ended && WIFEXITED(state_->status) && WEXITSTATUS(state_->status) == 0;
  }

 private:
  static asio::awaitable<Result<>> process_end(std::shared_ptr<State> state) {
    // A pidfd becomes readable when its process ends.
    co_await state->process.async_wait(asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::use_awaitable));
    co_return Result<>{};
  }

  std::shared_ptr<State> state_;
};

}  // namespace

Result<std::unique_ptr<ChildProcess>> start_child(const asio::any_io_executor& executor, const ChildOptions& options,
                                                  ChildProcess::LineHandler on_line) {
  auto path = find_program(options.program);
  if (!path) return std::unexpected(std::move(path.error()));
  auto input = make_pipe(0);
  if (!input) return std::unexpected(std::move(input.error()));
  auto output = make_pipe(O_NONBLOCK);
  if (!output) return std::unexpected(std::move(output.error()));
  const auto written = write(input->write_end.get(), options.input.data(), options.input.size());
  if (!std::cmp_equal(written, options.input.size())) return fail(ErrorCode::internal, "the child's input is too long");

  Plan plan{*path,
            options.folder.string(),
            options.arguments,
            {},
            input->read_end.get(),
            output->write_end.get(),
            options.kept_fd,
            getpid()};
  for (auto& word : plan.words) plan.raw.push_back(word.data());
  plan.raw.push_back(nullptr);
  const pid_t pid = fork_and_become(plan);
  if (pid < 0) return fail(ErrorCode::unavailable, fmt::format("cannot start {}: {}", *path, system_message(errno)));
  const int process_fd = pidfd_open(pid, 0);
  if (process_fd < 0) {
    const int error = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return fail(ErrorCode::unsupported, "this kernel has no pidfd_open(2): " + system_message(error));
  }
  const int output_fd = output->read_end.release();
  return std::make_unique<PosixChild>(
      std::make_shared<State>(executor, pid, process_fd, output_fd, std::move(on_line)));
}

}  // namespace peyk
