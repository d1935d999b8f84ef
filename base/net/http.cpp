#include "base/net/http.h"

#include <algorithm>
#include <array>

#include <boost/beast/http/status.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/net/shown_error.h"
#include "base/text.h"

namespace peyk::net {
namespace {

constexpr std::string_view kRetryAfterSeconds = "5";

Response make(int status, std::string body, std::string type) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", std::move(type));
  response.body = std::move(body);
  return response;
}

Response make_problem(int status, const boost::json::object& body) {
  auto response = make(status, boost::json::serialize(body), "application/problem+json");
  if (status == 429 || status == 503) response.headers.add("Retry-After", std::string(kRetryAfterSeconds));
  return response;
}

std::string reason(int status) {
  return std::string(boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status)));
}

}  // namespace

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
  std::erase_if(fields_, [&name](const auto& field) { return ascii_iequals(field.first, name); });
  add(std::move(name), std::move(value));
}

std::string_view Headers::get(std::string_view name) const {
  const auto found =
      std::ranges::find_if(fields_, [name](const auto& field) { return ascii_iequals(field.first, name); });
  return found == fields_.end() ? std::string_view() : std::string_view(found->second);
}

bool Headers::has(std::string_view name) const {
  return std::ranges::any_of(fields_, [name](const auto& field) { return ascii_iequals(field.first, name); });
}

std::string_view Request::capture(const std::string& name) const {
  const auto found = captures.find(name);
  return found == captures.end() ? std::string_view() : std::string_view(found->second);
}

std::string Request::bearer_token() const {
  const auto value = headers.get("Authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size() || !ascii_iequals(value.substr(0, kScheme.size()), kScheme)) return {};
  return std::string(trim(value.substr(kScheme.size())));
}

Response Response::json(int status, const boost::json::value& body) {
  return make(status, boost::json::serialize(body), "application/json");
}

Response Response::text(int status, std::string body, std::string type) {
  return make(status, std::move(body), std::move(type));
}

Response Response::html(int status, std::string body) {
  auto response = make(status, std::move(body), "text/html; charset=utf-8");
  response.headers.add("Content-Security-Policy",
                       "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
                       "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  return response;
}

Response Response::problem(const Error& error) {
  const int status = status_of(error.code);
  boost::json::object body{{"type", fmt::format("urn:peyk:error:{}", to_string(error.code))},
                           {"title", reason(status)},
                           {"status", status},
                           {"detail", shown_message(error)}};
  if (!error.fields.empty()) {
    boost::json::array fields;
    for (const auto& field : error.fields) {
      fields.push_back(boost::json::object{{"field", field.field}, {"message", field.message}});
    }
    body["errors"] = std::move(fields);
  }
  return make_problem(status, body);
}

Response Response::problem(int status, std::string detail) {
  return make_problem(status,
                      {{"type", "about:blank"}, {"title", reason(status)}, {"status", status}, {"detail", detail}});
}

Response Response::empty(int status) {
  Response response;
  response.status = status;
  return response;
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid: return 400;
    case ErrorCode::unauthorized: return 401;
    case ErrorCode::forbidden: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::conflict: return 409;
    case ErrorCode::too_large: return 413;
    case ErrorCode::unsupported: return 415;
    case ErrorCode::unprocessable: return 422;
    case ErrorCode::throttled: return 429;
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
    case ErrorCode::cancelled:
    case ErrorCode::stale: return 503;
    case ErrorCode::internal: return 500;
  }
  return 500;
}

}  // namespace peyk::net
