// Text as it comes from strangers: checked, cleaned, cut, encoded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace peyk {

/// Well-formed UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF. Empty text is.
bool is_valid_utf8(std::string_view text);

/// Text fit to be stored and shown: CRLF and CR become LF, control characters but LF and TAB are dropped (C0, DEL,
/// C1), NFC. Bytes that are no UTF-8 become U+FFFD. Never fails.
std::string clean_text(std::string_view text);

/// The same for one line: line ends and TABs become single spaces, spaces at both ends go. For names and subjects.
std::string clean_line(std::string_view text);

/// At most `limit_bytes` bytes of valid UTF-8, cut between two grapheme clusters (what a reader sees as one
/// character), or between two code points when a single cluster is longer than the limit.
std::string truncate_utf8(std::string_view text, std::size_t limit_bytes);

/// At most `limit` grapheme clusters; with "…" as the last of them when something was cut off.
std::string shorten(std::string_view text, std::size_t limit);

/// Code points in valid UTF-8.
std::size_t count_code_points(std::string_view text);

/// & < > " ' as entities: safe in HTML text and in quoted attribute values.
std::string html_escape(std::string_view text);

/// Percent-encodes all but the unreserved characters of RFC 3986.
std::string percent_encode(std::string_view text);

/// Decodes %XX; `plus_is_space` as forms have it. Nothing when a % is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// Standard alphabet, with padding.
std::string base64_encode(std::string_view bytes);
/// Nothing when malformed. White space is skipped.
std::optional<std::string> base64_decode(std::string_view text);

/// URL-safe alphabet, without padding.
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

/// Lower-case hexadecimal.
std::string hex_encode(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
/// HMAC-SHA-256, 32 raw bytes. Compare with equal_constant_time (base/secret.h).
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Without ASCII white space at both ends; a view into `text`.
std::string_view trim(std::string_view text);
/// A-Z to a-z; other bytes stand.
std::string ascii_lower(std::string_view text);
bool ascii_iequals(std::string_view left, std::string_view right);
/// The parts between separators, empty ones included; views into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

/// An address as an identity: trimmed, NFC, lower case as a whole ("Ani@Kouh.Example" and "ani@kouh.example" are one
/// sender). `invalid` unless it is local@domain without spaces, controls or brackets, 254 bytes at most (RFC 5321).
Result<std::string> normalise_email(std::string_view address);

}  // namespace peyk
