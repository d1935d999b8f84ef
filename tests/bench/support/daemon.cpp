#include "tests/bench/support/daemon.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "tests/bench/support/http.h"

namespace peyk::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

// argon2id of kPassword at libsodium's least cost: a hundred logins are no part of what is measured.
constexpr std::string_view kPasswordHash =
    "$argon2id$v=19$m=8,t=1,p=1$/rFLSxci8x9BTta1hzGUCQ$AkWcCastPuJoWDPXCZIA+A0lRsji+DDpYqf4BeJJ2Uk";

constexpr std::string_view kMailChannel = R"(
  mail: {{kind: email, address: support@desk.test, lmtp: {{listen: "unix:{0}/lmtp"}}, smtp: {{url: "maildir:{0}/sent"}}}})";

constexpr std::string_view kDesk = R"(version: 1
desk: bench
state_dir: {folder}/state
redis: {{embedded: true, durability: {durability}}}
http: {{listen: ["127.0.0.1:{port}"], limits: {{connections: 20000}}}}
log: {{level: {level}}}
channels:
  contact: {{kind: form}}
  site: {{kind: chat}}{mail}
skills: [cooling, en]
queues:
  service: {{promise: {{first_reply: 2m, resolve: 2d}}, offer: {{timeout: 10m}}}}
kinds: {{form: {{weight: {weight}}}, chat: {{weight: 2}}, email: {{weight: 1}}}}
routes:
  - queue: service
    require: {{cooling: 2}}
)";

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// In the child: only calls that are safe after fork.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

}  // namespace

Seconds cpu_time_of(pid_t process) {
  const auto stat = text_of(fmt::format("/proc/{}/stat", process));
  const auto after_name = stat.rfind(')');
  if (after_name == std::string::npos) return Seconds(0);
  std::istringstream fields(stat.substr(after_name + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;  // proc(5): utime is the 14th
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return Seconds((user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

std::size_t resident_bytes_of(pid_t process) {
  std::istringstream statm(text_of(fmt::format("/proc/{}/statm", process)));
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

Daemon::Daemon(const DeskOptions& options) : port_(free_port()) {
  write_config(options);
  start();
}

Daemon::~Daemon() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

void Daemon::write_config(const DeskOptions& options) const {
  const auto folder = folder_.path().string();
  std::ofstream(folder + "/agent.hash") << kPasswordHash << '\n';
  const auto* const level = std::getenv("PEYK_BENCH_LOG");
  std::ofstream config(folder + "/peyk.yaml");
  config << fmt::format(kDesk, fmt::arg("folder", folder), fmt::arg("durability", options.durability),
                        fmt::arg("port", port_), fmt::arg("weight", options.weight),
                        fmt::arg("level", level == nullptr ? "info" : level),
                        fmt::arg("mail", options.mail ? fmt::format(kMailChannel, folder) : std::string()));
  // Somebody must be rostered, or every form would be unroutable.
  config << "agents:\n";
  for (int agent = 0; agent < std::max(options.agents, 1); ++agent) {
    config << fmt::format(
        "  agent{0}: {{name: Agent {0}, email: agent{0}@desk.test, password_hash_file: agent.hash, "
        "skills: {{cooling: 4, en: 3}}, queues: [service], capacity: {1}}}\n",
        agent, options.capacity);
  }
}

void Daemon::start() {
  const auto* const program = std::getenv("PEYKD");
  std::string path = program == nullptr ? PEYK_SOURCE_DIR "/build/release/bin/peykd" : program;
  std::string option = "--config";
  std::string config = (folder_.path() / "peyk.yaml").string();
  char* arguments[] = {path.data(), option.data(), config.data(), nullptr};
  const int output = open((folder_.path() / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const auto before = SteadyClock::now();
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(arguments, output, parent);
  close(output);
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  while (!ready()) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0 || SteadyClock::now() - before > std::chrono::seconds(60)) {
      throw std::runtime_error("peykd is not ready: " + text_of((folder_.path() / "log").string()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  start_time_ = SteadyClock::now() - before;
}

bool Daemon::ready() const {
  try {
    return fetch(port_, "GET /readyz HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n").status == 200;
  } catch (const std::exception&) {
    return false;
  }
}

pid_t Daemon::store() const {
  std::istringstream children(text_of(fmt::format("/proc/{0}/task/{0}/children", pid_)));
  pid_t child = 0;
  children >> child;
  return child;
}

CpuTimes Daemon::cpu() const {
  return {cpu_time_of(pid_), cpu_time_of(store())};
}

}  // namespace peyk::bench
