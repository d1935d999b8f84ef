// Reading an endpoint's URL; a script's digest.
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <openssl/sha.h>

#include "base/redis/client.h"
#include "base/uri.h"

namespace peyk::redis {
namespace {

auto refuse(std::string_view url, std::string_view reason) {
  return fail(ErrorCode::invalid,
              fmt::format("\"{}\" is no address of a Redis: {}; write redis://[user@]host[:port][/database], "
                          "rediss://… for TLS, or unix:///path/of/socket[?db=N]",
                          url.substr(0, 200), reason));
}

bool read_database(std::string_view text, int& database) {
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), database);
  return error == std::errc() && end == text.data() + text.size() && database >= 0 && database <= 1'000'000;
}

Result<Endpoint> read_unix(std::string_view url, const boost::urls::url_view& parts) {
  Endpoint endpoint;
  endpoint.unix_path = parts.path();
  if (endpoint.unix_path.size() < 2 || !parts.encoded_host().empty()) {
    return refuse(url, "unix:// is followed by an absolute path");
  }
  for (const auto& parameter : parts.params()) {
    if (parameter.key != "db" || !read_database(parameter.value, endpoint.database)) {
      return refuse(url, "after ? only db=NUMBER may stand");
    }
  }
  return endpoint;
}

Result<Endpoint> read_host(std::string_view url, const boost::urls::url_view& parts) {
  Endpoint endpoint;
  endpoint.tls = parts.scheme() == "rediss";
  endpoint.host = parts.host_address();
  endpoint.user = parts.user();
  if (endpoint.host.empty()) return refuse(url, "the host is missing");
  if (parts.has_port()) {
    endpoint.port = parts.port_number();
    if (endpoint.port == 0) return refuse(url, "the port is not between 1 and 65535");
  }
  auto database = parts.path();
  if (database.starts_with('/')) database.erase(0, 1);
  if (!read_database(database, endpoint.database)) return refuse(url, "the database after / is a number");
  if (parts.has_query() || parts.has_fragment()) return refuse(url, "nothing may follow the database");
  return endpoint;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url) {
  const auto parsed = parse_uri_with_authority(url);
  if (!parsed) return refuse(url, "it is not a URL");
  if (parsed->has_password()) {
    return fail(ErrorCode::invalid, "the password does not belong into the address of Redis: write it into a file");
  }
  const std::string_view scheme = parsed->scheme();
  if (scheme == "unix") return read_unix(url, *parsed);
  if (scheme == "redis" || scheme == "rediss") return read_host(url, *parsed);
  return refuse(url, fmt::format("unknown scheme {}", scheme));
}

namespace {

constexpr std::string_view kLibraryMark = "#!lua name=";

Script function_of(std::string name, std::shared_ptr<const std::string> library) {
  const auto first_line = std::string_view(*library).substr(0, library->find('\n'));
  auto function = fmt::format("{}_{}", first_line.substr(kLibraryMark.size()), name);
  return Script{std::move(name), {}, {}, std::move(library), std::move(function)};
}

}  // namespace

std::vector<Script> make_functions(std::span<const std::string_view> names, std::string_view library) {
  const auto shared = std::make_shared<const std::string>(library);
  std::vector<Script> made;
  made.reserve(names.size());
  for (const auto name : names) made.push_back(function_of(std::string(name), shared));
  return made;
}

Script make_script(std::string name, std::string text) {
  if (text.starts_with(kLibraryMark)) {
    return function_of(std::move(name), std::make_shared<const std::string>(std::move(text)));
  }
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  const std::string_view bytes = text;
  SHA1(std::bit_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string hex;
  for (const auto byte : digest) hex += fmt::format("{:02x}", byte);
  return Script{std::move(name), std::move(text), std::move(hex), nullptr, {}};
}

}  // namespace peyk::redis
