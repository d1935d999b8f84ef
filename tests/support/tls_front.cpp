#include "tests/support/tls_front.h"

#include <array>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace peyk::test {
namespace {

constexpr auto kTokens = asio::as_tuple(asio::use_awaitable);

/// Copies until either side ends.
template <typename From, typename To>
asio::awaitable<void> copy(From& from, To& to) {
  std::array<char, 4096> buffer{};
  boost::system::error_code error;
  while (!error) {
    const auto got = co_await from.async_read_some(asio::buffer(buffer), kTokens);
    error = std::get<0>(got);
    if (error) break;
    const auto sent = co_await asio::async_write(to, asio::buffer(buffer.data(), std::get<1>(got)), kTokens);
    error = std::get<0>(sent);
  }
}

}  // namespace

TlsFront::TlsFront(asio::any_io_executor executor, asio::ssl::context context, std::uint16_t target)
    : context_(std::move(context)),
      acceptor_(executor, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      target_(target),
      tasks_(executor, "tls-front") {
  tasks_.spawn("accept", accept());
}

asio::awaitable<void> TlsFront::stop() {
  acceptor_.close();
  co_await tasks_.stop();
}

asio::awaitable<void> TlsFront::accept() {
  while (acceptor_.is_open()) {
    auto accepted = co_await acceptor_.async_accept(kTokens);
    if (std::get<0>(accepted)) co_return;
    auto outside = asio::ssl::stream<Socket>(std::move(std::get<1>(accepted)), context_);
    auto link = std::make_shared<Link>(std::move(outside), Socket(acceptor_.get_executor()));
    tasks_.spawn("serve", serve(std::move(link)));
  }
}

asio::awaitable<void> TlsFront::serve(std::shared_ptr<Link> link) {
  const auto shaken = co_await link->outside.async_handshake(asio::ssl::stream_base::server, kTokens);
  if (std::get<0>(shaken)) co_return;
  co_await link->inside.async_connect({asio::ip::address_v4::loopback(), target_}, asio::use_awaitable);
  tasks_.spawn("answer", answer(link));
  co_await copy(link->outside, link->inside);
  boost::system::error_code ignored;
  link->inside.close(ignored);
}

asio::awaitable<void> TlsFront::answer(std::shared_ptr<Link> link) {
  co_await copy(link->inside, link->outside);
  co_await link->outside.async_shutdown(kTokens);
}

}  // namespace peyk::test
