// The one style of the customers' pages, written into each of them.
#pragma once

#include <string_view>

namespace peyk::channels::pages {

/// Logical properties throughout, so that right-to-left needs no second style. Contrast of text 4.5:1 and more in
/// light and dark.
extern const std::string_view kStyle;

}  // namespace peyk::channels::pages
