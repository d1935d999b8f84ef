#include "base/text.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

namespace peyk {
namespace {

using Utf8Index = std::int32_t;

/// ICU counts bytes in 32 bits; nothing that reaches us is longer (the largest body is far below).
std::string_view within_icu(std::string_view text) {
  return text.substr(0, std::size_t{1} << 30U);
}

/// The code point at `at`, which moves on; negative when malformed.
UChar32 next_code_point(std::string_view text, std::size_t& at) {
  auto index = static_cast<Utf8Index>(at);
  UChar32 code = 0;
  U8_NEXT(text.data(), index, static_cast<Utf8Index>(text.size()), code);
  at = static_cast<std::size_t>(index);
  return code;
}

bool is_dropped(UChar32 code) {
  if (code == '\n' || code == '\t') return false;
  return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

std::string nfc(std::string text) {
  const bool ascii = std::ranges::all_of(text, [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
  if (ascii) return text;
  UErrorCode status = U_ZERO_ERROR;
  const auto* normaliser = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return text;
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  normaliser->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<Utf8Index>(text.size())), sink, nullptr,
                            status);
  return U_SUCCESS(status) ? out : text;
}

/// Walks the grapheme clusters of valid UTF-8; the iterator counts in bytes.
class Graphemes {
 public:
  explicit Graphemes(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    text_ = utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status);
    breaks_.reset(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    if (U_SUCCESS(status)) breaks_->setText(text_, status);
    usable_ = U_SUCCESS(status);
  }
  ~Graphemes() {
    breaks_.reset();
    utext_close(text_);
  }
  Graphemes(const Graphemes&) = delete;
  Graphemes& operator=(const Graphemes&) = delete;

  /// The last boundary at or before `offset`.
  std::size_t boundary_before(std::size_t offset) {
    if (!usable_) return 0;
    const auto at = static_cast<Utf8Index>(offset);
    return static_cast<std::size_t>(breaks_->isBoundary(at) != 0 ? at : breaks_->preceding(at));
  }

  /// The end of the `count`th cluster; nothing when there are fewer.
  std::optional<std::size_t> end_of(std::size_t count) {
    if (!usable_) return std::nullopt;
    const auto end = breaks_->next(static_cast<Utf8Index>(count));
    if (end == icu::BreakIterator::DONE) return std::nullopt;
    return static_cast<std::size_t>(end);
  }

 private:
  UText* text_ = nullptr;
  std::unique_ptr<icu::BreakIterator> breaks_;
  bool usable_ = false;
};

std::string_view cut_at_code_point(std::string_view text, std::size_t limit) {
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    // The macro counts in 32 bits: hand it no more than one code point's bytes.
    std::size_t used = 0;
    if (next_code_point(text.substr(at, 4), used) < 0) return false;
    at += used;
  }
  return true;
}

std::string clean_text(std::string_view raw) {
  const auto text = within_icu(raw);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto start = at;
    auto code = next_code_point(text, at);
    if (code == '\r') {
      out += '\n';
      if (at < text.size() && text[at] == '\n') ++at;
    } else if (code < 0) {
      out += "\xEF\xBF\xBD";
    } else if (!is_dropped(code)) {
      out.append(text, start, at - start);
    }
  }
  return nfc(std::move(out));
}

std::string clean_line(std::string_view text) {
  std::string out;
  for (const char byte : clean_text(text)) {
    const bool space = byte == '\n' || byte == '\t' || byte == ' ';
    if (!space) {
      out += byte;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string truncate_utf8(std::string_view text, std::size_t limit_bytes) {
  if (text.size() <= limit_bytes) return std::string(text);
  const auto code_points = cut_at_code_point(text, limit_bytes);
  // A cluster is a handful of code points: what lies far behind the cut cannot move it.
  const auto near = text.substr(0, std::min(text.size(), limit_bytes + 256));
  const auto cut = Graphemes(near).boundary_before(code_points.size());
  return std::string(cut > 0 ? text.substr(0, cut) : code_points);
}

std::string shorten(std::string_view text, std::size_t limit) {
  if (limit == 0) return "";
  Graphemes all(text);
  const auto end = all.end_of(limit);
  if (!end || *end >= text.size()) return std::string(text);
  const auto shorter = limit == 1 ? std::optional<std::size_t>(0) : Graphemes(text).end_of(limit - 1);
  return std::string(text.substr(0, shorter.value_or(0))) + "…";
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char byte : text) {
    switch (byte) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += byte;
    }
  }
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (auto& byte : out) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return out;
}

bool ascii_iequals(std::string_view left, std::string_view right) {
  const auto lower = [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Result<std::string> normalise_email(std::string_view address) {
  const auto refused = [address] {
    return fail(ErrorCode::invalid, fmt::format("\"{}\" is no e-mail address", truncate_utf8(clean_line(address), 80)));
  };
  const auto text = trim(address);
  const auto at = text.rfind('@');
  if (!is_valid_utf8(text) || text.size() > 254 || at == std::string_view::npos || at == 0 || at > 64) return refused();
  const auto domain = text.substr(at + 1);
  const bool forbidden = std::ranges::any_of(text, [](char byte) {
    return static_cast<unsigned char>(byte) <= 0x20 || byte == 0x7F || std::string_view("<>()[],;:\\\"").contains(byte);
  });
  const bool bad_local = text.substr(0, at).contains('@');
  const bool bad_domain = domain.empty() || domain.front() == '.' || domain.back() == '.' || domain.contains("..");
  if (forbidden || bad_local || bad_domain) return refused();
  UErrorCode status = U_ZERO_ERROR;
  auto lower = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<Utf8Index>(text.size())));
  lower.toLower(icu::Locale::getRoot());
  const auto* normaliser = icu::Normalizer2::getNFCInstance(status);
  if (U_SUCCESS(status)) lower = normaliser->normalize(lower, status);
  std::string out;
  lower.toUTF8String(out);
  return out;
}

}  // namespace peyk
