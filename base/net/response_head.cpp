#include "base/net/response_head.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <boost/beast/http/status.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/text.h"

namespace peyk::net {
namespace {

struct Default {
  std::string_view name;
  std::string_view value;
};

constexpr std::array<Default, 4> kDefaults{{
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Frame-Options", "DENY"},
    {"Cache-Control", "no-store"},
}};

/// The server alone says how long an answer is and what becomes of the connection.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 4> kReserved{"content-length", "transfer-encoding", "connection", "date"};
  return std::ranges::any_of(kReserved, [name](std::string_view own) { return ascii_iequals(own, name); });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const auto start = out.size();
  out.append(value);
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
      [](char byte) { return byte == '\r' || byte == '\n' || byte == '\0'; }, ' ');
  out.append("\r\n");
}

void append_status_line(std::string& out, int status) {
  namespace http = boost::beast::http;
  const auto reason = http::obsolete_reason(static_cast<http::status>(status));
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", status, std::string_view(reason.data(), reason.size()));
}

}  // namespace

std::string_view http_date() {
  thread_local std::time_t shown = 0;
  thread_local std::string text;
  const auto now = std::time(nullptr);
  if (now != shown) {
    shown = now;
    text = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
  }
  return text;
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string response_head(const Response& response, Connection connection) {
  std::string out;
  out.reserve(512);
  append_status_line(out, response.status);
  append_field(out, "Date", http_date());
  if (has_body(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
  }
  if (connection == Connection::close) out += "Connection: close\r\n";
  if (connection == Connection::keep_alive_1_0) out += "Connection: keep-alive\r\n";
  for (const auto& [name, value] : kDefaults) {
    if (!response.headers.has(name)) append_field(out, name, value);
  }
  for (const auto& [name, value] : response.headers.all()) {
    if (!is_reserved(name)) append_field(out, name, value);
  }
  out += "\r\n";
  return out;
}

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::del: return "DELETE";
    case Method::options: return "OPTIONS";
    case Method::other: return "OTHER";
  }
  return "OTHER";
}

}  // namespace peyk::net
