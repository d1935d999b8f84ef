// TLS in front of a server that speaks plain HTTP, as a proxy has it.
#pragma once

#include <cstdint>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "base/async/task_group.h"

namespace peyk::test {

namespace asio = boost::asio;

/// Takes TLS connections on a port of its own and hands their bytes to `target` on 127.0.0.1, until stopped.
class TlsFront {
 public:
  TlsFront(asio::any_io_executor executor, asio::ssl::context context, std::uint16_t target);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  asio::awaitable<void> stop();

 private:
  using Socket = asio::ip::tcp::socket;
  struct Link {
    asio::ssl::stream<Socket> outside;
    Socket inside;
  };

  asio::awaitable<void> accept();
  asio::awaitable<void> serve(std::shared_ptr<Link> link);
  asio::awaitable<void> answer(std::shared_ptr<Link> link);

  asio::ssl::context context_;
  asio::ip::tcp::acceptor acceptor_;
  std::uint16_t target_;
  TaskGroup tasks_;
};

}  // namespace peyk::test
