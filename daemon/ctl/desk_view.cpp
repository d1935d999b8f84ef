#include "daemon/ctl/desk_view.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/fields.h"

namespace peyk::ctl {

namespace json = boost::json;

std::string DeskView::on_event(const json::value& event) {
  const auto type = text(event, "type");
  if (type == "welcome") return on_welcome(event);
  if (type == "offer") return on_offer(event);
  if (type == "revoked") return on_revoked(event);
  if (type == "assigned") return on_assigned(event);
  if (type == "message") return on_message(event);
  if (type == "delivery") return on_delivery(event);
  if (type == "updated") return on_updated(event);
  if (type == "presence") return on_presence(event);
  if (type == "typing") return style_.paint(Colour::dim, name_of(text(event, "conversation")) + " is typing …");
  return {};
}

std::string DeskView::on_welcome(const json::value& event) {
  agent_ = text(event, "agent");
  offers_.clear();
  auto known = numbers_;
  numbers_.clear();
  const auto missed_in = std::exchange(conversations_, {});
  for (const auto& detail : items(event, "conversations")) {
    const auto id = text(detail, "id");
    conversations_[id] = detail;
    const auto before = std::ranges::find_if(known, [&id](const auto& entry) { return entry.second == id; });
    numbers_[before == known.end() ? ++last_number_ : before->first] = id;
  }
  if (!conversations_.contains(open_)) open_.clear();
  std::string lines = on_presence(event);
  for (const auto& offer : items(event, "offers")) lines += "\n" + on_offer(offer);
  if (!conversations_.empty()) lines += "\n" + list();
  for (const auto& [id, earlier] : missed_in) lines += missed(id, earlier);
  return lines;
}

/// What was said in a conversation while there was no connection.
std::string DeskView::missed(const std::string& conversation, const json::value& earlier) const {
  const auto now = conversations_.find(conversation);
  if (now == conversations_.end()) return {};
  std::int64_t seen = 0;
  for (const auto& message : items(earlier, "messages")) seen = std::max(seen, number(message, "seq"));
  std::string lines;
  for (const auto& message : items(now->second, "messages")) {
    if (number(message, "seq") <= seen) continue;
    const auto head = conversation == open_ ? std::string() : style_.paint(Colour::bold, name_of(conversation)) + " ";
    lines += "\n" + head + message_lines(message, style_);
  }
  return lines;
}

std::string DeskView::offer_lines(int number, const json::value& offer) const {
  const auto contact = text(member(offer, "contact"), "name");
  auto lines = style_.paint(Colour::yellow,
                            fmt::format("● offer {}: {} from {} in {}, waited {}", number, text(offer, "kind"),
                                        contact.empty() ? "a customer" : contact, text(offer, "queue"),
                                        duration_words(static_cast<double>(peyk::ctl::number(offer, "waited")))));
  const auto subject = text(offer, "subject");
  if (!subject.empty()) lines += "\n  " + style_.paint(Colour::bold, subject);
  lines += "\n  " + text(offer, "preview");
  const auto earlier = peyk::ctl::number(member(offer, "history"), "count");
  lines += "\n  " +
           style_.paint(Colour::dim,
                        fmt::format("why: {} · earlier conversations: {} · {} left · type: accept", text(offer, "why"),
                                    earlier, duration_words(std::max(0.0, seconds_until(text(offer, "expires_at"))))));
  return lines;
}

std::string DeskView::on_offer(const json::value& event) {
  const auto id = text(event, "offer");
  for (const auto& [known, offer] : offers_) {
    if (offer.id == id) return {};
  }
  const int number = ++last_number_;
  offers_[number] = {id, event};
  return offer_lines(number, event);
}

std::string DeskView::on_revoked(const json::value& event) {
  const auto id = text(event, "offer");
  const auto found = std::ranges::find_if(offers_, [&id](const auto& entry) { return entry.second.id == id; });
  if (found == offers_.end()) return {};
  const auto line = fmt::format("○ offer {} is gone: {}", found->first, text(event, "reason"));
  offers_.erase(found);
  return style_.paint(Colour::dim, line);
}

std::string DeskView::on_assigned(const json::value& event) {
  const auto id = text(event, "conversation");
  conversations_[id] = member(event, "detail");
  std::erase_if(offers_, [&id](const auto& entry) { return text(entry.second.event, "conversation") == id; });
  number_of(id);
  open_ = id;
  return style_.paint(Colour::green, fmt::format("✔ {} is yours", name_of(id))) + "\n" + show(std::nullopt);
}

std::string DeskView::on_message(const json::value& event) {
  const auto id = text(event, "conversation");
  const auto found = conversations_.find(id);
  if (found != conversations_.end() && found->second.is_object()) {
    auto& messages = found->second.get_object()["messages"];
    if (!messages.is_array()) messages = json::array();
    messages.get_array().push_back(member(event, "message"));
  }
  const auto head = id == open_ ? std::string() : style_.paint(Colour::bold, name_of(id)) + " ";
  return head + message_lines(member(event, "message"), style_);
}

std::string DeskView::on_delivery(const json::value& event) {
  const auto state = text(event, "state");
  const auto detail = text(event, "detail");
  const auto line = fmt::format("{}: your message is {}{}{}", name_of(text(event, "conversation")), state,
                                detail.empty() ? "" : ": ", detail);
  return style_.paint(state == "failed" ? Colour::red : Colour::dim, line);
}

std::string DeskView::on_updated(const json::value& event) {
  const auto id = text(event, "conversation");
  const auto found = conversations_.find(id);
  if (found == conversations_.end()) return {};
  const auto name = name_of(id);
  const auto state = text(event, "state");
  const auto owner = text(event, "agent");
  if (found->second.is_object() && !state.empty()) found->second.get_object()["state"] = state;
  if (state == "resolved" || state == "closed" || (!owner.empty() && owner != agent_)) forget(id);
  if (state.empty()) return {};
  return style_.paint(Colour::dim, fmt::format("{} is {}", name, state));
}

std::string DeskView::on_presence(const json::value& event) {
  const auto before = presence_;
  presence_ = text(event, event.get_object().contains("state") ? "state" : "presence");
  if (presence_ == before) return {};
  const auto reason = text(event, "reason");
  auto line = fmt::format("you are {}{}{}", presence_, reason.empty() ? "" : ": ", reason);
  if (presence_ != "available") line += " · type: available";
  return style_.paint(presence_ == "available" ? Colour::green : Colour::yellow, line);
}

std::string DeskView::prompt() const {
  const auto held = conversations_.empty() ? std::string() : fmt::format(", {} open", conversations_.size());
  const auto open = open_.empty() ? std::string() : " [" + name_of(open_) + "]";
  return fmt::format("{} {}{}{} > ", agent_, presence_, held, open);
}

std::string DeskView::list() const {
  if (offers_.empty() && numbers_.empty()) return style_.paint(Colour::dim, "no offers, no conversations");
  Table table({"NO", "REFERENCE", "STATE", "CHANNEL", "SUBJECT"});
  for (const auto& [number, offer] : offers_) {
    table.add({std::to_string(number), text(offer.event, "reference"), "offer", text(offer.event, "channel"),
               text(offer.event, "subject")});
  }
  for (const auto& [number, id] : numbers_) {
    const auto& conversation = conversations_.at(id);
    table.add({std::to_string(number) + (id == open_ ? " *" : ""), text(conversation, "reference"),
               text(conversation, "state"), text(conversation, "channel"), text(conversation, "subject")});
  }
  auto lines = table.render(style_);
  lines.pop_back();
  return lines;
}

std::string DeskView::show(std::optional<int> number) {
  if (number && !select(*number)) return fmt::format("there is no conversation {}", *number);
  const auto found = conversations_.find(open_);
  if (found == conversations_.end()) return "no conversation is open; type: list";
  const auto& conversation = found->second;
  auto lines =
      style_.paint(Colour::bold, fmt::format("{} {}", text(conversation, "reference"), text(conversation, "subject")));
  for (const auto& message : items(conversation, "messages")) lines += "\n" + message_lines(message, style_);
  return lines;
}

std::optional<std::string> DeskView::offer(std::optional<int> number) const {
  const auto found = number ? offers_.find(*number) : offers_.begin();
  if (found == offers_.end()) return std::nullopt;
  return found->second.id;
}

std::string DeskView::last_shown() const {
  const auto found = conversations_.find(open_);
  if (found == conversations_.end()) return {};
  const auto& messages = items(found->second, "messages");
  return messages.empty() ? std::string() : text(messages.back(), "id");
}

bool DeskView::select(int number) {
  const auto found = numbers_.find(number);
  if (found == numbers_.end()) return false;
  open_ = found->second;
  return true;
}

std::string DeskView::name_of(const std::string& conversation) const {
  const auto found = conversations_.find(conversation);
  return found == conversations_.end() ? conversation : text(found->second, "reference");
}

int DeskView::number_of(const std::string& conversation) {
  for (const auto& [number, id] : numbers_) {
    if (id == conversation) return number;
  }
  numbers_[++last_number_] = conversation;
  return last_number_;
}

void DeskView::forget(const std::string& conversation) {
  conversations_.erase(conversation);
  std::erase_if(numbers_, [&conversation](const auto& entry) { return entry.second == conversation; });
  if (open_ == conversation) open_.clear();
}

}  // namespace peyk::ctl
