#include "routing/loggable.h"

#include "base/text.h"

namespace peyk::routing {
namespace {

constexpr std::string_view kGivenUp = "given up: ";

bool is_reply(std::string_view text) {
  return text.size() >= 3 && text.substr(0, 3).find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string loggable(std::string_view detail) {
  std::string shown;
  if (detail.starts_with(kGivenUp)) {
    shown = kGivenUp;
    detail.remove_prefix(kGivenUp.size());
  }
  if (is_reply(detail)) return shown + std::string(trim(detail.substr(0, detail.find_first_not_of("0123456789. "))));
  for (const auto word : split(detail, ' ')) {
    if (!shown.empty() && !shown.ends_with(' ')) shown += ' ';
    shown += word.find('@') == std::string_view::npos ? word : "…";
  }
  return shown;
}

}  // namespace peyk::routing
