// What a visitor's client says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace peyk::channels::chat {

struct Hello {
  std::string visitor;  // token; empty: none
  std::string name;
  std::string email;
  std::string locale;
  std::string page;  // address of the page he is on
};
struct Say {
  std::string key;
  std::string text;
  std::vector<std::string> attachments;  // tickets
};
struct Typing {};
struct Read {
  std::string message;
};
struct End {};
struct Rate {
  int score = 0;
  std::string comment;
};
struct History {
  std::string conversation;
  std::uint64_t before = 0;  // seq
};

using ClientFrame = std::variant<Hello, Say, Typing, Read, End, Rate, History>;

/// What is wrong with a frame, and the key of the message it was about.
struct FrameError {
  ErrorCode code = ErrorCode::invalid;
  std::string message;
  std::string key;  // empty: none
};

/// `invalid`: no JSON object, or an unknown type; `unprocessable`: wrong or unknown fields; `too_large`: the text is
/// longer than `text_bytes`.
std::expected<ClientFrame, FrameError> parse_client_frame(std::string_view text, std::size_t text_bytes);

}  // namespace peyk::channels::chat
