// What the HTTP server alone can do: form POSTs over kept connections, the generator on another thread. Prints requests
// a second and the server thread's CPU time a request, which other load on the machine does not change.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/net/form_data.h"
#include "base/net/http_server.h"
#include "tests/bench/support/http.h"

namespace {

using namespace peyk;
namespace asio = boost::asio;
using Seconds = std::chrono::duration<double>;

constexpr std::string_view kBody = "name=Ani&email=ani%40kouh.example&subject=cooler&message=It+does+not+cool+any+more";

asio::awaitable<net::Response> take_form(net::Request request) {
  const auto form = net::parse_form(request.headers.get("Content-Type"), request.body);
  if (!form) co_return net::Response::problem(form.error());
  co_return net::Response::json(202, {{"reference", "PK-7F3K2"}, {"fields", form->fields.size()}});
}

std::string request_text() {
  return fmt::format(
      "POST /form/contact HTTP/1.1\r\nHost: support.kouh.example\r\nUser-Agent: bench\r\nAccept: application/json\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{}",
      kBody.size(), kBody);
}

/// Keeps one request under way on each connection until told to stop. Every answer has the size of the first.
class Generator {
 public:
  Generator(std::uint16_t port, std::size_t connections) : epoll_(::epoll_create1(0)) {
    for (std::size_t at = 0; at < connections; ++at) {
      const int socket = bench::connect_to(port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = at;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
      connections_.push_back({socket, 0});
    }
    answer_size_ = first_answer();
  }

  std::uint64_t run(const std::atomic<bool>& stop) {
    for (const auto& connection : connections_) ask(connection.socket);
    std::array<epoll_event, 256> events{};
    while (!stop) {
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
      for (int at = 0; at < ready; ++at) take(connections_[events.at(static_cast<std::size_t>(at)).data.u64]);
    }
    return answers_;
  }

 private:
  struct Connection {
    int socket;
    std::size_t got;
  };

  void ask(int socket) const {
    if (::send(socket, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) throw std::runtime_error("cannot send");
  }

  std::size_t first_answer() {
    ask(connections_.front().socket);
    std::array<char, 4096> buffer{};
    const auto got = ::recv(connections_.front().socket, buffer.data(), buffer.size(), 0);
    const std::string_view answer(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (!answer.starts_with("HTTP/1.1 202 "))
      throw std::runtime_error("the form was not taken: " + std::string(answer));
    return answer.size();
  }

  void take(Connection& connection) {
    std::array<char, 4096> buffer{};
    const auto got = ::recv(connection.socket, buffer.data(), buffer.size(), 0);
    if (got <= 0) throw std::runtime_error("the server closed a connection");
    connection.got += static_cast<std::size_t>(got);
    if (connection.got < answer_size_) return;
    connection.got = 0;
    ++answers_;
    ask(connection.socket);
  }

  int epoll_;
  std::string request_ = request_text();
  std::vector<Connection> connections_;
  std::size_t answer_size_ = 0;
  std::uint64_t answers_ = 0;
};

Seconds cpu_of_this_thread() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  const auto micros =
      (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000L + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  return std::chrono::microseconds(micros);
}

void measure(std::size_t connections, Seconds duration) {
  asio::io_context context(1);
  net::Routes routes;
  routes.add(net::Method::post, "/form/{channel}", take_form);
  net::HttpServerOptions options;
  options.listen = {"127.0.0.1:0"};
  const auto server = net::create_http_server(context.get_executor(), options, routes);
  server->start();
  std::atomic<bool> stop = false;
  std::uint64_t answers = 0;
  std::thread load([&] { answers = Generator(server->ports().front(), connections).run(stop); });
  const auto cpu_before = cpu_of_this_thread();
  const auto before = std::chrono::steady_clock::now();
  context.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(duration));
  const Seconds wall = std::chrono::steady_clock::now() - before;
  const auto cpu = cpu_of_this_thread() - cpu_before;
  stop = true;
  load.join();
  const auto done = static_cast<double>(answers);
  fmt::print("{:>11} {:>14.0f} {:>20.2f} {:>21.0f}\n", connections, done / wall.count(), cpu.count() * 1e6 / done,
             done / cpu.count());
  asio::co_spawn(context, server->stop(std::chrono::seconds(1)), [](const std::exception_ptr&) {});
  context.restart();
  context.run();
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::warn);
  const Seconds duration(argc > 1 ? std::atof(argv[1]) : 3.0);
  fmt::print("{:>11} {:>14} {:>20} {:>21}\n", "connections", "requests/s", "server CPU µs/req", "requests/CPU second");
  for (const std::size_t connections : {1U, 64U, 1000U}) measure(connections, duration);
}
