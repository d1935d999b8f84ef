// Expected failure as a value: what went wrong, in words for people, with a stable code and the place it arose.
#pragma once

#include <cstdint>
#include <expected>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peyk {

/// What kind of failure it is: decides the answer a peer gets (see docs/api.md).
enum class ErrorCode : std::uint8_t {
  invalid,        // malformed or refused input: 400
  unauthorized,   // not logged in: 401
  forbidden,      // logged in, not allowed: 403
  not_found,      // 404
  conflict,       // the state does not allow it any more: 409
  too_large,      // 413
  unsupported,    // media type: 415
  unprocessable,  // well-formed input with wrong fields: 422
  throttled,      // 429
  unavailable,    // the store or a peer is down; nothing was done: 503
  timeout,        // no answer within the deadline; it may have been done
  cancelled,      // our own stop
  stale,          // this daemon's configuration is not the desk's
  internal,       // a broken expectation of ours: 500
};

/// The code's stable name, as peers see it ("not_found").
std::string_view to_string(ErrorCode code);

/// One field of refused input.
struct FieldError {
  std::string field;
  std::string message;
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // for people: what was wrong, where, and what to do
  std::vector<FieldError> fields;
  std::source_location origin;
};

template <typename T = void>
using Result = std::expected<T, Error>;

/// `return fail(ErrorCode::not_found, "no conversation c_…")`.
inline std::unexpected<Error> fail(ErrorCode code, std::string message,
                                   std::source_location origin = std::source_location::current()) {
  return std::unexpected(Error{code, std::move(message), {}, origin});
}

inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::vector<FieldError> fields,
                                   std::source_location origin = std::source_location::current()) {
  return std::unexpected(Error{code, std::move(message), std::move(fields), origin});
}

}  // namespace peyk
