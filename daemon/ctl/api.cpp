#include "daemon/ctl/api.h"

#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace peyk::ctl {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

Secret read_token(const fs::path& file) {
  std::ifstream in(file);
  std::string token;
  std::getline(in, token);
  return Secret(token);
}

/// Readable by its owner alone from the first moment.
Result<> write_token(const fs::path& file, const Secret& token) {
  std::error_code ignored;  // open() says what matters
  fs::create_directories(file.parent_path(), ignored);
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const auto line = token.reveal() + "\n";
  // One that was there keeps its mode, and may be anybody's to read.
  const bool written = descriptor >= 0 && ::fchmod(descriptor, 0600) == 0 &&
                       ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (descriptor >= 0) ::close(descriptor);
  if (written) return {};
  return fail(ErrorCode::unavailable,
              fmt::format("cannot write the token to {}; name another file with --token-file", file.string()));
}

ErrorCode code_of(int status) {
  switch (status) {
    case 401: return ErrorCode::unauthorized;
    case 403: return ErrorCode::forbidden;
    case 404: return ErrorCode::not_found;
    case 409: return ErrorCode::conflict;
    case 422: return ErrorCode::unprocessable;
    case 429: return ErrorCode::throttled;
    case 503: return ErrorCode::unavailable;
    default: return status < 500 ? ErrorCode::invalid : ErrorCode::internal;
  }
}

/// What a problem document (RFC 9457) says, in one line.
std::string words_of(const net::Response& response) {
  boost::system::error_code error;
  const auto document = json::parse(response.body, error);
  if (error || !document.is_object()) return fmt::format("the server answered {}", response.status);
  const auto& problem = document.get_object();
  std::string words;
  for (const auto* key : {"detail", "title"}) {
    const auto* text = problem.if_contains(key);
    if (words.empty() && text != nullptr && text->is_string()) words = text->get_string();
  }
  const auto* errors = problem.if_contains("errors");
  if (errors == nullptr || !errors->is_array()) return words;
  std::vector<std::string> lines;
  for (const auto& entry : errors->get_array()) {
    if (!entry.is_object()) continue;
    const auto* field = entry.get_object().if_contains("field");
    const auto* message = entry.get_object().if_contains("message");
    if (field == nullptr || message == nullptr || !field->is_string() || !message->is_string()) continue;
    lines.push_back(
        fmt::format("{}: {}", std::string_view(field->get_string()), std::string_view(message->get_string())));
  }
  // A detail that is made of them says them once.
  if (words == fmt::format("{}", fmt::join(lines, "; "))) return fmt::format("{}", fmt::join(lines, "\n"));
  for (const auto& line : lines) words += "\n  " + line;
  return words;
}

}  // namespace

std::string url_part(std::string_view name) {
  return percent_encode(name);
}

Api::Api(net::Url url, fs::path token_file)
    : url_(std::move(url)), token_file_(std::move(token_file)), token_(read_token(token_file_)) {}

asio::awaitable<Result<net::Response>> Api::send(net::Method method, std::string target, std::string body) {
  net::Request request;
  request.method = method;
  request.target = std::move(target);
  request.headers.set("Accept", "application/json");
  if (!token_.empty()) request.headers.set("Authorization", "Bearer " + token_.reveal());
  if (!body.empty()) request.headers.set("Content-Type", "application/json");
  request.body = std::move(body);
  co_return co_await net::fetch(url_, std::move(request), limit_);
}

asio::awaitable<Result<json::value>> Api::ask(net::Method method, std::string target, std::string body) {
  const auto response = co_await send(method, std::move(target), std::move(body));
  if (!response) co_return std::unexpected(response.error());
  if (response->status == 401)
    co_return fail(ErrorCode::unauthorized, words_of(*response) + "; log in: peykctl login AGENT");
  if (response->status >= 400) co_return fail(code_of(response->status), words_of(*response));
  if (response->body.empty()) co_return json::value(json::object());
  boost::system::error_code error;
  auto document = json::parse(response->body, error);
  if (error) co_return fail(ErrorCode::invalid, "the server's answer is no JSON; does --url name a Peyk?");
  co_return document;
}

asio::awaitable<Result<json::value>> Api::get(std::string target) {
  co_return co_await ask(net::Method::get, std::move(target), {});
}

asio::awaitable<Result<json::value>> Api::post(std::string target, json::value body) {
  co_return co_await ask(net::Method::post, std::move(target), json::serialize(body));
}

asio::awaitable<Result<json::value>> Api::del(std::string target) {
  co_return co_await ask(net::Method::del, std::move(target), {});
}

asio::awaitable<Result<json::value>> Api::get_any_status(std::string target) {
  const auto response = co_await send(net::Method::get, std::move(target), {});
  if (!response) co_return std::unexpected(response.error());
  boost::system::error_code error;
  auto document = json::parse(response->body, error);
  if (error) co_return fail(ErrorCode::invalid, "the server's answer is no JSON; does --url name a Peyk?");
  co_return document;
}

asio::awaitable<Result<>> Api::login(std::string agent, Secret password, bool keep) {
  json::object body{{"agent", agent}, {"password", password.reveal()}};
  token_ = {};
  const auto response = co_await send(net::Method::post, "/api/v1/session", json::serialize(body));
  if (!response) co_return std::unexpected(response.error());
  if (response->status >= 400) co_return fail(code_of(response->status), words_of(*response));
  boost::system::error_code error;
  const auto document = json::parse(response->body, error);
  const auto* token = error || !document.is_object() ? nullptr : document.get_object().if_contains("token");
  if (token == nullptr || !token->is_string()) co_return fail(ErrorCode::invalid, "the server gave no token");
  token_ = Secret(std::string(token->get_string()));
  if (!keep) co_return Result<>();
  co_return write_token(token_file_, token_);
}

}  // namespace peyk::ctl
