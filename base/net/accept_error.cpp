#include "base/net/accept_error.h"

#include <chrono>

#include <boost/asio/error.hpp>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"

namespace peyk::net {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);
constexpr auto kLogEvery = std::chrono::minutes(1);

}  // namespace

bool is_transient(const boost::system::error_code& error) {
  return error == boost::asio::error::connection_aborted || error == boost::asio::error::connection_reset ||
         error == boost::asio::error::try_again || error == boost::system::errc::protocol_error;
}

boost::asio::awaitable<bool> wait_out(std::string_view event, boost::system::error_code error) {
  static auto logged = std::chrono::steady_clock::time_point::min();
  const auto now = std::chrono::steady_clock::now();
  if (logged == std::chrono::steady_clock::time_point::min() || now - logged > kLogEvery) {
    logged = now;
    spdlog::error("{} error=\"{}\"", event, error.message());
  }
  co_return co_await sleep_for(kPause);
}

}  // namespace peyk::net
