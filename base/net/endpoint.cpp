#include "base/net/endpoint.h"

#include <charconv>
#include <cstdint>
#include <stdexcept>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

namespace peyk::net {
namespace {

using asio::ip::tcp;

tcp::endpoint parse_endpoint(const std::string& text) {
  const auto refused = [&text] {
    return std::invalid_argument(fmt::format("\"{}\" is not ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080", text));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) throw refused();
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data() + colon + 1, end, port);
  if (error || failed != std::errc() || stop != end) throw refused();
  return {address, port};
}

}  // namespace

tcp::acceptor listen_tcp(const asio::any_io_executor& executor, const std::string& text) {
  const auto endpoint = parse_endpoint(text);
  try {
    tcp::acceptor acceptor(executor, endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    if (endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true));
    acceptor.bind(endpoint);
    acceptor.listen(4096);
    acceptor.non_blocking(true);
    return acceptor;
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error(fmt::format("cannot listen on {}: {}", text, error.code().message()));
  }
}

std::string show_endpoint(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

bool is_abort(const std::exception& error) {
  const auto* const system = dynamic_cast<const boost::system::system_error*>(&error);
  return system != nullptr && system->code() == asio::error::operation_aborted;
}

}  // namespace peyk::net
