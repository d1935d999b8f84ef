// Peyk's HTTP API as the command line uses it.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include "base/error.h"
#include "base/net/http_client.h"
#include "base/secret.h"

namespace peyk::ctl {

namespace asio = boost::asio;

/// One server and one login. Errors carry what the server said, and what to do about it.
class Api {
 public:
  /// `token_file`: where `login` keeps the token; a missing file means not logged in.
  Api(net::Url url, std::filesystem::path token_file);

  asio::awaitable<Result<boost::json::value>> get(std::string target);
  asio::awaitable<Result<boost::json::value>> post(std::string target, boost::json::value body);
  asio::awaitable<Result<boost::json::value>> del(std::string target);

  /// A document that is good to read whatever its status: /health answers 503 with a body.
  asio::awaitable<Result<boost::json::value>> get_any_status(std::string target);

  /// Logs in and, with `keep`, writes the token file (mode 0600).
  asio::awaitable<Result<>> login(std::string agent, Secret password, bool keep);

  const Secret& token() const { return token_; }
  const net::Url& url() const { return url_; }
  void set_limit(std::chrono::milliseconds limit) { limit_ = limit; }

 private:
  asio::awaitable<Result<net::Response>> send(net::Method method, std::string target, std::string body);
  asio::awaitable<Result<boost::json::value>> ask(net::Method method, std::string target, std::string body);

  net::Url url_;
  std::filesystem::path token_file_;
  Secret token_;
  std::chrono::milliseconds limit_{30'000};
};

/// `name` as a part of a path or query.
std::string url_part(std::string_view name);

}  // namespace peyk::ctl
