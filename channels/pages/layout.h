// The frame of every page for customers: one file, no script, nothing loaded from elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/net/http.h"
#include "channels/pages/catalogue.h"

namespace peyk::channels::pages {

/// HTML that is ready to be written into a page; plain text comes in by escape().
struct Html {
  std::string markup;
};
Html escape(std::string_view text);

struct Page {
  const Catalogue& words;
  std::string title;                           // plain text
  Html content;                                // of <main>, below the heading
  std::string path;                            // of the links to the other languages, "/form/contact"; empty: none
  std::vector<std::string> frame_ancestors{};  // origins whose pages may show it in a frame
};

/// Status, page and the headers that keep it to itself: a policy which lets in nothing but the page's own style,
/// never cached, not indexed.
net::Response render(int status, const Page& page);

/// A page that says what did not work.
net::Response render_failure(int status, const Catalogue& words, std::string_view text);

/// The line that tells people what became of their request, by the kind of error.
std::string_view failure_text(const Catalogue& words, ErrorCode code);

}  // namespace peyk::channels::pages
