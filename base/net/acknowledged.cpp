#include "base/net/acknowledged.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace peyk::net {
namespace {

/// What Linux 4.1 and newer tell; the C library's own structure ends before it, and the kernel's header cannot be read
/// beside the C library's.
struct LongTcpInfo {
  tcp_info known;
  std::uint64_t pacing_rate;
  std::uint64_t max_pacing_rate;
  std::uint64_t bytes_acked;
};
static_assert(sizeof(tcp_info) == 104 && sizeof(LongTcpInfo) == 128);

}  // namespace

std::uint64_t bytes_acknowledged(int socket) {
  LongTcpInfo info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < sizeof info) return 0;
  return info.bytes_acked;
}

}  // namespace peyk::net
