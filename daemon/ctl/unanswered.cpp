#include "daemon/ctl/unanswered.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

namespace peyk::ctl {

namespace json = boost::json;

std::string Unanswered::add(json::object command) {
  command["id"] = std::to_string(++last_id_);
  auto text = json::serialize(command);
  commands_.emplace(last_id_, Command{std::move(command), false});
  return text;
}

std::map<int, Unanswered::Command>::iterator Unanswered::find(std::string_view id) {
  int number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return commands_.find(number);
}

void Unanswered::note_sent(std::string_view id) {
  const auto found = find(id);
  if (found != commands_.end()) found->second.sent = true;
}

void Unanswered::forget(std::string_view id) {
  const auto found = find(id);
  if (found != commands_.end()) commands_.erase(found);
}

bool Unanswered::refused_for_now(std::string_view id) {
  const auto found = find(id);
  if (found == commands_.end()) return false;
  found->second.sent = false;
  const bool kept = found->second.frame.contains("key");
  if (!kept) commands_.erase(found);
  return kept;
}

std::vector<std::string> Unanswered::unsent() {
  std::vector<std::string> frames;
  for (auto& [id, command] : commands_) {
    if (command.sent || !command.frame.contains("key")) continue;
    frames.push_back(json::serialize(command.frame));
    command.sent = true;
  }
  return frames;
}

bool Unanswered::any_unsent() const {
  return std::ranges::any_of(
      commands_, [](const auto& entry) { return !entry.second.sent && entry.second.frame.contains("key"); });
}

Unanswered::Again Unanswered::connected() {
  Again again;
  for (auto command = commands_.begin(); command != commands_.end();) {
    auto& [frame, sent] = command->second;
    if (sent && !frame.contains("key")) {
      again.unknown.push_back(json::value_to<std::string>(frame.at("type")));
      command = commands_.erase(command);
      continue;
    }
    again.frames.push_back(json::serialize(frame));
    sent = true;
    ++command;
  }
  return again;
}

std::size_t Unanswered::replies() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(commands_, [](const auto& entry) { return entry.second.frame.contains("key"); }));
}

}  // namespace peyk::ctl
