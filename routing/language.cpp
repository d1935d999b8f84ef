#include "routing/language.h"

#include <array>
#include <cld2/internal/lang_script.h>
#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/text.h"

namespace peyk::routing {
namespace {

constexpr std::size_t kLookAtBytes = 4096;
constexpr int kFewestLetters = 3;   // of a script that one language alone writes
constexpr int kFewestForCld2 = 12;  // letters; below, CLD2 guesses wildly

/// How many letters of which script a text has.
struct Letters {
  int armenian = 0;
  int arabic = 0;
  int persian_only = 0;  // پ چ ژ گ ک ی and the zero-width non-joiner between Arabic letters
  int arabic_only = 0;   // ة ى ي ك and the tanwin
  int cyrillic = 0;
  int latin = 0;
  int other = 0;
  int total() const { return armenian + arabic + cyrillic + latin + other; }
};

void count(char32_t c, Letters& letters) {
  if ((c >= 0x531 && c <= 0x587) || (c >= 0xFB13 && c <= 0xFB17)) {
    ++letters.armenian;
  } else if ((c >= 0x620 && c <= 0x6D3) || (c >= 0xFB50 && c <= 0xFEFC)) {
    ++letters.arabic;
    if (c == 0x67E || c == 0x686 || c == 0x698 || c == 0x6AF || c == 0x6A9 || c == 0x6CC) ++letters.persian_only;
    if (c == 0x629 || c == 0x649 || c == 0x64A || c == 0x643 || (c >= 0x64B && c <= 0x64D)) ++letters.arabic_only;
  } else if (c >= 0x400 && c <= 0x4FF) {
    ++letters.cyrillic;
  } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x24F)) {
    ++letters.latin;
  } else if (c >= 0x250) {
    ++letters.other;
  }
}

/// The code point at `at` of valid UTF-8, which moves past it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  char32_t value = lead & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more && at < text.size(); ++i) {
    value = (value << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  }
  return value;
}

Letters count_letters(std::string_view text) {
  Letters letters;
  for (std::size_t at = 0; at < text.size();) count(next_code_point(text, at), letters);
  return letters;
}

/// What CLD2 is sure of; empty otherwise.
Language ask_cld2(const std::string& text, const Language& hint) {
  std::array<CLD2::Language, 3> languages{};
  std::array<int, 3> percent{};
  std::array<double, 3> scores{};
  int text_bytes = 0;
  bool reliable = false;
  int valid_bytes = 0;
  const CLD2::CLDHints hints{hint.empty() ? nullptr : hint.c_str(), nullptr, CLD2::UNKNOWN_ENCODING,
                             CLD2::UNKNOWN_LANGUAGE};
  const auto found = CLD2::ExtDetectLanguageSummaryCheckUTF8(text.data(), static_cast<int>(text.size()), true, &hints,
                                                             0, languages.data(), percent.data(), scores.data(),
                                                             nullptr, &text_bytes, &reliable, &valid_bytes);
  if (!reliable || found == CLD2::UNKNOWN_LANGUAGE) return {};
  const std::string code = CLD2::LanguageCode(found);
  const auto dash = code.find('-');
  return code == "un" ? Language() : code.substr(0, dash);
}

/// Persian and Arabic share most of their letters: where CLD2 is unsure, those that only one of them has decide.
Language arabic_script(const Letters& letters) {
  if (letters.persian_only > letters.arabic_only) return "fa";
  if (letters.arabic_only > letters.persian_only) return "ar";
  return {};
}

}  // namespace

bool is_known_language(const Language& language) {
  const auto found = CLD2::GetLanguageFromName(language.c_str());
  return found != CLD2::UNKNOWN_LANGUAGE && found < CLD2::NUM_LANGUAGES && CLD2::LanguageCode(found) == language;
}

Language detect_language(std::string_view text, const Language& fallback) {
  std::string sample(text.substr(0, kLookAtBytes));
  if (!is_valid_utf8(sample)) sample = clean_text(sample);
  const auto letters = count_letters(sample);
  const int total = letters.total();
  if (letters.armenian >= kFewestLetters && letters.armenian * 2 > total) return "hy";
  if (total >= kFewestForCld2) {
    const auto found = ask_cld2(sample, fallback);
    if (!found.empty()) return found;
  }
  if (letters.arabic >= kFewestLetters && letters.arabic * 2 > total) {
    const auto found = arabic_script(letters);
    if (!found.empty()) return found;
  }
  return fallback;
}

}  // namespace peyk::routing
