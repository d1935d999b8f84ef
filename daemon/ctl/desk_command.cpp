#include "daemon/ctl/desk_command.h"

#include <charconv>
#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "config/duration.h"

namespace peyk::ctl {
namespace {

namespace json = boost::json;
using Kind = DeskCommand::Kind;

/// What a command is typed with.
struct Line {
  std::string_view word;
  std::string_view rest;
  DeskView& view;
  Time now;
  std::string key;
};

std::pair<std::string_view, std::string_view> cut_word(std::string_view text) {
  text = trim(text);
  const auto space = text.find_first_of(" \t");
  if (space == std::string_view::npos) return {text, {}};
  return {text.substr(0, space), trim(text.substr(space))};
}

std::optional<int> leading_number(std::string_view& rest) {
  const auto [word, after] = cut_word(rest);
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  rest = after;
  return value;
}

DeskCommand send(json::object frame) {
  return {Kind::send, std::move(frame), {}};
}

void add_text(json::object& frame, std::string_view name, std::string_view value) {
  if (!value.empty()) frame[name] = value;
}

Result<DeskCommand> presence(const Line& line) {
  json::object frame{{"type", "presence"}, {"state", line.word}};
  add_text(frame, "reason", line.rest);
  return send(std::move(frame));
}

Result<DeskCommand> answer_offer(const Line& line) {
  auto rest = line.rest;
  const auto number = leading_number(rest);
  const auto offer = line.view.offer(number);
  if (!offer)
    return fail(ErrorCode::not_found, number ? fmt::format("there is no offer {}", *number) : "there is no offer");
  json::object frame{{"type", line.word}, {"offer", *offer}};
  if (line.word == "decline") add_text(frame, "reason", rest);
  return send(std::move(frame));
}

/// "2h", "30m": from now; or a time as RFC 3339 has it.
Result<std::string> until(std::string_view text, Time now) {
  if (const auto duration = config::parse_duration(text)) return to_rfc3339(now + *duration);
  const auto time = parse_rfc3339(text);
  if (!time) return fail(ErrorCode::invalid, "say until when: snooze 2h, or snooze 2026-11-22T14:00:00Z");
  return to_rfc3339(*time);
}

Result<DeskCommand> transfer(json::object frame, std::string_view rest) {
  const auto [target, note] = cut_word(rest);
  if (target.empty())
    return fail(ErrorCode::invalid, "say where to: transfer QUEUE, or transfer @AGENT, and a note if you like");
  if (target.starts_with('@'))
    frame["agent"] = target.substr(1);
  else
    frame["queue"] = target;
  add_text(frame, "note", note);
  return send(std::move(frame));
}

/// Commands on the open conversation.
Result<DeskCommand> on_conversation(Line line) {
  if (line.view.open().empty()) return fail(ErrorCode::not_found, "open a conversation first: list, then open NUMBER");
  json::object frame{{"type", line.word}, {"conversation", line.view.open()}};
  if (line.word == "reply" || line.word == "note") {
    if (line.rest.empty())
      return fail(ErrorCode::invalid, fmt::format("say what: {} TEXT (\\n for a new line)", line.word));
    std::string text(line.rest);
    for (auto at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at + 1)) text.replace(at, 2, "\n");
    frame["text"] = text;
    if (line.word == "reply") {
      frame["key"] = line.key;
      add_text(frame, "seen", line.view.last_shown());
    }
    return send(std::move(frame));
  }
  if (line.word == "transfer") return transfer(std::move(frame), line.rest);
  add_text(frame, "seen", line.view.last_shown());
  if (line.word == "resolve") {
    const auto [outcome, note] = cut_word(line.rest);
    add_text(frame, "outcome", outcome);
    add_text(frame, "note", note);
    return send(std::move(frame));
  }
  if (line.word == "pending" && line.rest.empty()) return send(std::move(frame));
  auto time = until(line.rest, line.now);
  if (!time) return std::unexpected(time.error());
  frame["until"] = *time;
  return send(std::move(frame));
}

Result<DeskCommand> start(const Line& line) {
  const auto [channel, after_channel] = cut_word(line.rest);
  const auto [to, text] = cut_word(after_channel);
  if (text.empty()) return fail(ErrorCode::invalid, "say: start CHANNEL ADDRESS TEXT");
  return send({{"type", "start"}, {"channel", channel}, {"to", to}, {"text", text}});
}

Result<DeskCommand> open(const Line& line) {
  auto rest = line.rest;
  return DeskCommand{Kind::print, {}, line.view.show(leading_number(rest))};
}

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  for (const auto candidate : words) {
    if (word == candidate) return true;
  }
  return false;
}

}  // namespace

Result<DeskCommand> parse_desk_command(std::string_view typed, DeskView& view, Time now, std::string key) {
  const auto [word, rest] = cut_word(typed);
  const Line line{word, rest, view, now, std::move(key)};
  if (word.empty()) return DeskCommand{};
  if (is_any(word, {"quit", "exit"})) return DeskCommand{Kind::quit, {}, {}};
  if (word == "help") return DeskCommand{Kind::print, {}, desk_help()};
  if (word == "list") return DeskCommand{Kind::print, {}, view.list()};
  if (is_any(word, {"open", "show"})) return open(line);
  if (is_any(word, {"available", "busy", "break", "away"})) return presence(line);
  if (is_any(word, {"accept", "decline"})) return answer_offer(line);
  if (is_any(word, {"reply", "note", "transfer", "resolve", "snooze", "pending"})) return on_conversation(line);
  if (word == "start") return start(line);
  return fail(ErrorCode::invalid,
              fmt::format("unknown command \"{}\"; type: help (an answer to the customer: reply TEXT)", word));
}

std::string desk_help() {
  return "available | busy | break [REASON] | away   your presence\n"
         "list                     offers and conversations, with their numbers\n"
         "accept [N]               take an offer (the oldest without a number)\n"
         "decline [N] [REASON]     leave an offer to a colleague\n"
         "open N                   read a conversation; what follows is about it\n"
         "reply TEXT               answer the customer (\\n for a new line)\n"
         "note TEXT                a note that only agents see\n"
         "transfer QUEUE [NOTE]    hand it to another queue; transfer @AGENT to a colleague\n"
         "snooze 2h | TIME         put it aside until then\n"
         "pending [2d]             it waits for the customer\n"
         "resolve [OUTCOME] [NOTE] done: solved, declined, duplicate or spam\n"
         "start CHANNEL ADDRESS TEXT   write first\n"
         "quit                     leave (you are taken to be away after the grace time)";
}

}  // namespace peyk::ctl
