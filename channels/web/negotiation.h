// What a browser would rather have: a page or data, and in which language.
#pragma once

#include <string>
#include <string_view>

#include "base/net/http.h"

namespace peyk::channels {

/// True when `accept` names text/html and values it no less than application/json. "*/*" alone asks for no page.
bool wants_page(std::string_view accept);

/// The first of fa, hy, en that `?lang=` or else Accept-Language asks for; `fallback` when neither names one.
std::string choose_language(const net::Request& request, std::string_view fallback);

}  // namespace peyk::channels
