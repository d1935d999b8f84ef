// What REST requests carry, checked.
#pragma once

#include <initializer_list>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/error.h"
#include "base/net/http.h"

namespace peyk::daemon {

/// Refuses query parameters that nobody reads.
Result<> only_parameters(const net::Request& request, std::initializer_list<std::string_view> known);

/// The fields of the body; an empty body is an empty object. `invalid` when it is no JSON object.
Result<boost::json::object> body_fields(const net::Request& request);

}  // namespace peyk::daemon
