// What an idle WebSocket costs the server in resident memory: 10,000 real ones, opened by a process of its own, each
// having received and sent a message. Argument: how many.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/net/http_server.h"
#include "base/net/websocket.h"
#include "tests/bench/support/daemon.h"
#include "tests/bench/support/http.h"

namespace {

using namespace peyk;
namespace asio = boost::asio;

std::size_t sockets_ready = 0;

asio::awaitable<void> echo(std::shared_ptr<net::WebSocket> socket, net::Request) {
  for (;;) {
    auto text = co_await socket->read();
    if (!text) co_return;
    socket->send(std::move(*text));
    ++sockets_ready;
  }
}

/// Reads until `size` bytes or the end of the head have come.
void receive(int socket, std::size_t size) {
  std::array<char, 1024> buffer{};
  std::string got;
  while (size == 0 ? !got.contains("\r\n\r\n") : got.size() < size) {
    const auto bytes = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (bytes <= 0) throw std::runtime_error("the server closed a socket");
    got.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  if (size == 0 && !got.starts_with("HTTP/1.1 101 ")) throw std::runtime_error("refused: " + got);
}

void open_socket(std::uint16_t port) {
  const std::string request =
      "GET /chat/site HTTP/1.1\r\nHost: support.kouh.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
      "Origin: https://www.kouh.example\r\nAccept-Language: fa,en;q=0.5\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: peyk.chat.v1\r\n\r\n";
  const std::string message("\x81\x85\0\0\0\0hello", 11);
  const int socket = bench::connect_to(port);
  ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
  receive(socket, 0);
  ::send(socket, message.data(), message.size(), MSG_NOSIGNAL);
  receive(socket, 7);
}

[[noreturn]] void be_clients(std::uint16_t port, std::size_t count) {
  int status = EXIT_SUCCESS;
  try {
    for (std::size_t at = 0; at < count; ++at) open_socket(port);
    ::pause();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    status = EXIT_FAILURE;
  }
  std::_Exit(status);
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::warn);
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  asio::io_context context(1);
  net::Routes routes;
  routes.add_websocket("/chat/{channel}", {.subprotocol = "peyk.chat.v1", .guard = {}, .handler = echo});
  net::HttpServerOptions options;
  options.listen = {"127.0.0.1:0"};
  const auto server = net::create_http_server(context.get_executor(), options, routes);
  server->start();
  const auto before = bench::resident_bytes_of(::getpid());
  const auto clients = ::fork();
  if (clients == 0) be_clients(server->ports().front(), count);
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (sockets_ready < count && std::chrono::steady_clock::now() < until)
    context.run_for(std::chrono::milliseconds(100));
  context.run_for(std::chrono::seconds(1));
  const auto after = bench::resident_bytes_of(::getpid());
  fmt::print("{} idle WebSockets: {:.1f} MB resident before, {:.1f} MB after, {:.0f} bytes a socket\n", sockets_ready,
             static_cast<double>(before) / 1e6, static_cast<double>(after) / 1e6,
             static_cast<double>(after - before) / static_cast<double>(sockets_ready));
  std::fflush(stdout);
  ::kill(clients, SIGTERM);
  ::waitpid(clients, nullptr, 0);
  // The loop's owner ends the process: the sockets' peers are gone.
  std::_Exit(sockets_ready == count ? EXIT_SUCCESS : EXIT_FAILURE);
}
