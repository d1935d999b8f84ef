// Any bytes as a visitor's frame: refused with a reason, or within its limits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "base/text.h"
#include "channels/chat/client_frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peyk::channels::chat;
  constexpr std::size_t kTextBytes = 100;
  const auto frame = parse_client_frame({reinterpret_cast<const char*>(data), size}, kTextBytes);
  if (!frame) {
    if (frame.error().message.empty() || !peyk::is_valid_utf8(frame.error().message)) std::abort();
    return 0;
  }
  if (const auto* const say = std::get_if<Say>(&*frame)) {
    if (say->key.empty() || say->text.size() > kTextBytes || !peyk::is_valid_utf8(say->text)) std::abort();
    if (say->text.empty() && say->attachments.empty()) std::abort();
  }
  if (const auto* const rate = std::get_if<Rate>(&*frame)) {
    if (rate->score < 1 || rate->score > 5) std::abort();
  }
  if (const auto* const history = std::get_if<History>(&*frame)) {
    if (history->conversation.empty() || history->before < 1 || history->before > std::uint64_t{1} << 32U) std::abort();
  }
  return 0;
}
