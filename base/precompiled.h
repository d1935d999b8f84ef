// What nearly every source includes and instantiates, compiled once. The build alone includes it: every source includes
// what it uses all the same. Nothing of Peyk's own stands here, so that changing a header compiles only who sees it.
#pragma once

#include <algorithm>
#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

// Else each source that logs compiles the whole formatter; base/formatter.cpp has it.
extern template void fmt::detail::vformat_to<char>(buffer<char>&, string_view, format_args, locale_ref);

namespace peyk::precompiled {

// A template that is instantiated here is not instantiated again where it is used; none of this is ever called.
inline boost::asio::awaitable<void> wait(boost::asio::io_context& context) {
  boost::asio::steady_timer timer(context);
  co_await timer.async_wait(boost::asio::use_awaitable);
  boost::asio::steady_timer other(co_await boost::asio::this_coro::executor);
  other.expires_after(std::chrono::seconds(1));
  co_await other.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  other.cancel();
}

inline boost::asio::any_io_executor executor(boost::asio::io_context& context) {
  return context.get_executor();
}

inline std::string format(const std::string& text, std::string_view view, const char* literal, std::size_t size) {
  spdlog::info("{} {} {} {}", text, view, literal, size);
  return fmt::format("{} {} {} {}", text, view, literal, size);
}

}  // namespace peyk::precompiled
