#include "channels/chat/client_frame.h"

#include <array>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "base/json_input.h"
#include "base/text.h"

namespace peyk::channels::chat {
namespace {

constexpr TextRule kKeyRule{1, 64, false};
constexpr TextRule kTicketRule{1, 1000, false};
constexpr TextRule kCommentRule{0, 2000, true};
constexpr std::size_t kAttachments = 10;
constexpr std::int64_t kLastSeq = std::int64_t{1} << 32U;
constexpr std::size_t kAnyLength = std::size_t{1} << 30U;  // the limit is in bytes, and checked apart

/// Everything wrong with the fields in one line.
std::string describe(const Error& error) {
  std::string text = error.message;
  for (const auto& field : error.fields) text += fmt::format("; {}: {}", field.field, field.message);
  return shorten(text, 300);
}

FrameError frame_error(const Error& error, std::string key = {}) {
  return {error.code, describe(error), std::move(key)};
}

ClientFrame read_hello(JsonInput& input) {
  Hello hello;
  hello.visitor = input.optional_text("visitor", {0, 500, false}).value_or("");
  hello.name = input.optional_text("name", {0, 200, false}).value_or("");
  hello.locale = input.optional_text("locale", {0, 35, false}).value_or("");
  hello.page = input.optional_text("page", {0, 2000, false}).value_or("");
  if (const auto email = input.optional_text("email", {0, 254, false}); email && !email->empty()) {
    auto address = normalise_email(*email);
    if (address) hello.email = std::move(*address);
    if (!address) input.refuse("email", "this is not an e-mail address");
  }
  return hello;
}

ClientFrame read_say(JsonInput& input, std::size_t) {
  Say say;
  say.key = input.text("key", kKeyRule);
  say.text = input.optional_text("text", {0, kAnyLength, true}).value_or("");
  say.attachments = input.texts("attachments", kTicketRule, kAttachments);
  if (trim(say.text).empty() && say.attachments.empty()) input.refuse("text", "a message has text or attachments");
  return say;
}

ClientFrame read_rate(JsonInput& input) {
  Rate rate;
  rate.score = static_cast<int>(input.integer("score", 1, 5));
  rate.comment = input.optional_text("comment", kCommentRule).value_or("");
  return rate;
}

ClientFrame read_history(JsonInput& input) {
  History history;
  history.conversation = input.text("conversation", kIdRule);
  history.before = static_cast<std::uint64_t>(input.integer("before", 1, kLastSeq));
  return history;
}

using Reader = ClientFrame (*)(JsonInput&, std::size_t);
constexpr std::array<std::pair<std::string_view, Reader>, 7> kReaders{{
    {"hello", [](JsonInput& input, std::size_t) { return read_hello(input); }},
    {"message", read_say},
    {"typing", [](JsonInput&, std::size_t) { return ClientFrame(Typing{}); }},
    {"read", [](JsonInput& input, std::size_t) { return ClientFrame(Read{input.text("message", kIdRule)}); }},
    {"end", [](JsonInput&, std::size_t) { return ClientFrame(End{}); }},
    {"rate", [](JsonInput& input, std::size_t) { return read_rate(input); }},
    {"history", [](JsonInput& input, std::size_t) { return read_history(input); }},
}};

/// The key of a message that is refused as a whole, so that its client knows which.
std::string key_of(std::string_view text) {
  auto input = JsonInput::parse(text);
  return input ? input->optional_text("key", kKeyRule).value_or("") : std::string();
}

}  // namespace

std::expected<ClientFrame, FrameError> parse_client_frame(std::string_view text, std::size_t text_bytes) {
  auto input = JsonInput::parse(text);
  if (!input) return std::unexpected(frame_error(input.error()));
  const auto type = input->optional_text("type", kKeyRule).value_or("");
  for (const auto& [name, read] : kReaders) {
    if (name != type) continue;
    auto frame = read(*input, text_bytes);
    const auto* const say = std::get_if<Say>(&frame);
    if (auto done = input->finish(); !done) return std::unexpected(frame_error(done.error(), key_of(text)));
    if (say != nullptr && say->text.size() > text_bytes) {
      return std::unexpected(FrameError{ErrorCode::too_large,
                                        fmt::format("a message has at most {} bytes of text", text_bytes), say->key});
    }
    return frame;
  }
  return std::unexpected(FrameError{ErrorCode::invalid, "unknown type", key_of(text)});
}

}  // namespace peyk::channels::chat
