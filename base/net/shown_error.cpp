#include "base/net/shown_error.h"

#include <chrono>

#include <spdlog/spdlog.h>

#include "base/log_gate.h"

namespace peyk::net {
namespace {

/// A store that is away fails thousands of requests a second, all for the same reason.
void log_unavailable(const Error& error) {
  static LogGate gate;
  const auto suppressed = gate.open(std::chrono::steady_clock::now());
  if (!suppressed) return;
  spdlog::warn("http.unavailable code={} origin={}:{} suppressed={} message=\"{}\"", to_string(error.code),
               error.origin.file_name(), error.origin.line(), *suppressed, error.message);
}

}  // namespace

std::string shown_message(const Error& error) {
  switch (error.code) {
    case ErrorCode::internal:
      spdlog::error("http.internal_error origin={}:{} message=\"{}\"", error.origin.file_name(), error.origin.line(),
                    error.message);
      return "An internal error. It has been logged.";
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
    case ErrorCode::stale:
    case ErrorCode::cancelled: log_unavailable(error); return "Not possible just now: try again in a moment.";
    default: return error.message;
  }
}

}  // namespace peyk::net
