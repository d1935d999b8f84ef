// Any bytes as a mail's HTML: readable text, and no tag weighs more than it says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "channels/email/html_tags.h"
#include "channels/email/html_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peyk::channels::email;
  const std::string_view html(reinterpret_cast<const char*>(data), size);
  const auto text = html_to_text(html);
  if (!peyk::is_valid_utf8(text) || text.size() > (1U << 20U) || text != peyk::clean_text(text)) std::abort();
  // What was made light has nothing more to lose.
  const auto light = light_tags(html);
  if (light.size() > 6 * size + 8 || light_tags(light).size() > light.size()) std::abort();
  return 0;
}
