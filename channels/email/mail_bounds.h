// What a mail may not ask of the MIME library.
#pragma once

#include <string_view>

#include "base/error.h"

namespace peyk::channels::email {

/// `too_large` for a mail that would cost GMime time by the square of its length, memory by a multiple of it, or a
/// stack frame for every other byte: fields of addresses, ids or parameters of more than 128 KiB, groups of addresses
/// in each other, tens of thousands of parts. Looks at lines as they stand, wherever they are: what GMime takes for a
/// header is one of them. Takes a pass over the bytes.
Result<> check_bounds(std::string_view mail);

}  // namespace peyk::channels::email
