// HTTP spoken byte by byte to a server under test, where a well-behaved client would not do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace peyk::test {

namespace asio = boost::asio;

/// One connection to 127.0.0.1. What cannot be written is left unwritten: the answer tells.
class Wire {
 public:
  static asio::awaitable<Wire> open(std::uint16_t port) {
    const auto executor = co_await asio::this_coro::executor;
    Wire wire{asio::ip::tcp::socket(executor)};
    co_await wire.socket_.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    co_return std::move(wire);
  }

  asio::awaitable<void> send(std::string bytes) {
    co_await asio::async_write(socket_, asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
  }

  /// One answer: head, and the body its Content-Length tells; what there is when the connection ends before.
  asio::awaitable<std::string> answer(bool bodiless = false) {
    const auto until = co_await asio::async_read_until(socket_, asio::dynamic_buffer(pending_), "\r\n\r\n",
                                                       asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(until)) co_return std::exchange(pending_, {});
    const auto head = std::get<1>(until);
    const auto whole = head + (bodiless ? 0 : content_length(pending_.substr(0, head)));
    boost::system::error_code error;
    while (pending_.size() < whole && !error) error = co_await read_more();
    auto taken = pending_.substr(0, whole);
    pending_.erase(0, taken.size());
    co_return taken;
  }

  /// Everything up to the end of the connection.
  asio::awaitable<std::string> rest() {
    boost::system::error_code error;
    while (!error) error = co_await read_more();
    co_return std::exchange(pending_, {});
  }

  asio::ip::tcp::socket& socket() { return socket_; }

 private:
  explicit Wire(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<boost::system::error_code> read_more() {
    std::string part(16384, '\0');
    const auto got = co_await socket_.async_read_some(asio::buffer(part), asio::as_tuple(asio::use_awaitable));
    pending_.append(part, 0, std::get<1>(got));
    co_return std::get<0>(got);
  }

  static std::size_t content_length(const std::string& head) {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    const auto found = head.find(kName);
    return found == std::string::npos ? 0 : std::stoul(head.substr(found + kName.size()));
  }

  asio::ip::tcp::socket socket_;
  std::string pending_;
};

}  // namespace peyk::test
