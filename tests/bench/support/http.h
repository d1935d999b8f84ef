// HTTP as a load generator speaks it: sockets and text, nothing that could be what is measured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace peyk::bench {

struct Answer {
  int status = 0;
  std::size_t size = 0;  // of head and body in bytes
  std::string_view body;
};

/// The answer at the beginning of `bytes`; size 0 when it is not all there. Throws when it is none, or has no
/// Content-Length.
Answer read_answer(std::string_view bytes);

/// A TCP port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port();

/// A connection to this machine, without delay. Throws.
int connect_to(std::uint16_t port);

/// All of it at once; throws when the socket does not take it.
void send_all(int socket, std::string_view bytes);

struct Fetched {
  int status = 0;
  std::string body;
};
/// One request on a connection of its own, waiting for the answer. Throws.
Fetched fetch(std::uint16_t port, std::string_view request);

/// What stands between the quotes after `"name":"`; empty when it is not there. For texts without escapes.
std::string_view member(std::string_view json, std::string_view name);

}  // namespace peyk::bench
