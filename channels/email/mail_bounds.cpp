#include "channels/email/mail_bounds.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::channels::email {
namespace {

constexpr std::size_t kMostFieldBytes = std::size_t{128} << 10U;
// GMime 3.2 reads a group within a group by recursion; each begins with a colon.
constexpr std::ptrdiff_t kMostColons = 1'000;
constexpr std::size_t kMostDelimiters = 50'000;
constexpr std::size_t kMostFields = 100'000;
constexpr std::size_t kMostAddressBytes = std::size_t{1} << 20U;

constexpr std::array<std::string_view, 9> kRead{"from", "sender",     "reply-to",    "to",        "cc",
                                                "bcc",  "references", "in-reply-to", "message-id"};

/// The lower-case name of the header field that `line` begins, if it is one whose value GMime takes apart.
std::string name_of(std::string_view line) {
  const auto colon = line.substr(0, 64).find(':');
  if (colon == std::string_view::npos) return {};
  auto name = ascii_lower(trim(line.substr(0, colon)));
  const bool is_read = std::ranges::find(kRead, name) != kRead.end() || name == "subject" ||
                       name.starts_with("content-") || name.starts_with("resent-") || name.starts_with("disposition-");
  return is_read ? name : std::string();
}

/// A line with those that go on with it (RFC 5322, 2.2.3).
std::string_view unfolded(std::string_view mail) {
  auto end = mail.find('\n');
  while (end != std::string_view::npos && end + 1 < mail.size() && (mail[end + 1] == ' ' || mail[end + 1] == '\t')) {
    end = mail.find('\n', end + 1);
  }
  return mail.substr(0, end);
}

bool holds_addresses(std::string_view name) {
  return name != "subject" && !name.starts_with("content-");
}

/// Whether `line` may be a field of a header: RFC 5322's characters of a name, then a colon.
bool is_field(std::string_view line) {
  const auto end = line.find_first_of(":\n \t\r");
  return end != 0 && end != std::string_view::npos && line[end] == ':';
}

/// Goes over a mail line by line, and adds up what it would ask for.
class Bounds {
 public:
  Result<> add(std::string_view rest) {
    if (rest.starts_with("--")) {
      in_header_ = true;
      if (++delimiters_ > kMostDelimiters) return too_many("lines that may part it", kMostDelimiters);
    }
    if (rest.starts_with('\n') || rest.starts_with("\r\n")) in_header_ = false;
    if ((in_header_ || nested_) && is_field(rest) && ++fields_ > kMostFields) {
      return too_many("fields", kMostFields);
    }
    const auto name = name_of(rest);
    return name.empty() ? Result<>() : add_field(name, unfolded(rest));
  }

 private:
  static std::unexpected<Error> too_many(std::string_view what, std::size_t most) {
    return fail(ErrorCode::too_large, fmt::format("more than {} {}", most, what));
  }

  Result<> add_field(std::string_view name, std::string_view field) {
    if (field.size() > kMostFieldBytes) {
      return fail(ErrorCode::too_large, fmt::format("a field {} of more than {} bytes", name, kMostFieldBytes));
    }
    // A message within it has a header after an empty line, and so have a digest's parts.
    if (name == "content-type") {
      const auto type = ascii_lower(field);
      nested_ = nested_ || type.find("message") != std::string::npos || type.find("digest") != std::string::npos;
    }
    if (!holds_addresses(name)) return {};
    address_bytes_ += field.size();
    if (address_bytes_ > kMostAddressBytes) return too_many("bytes of addresses", kMostAddressBytes);
    if (name != "references" && std::ranges::count(field, ':') > kMostColons) {
      return fail(ErrorCode::too_large, fmt::format("a field {} of more than {} groups", name, kMostColons));
    }
    return {};
  }

  std::size_t delimiters_ = 0;
  std::size_t fields_ = 0;
  std::size_t address_bytes_ = 0;
  bool in_header_ = true;
  bool nested_ = false;
};

}  // namespace

Result<> check_bounds(std::string_view mail) {
  Bounds bounds;
  while (!mail.empty()) {
    const auto added = bounds.add(mail);
    if (!added) return added;
    const auto end = mail.find('\n');
    if (end == std::string_view::npos) break;
    mail.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace peyk::channels::email
