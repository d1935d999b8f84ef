#include "tests/bench/support/http.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

namespace peyk::bench {
namespace {

std::size_t number_at(std::string_view text, std::size_t at) {
  std::size_t number = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), number);
  return number;
}

sockaddr_in local(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

Answer read_answer(std::string_view bytes) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  constexpr std::size_t kStatusAt = 9;  // after "HTTP/1.1 "
  const auto head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return {};
  const auto length = bytes.substr(0, head).find(kLength);
  if (!bytes.starts_with("HTTP/1.1 ") || length == std::string_view::npos) {
    throw std::runtime_error("no answer: " + std::string(bytes.substr(0, head)));
  }
  const auto body_size = number_at(bytes, length + kLength.size());
  const auto size = head + 4 + body_size;
  if (bytes.size() < size) return {};
  return {static_cast<int>(number_at(bytes, kStatusAt)), size, bytes.substr(head + 4, body_size)};
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = local(0);
  socklen_t size = sizeof address;
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    throw std::system_error(errno, std::generic_category(), "no free port");
  }
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = local(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    throw std::runtime_error("cannot connect");
  }
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

void send_all(int socket, std::string_view bytes) {
  const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("a connection takes nothing more");
}

Fetched fetch(std::uint16_t port, std::string_view request) {
  const int socket = connect_to(port);
  send_all(socket, request);
  std::string bytes;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got > 0) bytes.append(buffer.data(), static_cast<std::size_t>(got));
    const auto answer = read_answer(bytes);
    if (answer.size == 0 && got > 0) continue;
    ::close(socket);
    if (answer.size == 0) throw std::runtime_error("no answer: " + bytes);
    return {answer.status, std::string(answer.body)};
  }
}

std::string_view member(std::string_view json, std::string_view name) {
  const auto key = fmt::format("\"{}\":\"", name);
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  const auto value = json.substr(at + key.size());
  return value.substr(0, value.find('"'));
}

}  // namespace peyk::bench
