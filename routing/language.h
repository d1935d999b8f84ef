// The language of a text: Persian, Armenian, English, Russian, Arabic and whatever else CLD2 knows.
#pragma once

#include <string_view>

#include "config/names.h"

namespace peyk::routing {

/// BCP 47 without region ("fa"); `fallback` when the text is too short or the answer unsure. Looks at the first 4 KiB.
/// Any bytes will do: what is no UTF-8 is passed over.
Language detect_language(std::string_view text, const Language& fallback);

/// Whether `language` (lower case) is one that CLD2 knows: some hundred and sixty.
bool is_known_language(const Language& language);

}  // namespace peyk::routing
