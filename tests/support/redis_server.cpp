#include "tests/support/redis_server.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <hiredis/hiredis.h>

namespace peyk::test {
namespace {

using Connection = std::unique_ptr<redisContext, decltype(&redisFree)>;
using RawReply = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

Connection connect(const std::filesystem::path& socket) {
  return {redisConnectUnixWithTimeout(socket.c_str(), timeval{.tv_sec = 2, .tv_usec = 0}), &redisFree};
}

redis::Reply to_reply(const redisReply& raw) {
  redis::Reply reply;
  using Kind = redis::Reply::Kind;
  switch (raw.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS: reply.kind = Kind::text; break;
    case REDIS_REPLY_ERROR: reply.kind = Kind::error; break;
    case REDIS_REPLY_INTEGER: reply.kind = Kind::integer; break;
    case REDIS_REPLY_ARRAY: reply.kind = Kind::array; break;
    default: break;
  }
  if (raw.str != nullptr) reply.text.assign(raw.str, raw.len);
  reply.integer = raw.integer;
  for (std::size_t i = 0; i < raw.elements; ++i) reply.items.push_back(to_reply(*raw.element[i]));
  return reply;
}

/// A CA and a certificate for localhost in `folder`.
void make_certificates(const std::filesystem::path& folder) {
  const auto script = fmt::format(
      "cd '{}' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test-ca "
      "-keyout ca.key -out ca.pem && openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
      "-subj /CN=localhost -keyout server.key -out server.csr && "
      "printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > san && "
      "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem",
      folder.string());
  const int status = std::system(("{ " + script + "; } >/dev/null 2>&1").c_str());
  if (status != 0) throw std::runtime_error("openssl could not make certificates in " + folder.string());
}

/// In the child: only calls that are safe after fork.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(127);
}

}  // namespace

std::uint16_t free_port() {
  namespace ip = boost::asio::ip;
  boost::asio::io_context context;
  const ip::tcp::acceptor acceptor(context, ip::tcp::endpoint(ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

RedisServer::RedisServer(RedisServerOptions options) : options_(std::move(options)) {
  if (options_.tls) make_certificates(folder());
  start();
}

RedisServer::~RedisServer() {
  kill9();
}

std::vector<std::string> RedisServer::arguments() const {
  std::vector<std::string> words{"redis-server",
                                 "--dir",
                                 folder().string(),
                                 "--unixsocket",
                                 folder() / "redis.sock",
                                 "--port",
                                 std::to_string(options_.tcp ? port_ : 0),
                                 "--bind",
                                 "127.0.0.1",
                                 "--save",
                                 "",
                                 "--appendonly",
                                 options_.aof ? "yes" : "no",
                                 "--appendfsync",
                                 "always"};
  if (options_.tls) {
    for (const std::string& word :
         {std::string("--tls-port"), std::to_string(tls_port_), std::string("--tls-auth-clients"), std::string("no"),
          std::string("--tls-cert-file"), (folder() / "server.pem").string(), std::string("--tls-key-file"),
          (folder() / "server.key").string(), std::string("--tls-ca-cert-file"), (folder() / "ca.pem").string()}) {
      words.push_back(word);
    }
  }
  words.insert(words.end(), options_.extra.begin(), options_.extra.end());
  return words;
}

void RedisServer::start() {
  if (pid_ != 0) throw std::runtime_error("redis-server runs already");
  if (options_.tcp && port_ == 0) port_ = free_port();
  if (options_.tls && tls_port_ == 0) tls_port_ = free_port();
  auto words = arguments();
  std::vector<char*> raw;
  raw.reserve(words.size() + 1);
  for (auto& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  const int output = open((folder() / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(raw.data(), output, parent);
  close(output);
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!answers()) {
    const bool exited = waitpid(pid_, nullptr, WNOHANG) != 0;
    if (exited) pid_ = 0;
    if (exited || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("redis-server does not answer: " + log());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

bool RedisServer::answers() const {
  const auto connection = connect(folder() / "redis.sock");
  if (connection == nullptr || connection->err != 0) return false;
  const RawReply reply(static_cast<redisReply*>(redisCommand(connection.get(), "PING")), &freeReplyObject);
  // NOAUTH is an answer too; LOADING is not yet one.
  return reply != nullptr && !std::string_view(reply->str, reply->len).starts_with("LOADING");
}

redis::Reply RedisServer::command(const std::vector<std::string>& words) const {
  const auto connection = connect(folder() / "redis.sock");
  if (connection == nullptr || connection->err != 0) throw std::runtime_error("redis-server cannot be reached");
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  auto* raw = redisCommandArgv(connection.get(), static_cast<int>(words.size()), texts.data(), sizes.data());
  const RawReply reply(static_cast<redisReply*>(raw), &freeReplyObject);
  if (reply == nullptr) throw std::runtime_error("redis-server did not answer " + words.front());
  return to_reply(*reply);
}

void RedisServer::kill9() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void RedisServer::restart() {
  kill9();
  start();
}

void RedisServer::freeze() {
  kill(pid_, SIGSTOP);
  waitpid(pid_, nullptr, WUNTRACED);  // until it really stands
}

void RedisServer::thaw() {
  kill(pid_, SIGCONT);
}

std::string RedisServer::log() const {
  std::ostringstream text;
  text << std::ifstream(folder() / "log").rdbuf();
  return text.str();
}

redis::Endpoint RedisServer::endpoint() const {
  redis::Endpoint endpoint;
  endpoint.unix_path = folder() / "redis.sock";
  return endpoint;
}

redis::Endpoint RedisServer::tcp_endpoint() const {
  redis::Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = port_;
  return endpoint;
}

redis::Endpoint RedisServer::tls_endpoint() const {
  redis::Endpoint endpoint;
  endpoint.host = "localhost";
  endpoint.port = tls_port_;
  endpoint.tls = true;
  endpoint.ca_file = folder() / "ca.pem";
  return endpoint;
}

std::string RedisServer::url() const {
  return "unix://" + (folder() / "redis.sock").string();
}

}  // namespace peyk::test
