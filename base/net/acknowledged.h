// What the other end of a connection has got.
#pragma once

#include <cstdint>

namespace peyk::net {

/// Bytes that the peer of a TCP socket has acknowledged since it was connected; 0 where the system does not tell.
std::uint64_t bytes_acknowledged(int socket);

}  // namespace peyk::net
