// Text that must not be shown: prints as *** wherever it is printed by mistake.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace peyk {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  /// The text itself; name it only where it is handed to what needs it.
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Secret&, const Secret&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  std::string text_;
};

/// Compares in a time that depends on the lengths alone.
bool equal_constant_time(std::string_view left, std::string_view right);

}  // namespace peyk

template <>
struct fmt::formatter<peyk::Secret> : fmt::formatter<std::string_view> {
  auto format(const peyk::Secret&, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format("***", context);
  }
};
