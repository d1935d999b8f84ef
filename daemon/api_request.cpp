#include "daemon/api_request.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/text.h"

namespace peyk::daemon {

Result<> only_parameters(const net::Request& request, std::initializer_list<std::string_view> known) {
  std::vector<FieldError> errors;
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(known, name) != known.end()) continue;
    errors.push_back({shorten(clean_line(name), 100), "is not a parameter of this request"});
  }
  if (errors.empty()) return {};
  return fail(ErrorCode::unprocessable, "unknown parameter", std::move(errors));
}

Result<boost::json::object> body_fields(const net::Request& request) {
  if (trim(request.body).empty()) return boost::json::object();
  boost::system::error_code error;
  auto value = boost::json::parse(request.body, error);
  if (error || !value.is_object()) return fail(ErrorCode::invalid, "the body is not a JSON object");
  return std::move(value.as_object());
}

}  // namespace peyk::daemon
