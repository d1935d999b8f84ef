// HTML as the text that a person would read.
#pragma once

#include <string>
#include <string_view>

namespace peyk::channels::email {

/// Paragraphs, lists, line breaks, table cells and links (their address in brackets when it says more than the text)
/// as plain text; scripts, styles and what is hidden left out. Any bytes; never fails. Reads at most the first MiB
/// and the first 20,000 tags, and gives at most a MiB.
std::string html_to_text(std::string_view html);

}  // namespace peyk::channels::email
