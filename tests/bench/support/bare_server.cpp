#include "tests/bench/support/bare_server.h"

#include <array>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <spdlog/spdlog.h>

#include "base/net/http_server.h"
#include "base/redis/client.h"

namespace peyk::bench {
namespace {

namespace asio = boost::asio;

struct Store {
  std::unique_ptr<redis::Client> client;
  redis::Script script = redis::make_script("append", "return redis.call('RPUSH', KEYS[1], ARGV[1])");
};

asio::awaitable<net::Response> answer(std::shared_ptr<Store> store, int calls, std::string body) {
  for (int call = 0; call < calls; ++call) {
    const auto reply = co_await store->client->eval(store->script, {"{bare}:list"}, {body});
    if (!reply) co_return net::Response::problem(reply.error());
  }
  co_return net::Response::json(202, {{"reference", "PK-7F3K2"}});
}

[[noreturn]] void serve(int port_to, int calls, const std::optional<redis::Endpoint>& endpoint) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  spdlog::set_level(spdlog::level::warn);
  asio::io_context context(1);
  const auto store = std::make_shared<Store>();
  if (endpoint) {
    redis::ClientOptions options;
    options.endpoint = *endpoint;
    store->client = redis::create_client(context.get_executor(), options);
    store->client->start({store->script});
  }
  net::Routes routes;
  routes.add(net::Method::post, "/form/{channel}",
             [store, calls](net::Request request) { return answer(store, calls, std::move(request.body)); });
  net::HttpServerOptions options;
  options.listen = {"127.0.0.1:0"};
  const auto server = net::create_http_server(context.get_executor(), options, routes);
  server->start();
  const auto port = server->ports().front();
  const auto written = ::write(port_to, &port, sizeof port);
  if (written == sizeof port) context.run();
  std::_Exit(EXIT_FAILURE);
}

}  // namespace

BareServer::BareServer(const BareOptions& options) {
  std::optional<redis::Endpoint> endpoint;
  if (options.calls > 0) {
    store_.emplace(test::RedisServerOptions{.aof = options.aof});
    endpoint = store_->endpoint();
  }
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
  pid_ = fork();
  if (pid_ == 0) serve(pipe[1], options.calls, endpoint);
  const auto got = ::read(pipe[0], &port_, sizeof port_);
  ::close(pipe[0]);
  ::close(pipe[1]);
  if (got != sizeof port_) throw std::runtime_error("the bare server did not start");
}

BareServer::~BareServer() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

CpuTimes BareServer::cpu() const {
  return {cpu_time_of(pid_), store_ ? cpu_time_of(store_->pid()) : Seconds(0)};
}

}  // namespace peyk::bench
