#include "channels/pages/layout.h"

#include <array>

#include <fmt/format.h>
#include <sodium.h>

#include "base/text.h"
#include "channels/pages/style.h"

namespace peyk::channels::pages {
namespace {

/// The hash by which the policy knows the page's own style.
std::string style_hash() {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(kStyle.data()), kStyle.size());
  return base64_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string security_policy(const std::vector<std::string>& frame_ancestors) {
  static const std::string hash = style_hash();
  std::string ancestors = frame_ancestors.empty() ? " 'none'" : " 'self'";
  for (const auto& origin : frame_ancestors) ancestors += " " + origin;
  return fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; base-uri 'none'; frame-ancestors{}", hash,
      ancestors);
}

std::string language_links(const Page& page) {
  if (page.path.empty()) return {};
  std::string links;
  for (const auto* other : {&kEnglish, &kPersian, &kArmenian}) {
    if (other == &page.words) {
      links += fmt::format(R"(<li><span lang="{0}" dir="{1}" aria-current="true">{2}</span></li>)", other->language,
                           other->direction, other->own_name);
    } else {
      links += fmt::format(R"(<li><a href="{0}?lang={1}" hreflang="{1}" lang="{1}" dir="{2}">{3}</a></li>)",
                           html_escape(page.path), other->language, other->direction, other->own_name);
    }
  }
  return fmt::format(R"(<nav aria-label="{}"><ul class="languages">{}</ul></nav>)", page.words.languages, links);
}

std::string document(const Page& page) {
  const auto title = html_escape(page.title);
  return fmt::format(R"(<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{languages}
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
)",
                     fmt::arg("language", page.words.language), fmt::arg("direction", page.words.direction),
                     fmt::arg("title", title), fmt::arg("style", kStyle), fmt::arg("languages", language_links(page)),
                     fmt::arg("content", page.content.markup));
}

}  // namespace

Html escape(std::string_view text) {
  return {html_escape(text)};
}

net::Response render(int status, const Page& page) {
  auto response = net::Response::html(status, document(page));
  response.headers.set("Content-Security-Policy", security_policy(page.frame_ancestors));
  response.headers.set("Content-Language", std::string(page.words.language));
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("X-Robots-Tag", "noindex");
  // A form's post would carry "Origin: null" under no-referrer; a status page's address must not leave this host.
  response.headers.set("Referrer-Policy", "same-origin");
  response.headers.set("Vary", "Accept, Accept-Language, Origin");
  return response;
}

net::Response render_failure(int status, const Catalogue& words, std::string_view text) {
  return render(status, {.words = words,
                         .title = std::string(words.failures.title),
                         .content = {fmt::format("<p>{}</p>", html_escape(text))},
                         .path = {}});
}

std::string_view failure_text(const Catalogue& words, ErrorCode code) {
  const auto& texts = words.failures;
  switch (code) {
    case ErrorCode::not_found: return texts.not_found;
    case ErrorCode::forbidden:
    case ErrorCode::unauthorized: return texts.forbidden;
    case ErrorCode::throttled: return texts.throttled;
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
    case ErrorCode::cancelled:
    case ErrorCode::stale: return texts.unavailable;
    case ErrorCode::conflict: return texts.conflict;
    case ErrorCode::invalid:
    case ErrorCode::unprocessable: return texts.malformed;
    case ErrorCode::too_large: return texts.too_large;
    case ErrorCode::unsupported: return texts.unsupported;
    case ErrorCode::internal: return texts.internal;
  }
  return texts.internal;
}

}  // namespace peyk::channels::pages
