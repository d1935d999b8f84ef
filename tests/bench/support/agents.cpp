#include "tests/bench/support/agents.h"

#include <array>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "tests/bench/support/daemon.h"
#include "tests/bench/support/http.h"

namespace peyk::bench {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::string login(std::uint16_t port, int agent) {
  const auto body = fmt::format(R"({{"agent":"agent{}","password":"{}"}})", agent, kPassword);
  const auto answer =
      fetch(port, fmt::format("POST /api/v1/session HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n"
                              "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                              body.size(), body));
  const auto token = member(answer.body, "token");
  if (token.empty()) throw std::runtime_error("an agent cannot log in: " + answer.body);
  return std::string(token);
}

}  // namespace

std::string client_frame(std::string_view text) {
  std::string frame("\x81");
  if (text.size() < 126) {
    frame += static_cast<char>(0x80U | text.size());
  } else {
    frame += static_cast<char>(0x80U | 126U);
    frame += static_cast<char>(text.size() >> 8U);
    frame += static_cast<char>(text.size() & 0xFFU);
  }
  frame.append(4, '\0');
  return frame.append(text);
}

ServerFrame read_frame(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  std::size_t head = 2;
  std::size_t length = byte_at(bytes, 1) & 0x7FU;
  const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (extra > 0) {
    if (bytes.size() < head + extra) return {};
    length = 0;
    for (std::size_t at = 0; at < extra; ++at) length = length << 8U | byte_at(bytes, head + at);
    head += extra;
  }
  if (bytes.size() < head + length) return {};
  return {head + length, (byte_at(bytes, 0) & 0x0FU) == 1, bytes.substr(head, length)};
}

int open_websocket(std::uint16_t port, std::string_view target, std::string_view subprotocol) {
  const int socket = connect_to(port);
  send_all(socket, fmt::format("GET {} HTTP/1.1\r\nHost: desk.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                               "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
                               "Accept-Language: fa,en;q=0.5\r\nSec-WebSocket-Version: 13\r\n"
                               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {}\r\n\r\n",
                               target, subprotocol));
  // A byte at a time: what follows the head belongs to the frames.
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte = 0;
    if (::recv(socket, &byte, 1, 0) != 1) throw std::runtime_error("the handshake was cut off");
    head += byte;
  }
  if (!head.starts_with("HTTP/1.1 101 ")) throw std::runtime_error("refused: " + head);
  return socket;
}

struct AgentSockets::Socket : Reader {
  Socket(AgentSockets& owner_, int socket_) : owner(owner_), socket(socket_) {}
  ~Socket() override { ::close(socket); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void say(std::string_view text) const { send_all(socket, client_frame(text)); }

  void readable() override {
    receive(socket, bytes);
    std::size_t done = 0;
    for (;;) {
      const auto frame = read_frame(std::string_view(bytes).substr(done));
      if (frame.size == 0) break;
      if (frame.text) owner.take(*this, frame.payload);
      done += frame.size;
    }
    bytes.erase(0, done);
  }

  AgentSockets& owner;
  int socket;
  std::string bytes{};
};

AgentSockets::AgentSockets(Poller& poller, std::uint16_t port, int count, Habit habit) : habit_(habit) {
  for (int agent = 0; agent < count; ++agent) {
    const auto token = login(port, agent);
    const int socket = open_websocket(port, "/api/v1/agent", "peyk.agent.v1");
    sockets_.push_back(std::make_unique<Socket>(*this, socket));
    poller.add(socket, *sockets_.back());
    sockets_.back()->say(fmt::format(R"({{"type":"hello","token":"{}"}})", token));
  }
  poller.run_until([&] { return available_ == count; }, kPatience);
}

AgentSockets::~AgentSockets() = default;

void AgentSockets::take(Socket& socket, std::string_view frame) {
  const auto type = member(frame, "type");
  if (type == "offer") {
    ++offers_;
    if (on_offer_) on_offer_(member(frame, "subject"));
    if (habit_ == Habit::work) accept(socket, frame);
  } else if (type == "assigned") {
    if (habit_ == Habit::work) resolve(socket, frame);
  } else if (type == "welcome") {
    socket.say(R"({"type":"presence","id":"p","state":"available"})");
  } else if (type == "ok") {
    const auto re = member(frame, "re");
    if (re == "p") ++available_;
    if (re == "r") ++resolved_;
  } else if (type == "error") {
    if (++errors_ == 1) fmt::print(stderr, "an agent was refused: {}\n", frame);
  }
}

void AgentSockets::accept(Socket& socket, std::string_view frame) {
  socket.say(fmt::format(R"({{"type":"accept","id":"a","offer":"{}"}})", member(frame, "offer")));
}

void AgentSockets::resolve(Socket& socket, std::string_view frame) {
  socket.say(fmt::format(R"({{"type":"resolve","id":"r","conversation":"{}","outcome":"solved"}})",
                         member(frame, "conversation")));
}

}  // namespace peyk::bench
