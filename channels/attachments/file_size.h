// How large an uploaded file may be.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/net/http.h"

namespace peyk::channels {

/// Of a file that is a request's body; before there is a body, as many as the head announces: 0 when it says nothing.
std::uint64_t file_bytes(const net::Request& request);

/// `too_large` when the file that is a request's body has more than `most` bytes, or when the head, before there is a
/// body, announces more.
Result<> check_file_size(const net::Request& request, std::uint64_t most);

}  // namespace peyk::channels
