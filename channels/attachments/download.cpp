#include "channels/attachments/download.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::channels {
namespace {

/// Types that no browser runs scripts from (SVG and HTML would).
constexpr std::array<std::string_view, 6> kShown{"image/png",  "image/jpeg",      "image/gif",
                                                 "image/webp", "application/pdf", "text/plain"};

}  // namespace

std::string content_disposition(std::string_view kind, std::string_view name) {
  std::string plain;
  for (const char byte : name) {
    const bool fits = byte >= ' ' && byte < '\x7f' && byte != '"' && byte != '\\';
    plain += fits ? byte : '_';
  }
  return fmt::format("{}; filename=\"{}\"; filename*=UTF-8''{}", kind, plain, percent_encode(name));
}

net::Response download(const routing::Attachment& attachment, std::string content) {
  const bool shown = std::ranges::find(kShown, attachment.type) != kShown.end();
  std::string type = shown ? attachment.type : "application/octet-stream";
  if (type == "text/plain") type += "; charset=utf-8";
  auto response = net::Response::text(200, std::move(content), std::move(type));
  response.headers.set("Content-Disposition", content_disposition(shown ? "inline" : "attachment", attachment.name));
  response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Cache-Control", "private, no-store");
  response.headers.set("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace peyk::channels
