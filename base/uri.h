// Reading a URI by Boost.URL.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace peyk {

/// A view of `text`, which must outlive it; nullopt unless it is "scheme://…". Without an authority Boost.URL 1.81
/// fails an assertion on a path such as "\x01".
inline std::optional<boost::urls::url_view> parse_uri_with_authority(std::string_view text) {
  if (!text.substr(std::min(text.find(':'), text.size())).starts_with("://")) return std::nullopt;
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return std::nullopt;
  return *parsed;
}

}  // namespace peyk
