#include "channels/pages/moment.h"

#include <cmath>
#include <memory>

#include <unicode/datefmt.h>
#include <unicode/measfmt.h>
#include <unicode/measunit.h>
#include <unicode/numfmt.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

namespace peyk::channels::pages {
namespace {

icu::Locale locale_of(const Catalogue& words) {
  return icu::Locale::createFromName(std::string(words.locale).c_str());
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

struct Amount {
  std::int64_t count = 1;
  icu::MeasureUnit* unit = nullptr;  // created by ICU, owned by who holds it
};

Amount amount_of(double seconds, UErrorCode& error) {
  const double minutes = std::ceil(std::fmax(seconds, 1) / 60);
  if (minutes < 90) return {static_cast<std::int64_t>(minutes), icu::MeasureUnit::createMinute(error)};
  const double hours = std::ceil(minutes / 60);
  if (hours < 48) return {static_cast<std::int64_t>(hours), icu::MeasureUnit::createHour(error)};
  return {static_cast<std::int64_t>(std::fmin(std::ceil(hours / 24), 1000)), icu::MeasureUnit::createDay(error)};
}

}  // namespace

std::string moment(const Catalogue& words, Time time, const std::string& timezone) {
  const std::unique_ptr<icu::DateFormat> format(
      icu::DateFormat::createDateTimeInstance(icu::DateFormat::kLong, icu::DateFormat::kShort, locale_of(words)));
  if (!format) return to_rfc3339(time);
  format->adoptTimeZone(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(timezone)));
  icu::UnicodeString text;
  format->format(static_cast<UDate>(to_unix_ms(time)), text);
  return to_utf8(text);
}

std::string wait(const Catalogue& words, double seconds) {
  UErrorCode error = U_ZERO_ERROR;
  const auto amount = amount_of(seconds, error);
  const icu::MeasureFormat format(locale_of(words), UMEASFMT_WIDTH_WIDE, error);
  icu::Formattable measure(new icu::Measure(icu::Formattable(static_cast<int64_t>(amount.count)), amount.unit, error));
  icu::UnicodeString text;
  format.format(measure, text, error);
  return U_FAILURE(error) ? std::to_string(amount.count) : to_utf8(text);
}

std::string number(const Catalogue& words, std::int64_t value) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::NumberFormat> format(icu::NumberFormat::createInstance(locale_of(words), error));
  if (U_FAILURE(error)) return std::to_string(value);
  icu::UnicodeString text;
  format->format(static_cast<int64_t>(value), text);
  return to_utf8(text);
}

}  // namespace peyk::channels::pages
