#include "routing/explain.h"

#include <map>
#include <string>

#include <fmt/format.h>

#include "routing/json.h"
#include "routing/store/replies.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

std::string in_words(const std::string& reason) {
  static const std::map<std::string, std::string, std::less<>> kWords{
      {"skill", "lacks a skill"},
      {"queue", "does not serve this queue"},
      {"absent", "not connected"},
      {"state", "not available"},
      {"shift", "outside of the shift"},
      {"room", "no room left"},
      {"cooldown", "declined or missed it a moment ago"},
      {"wrap_up", "finishing the one before"},
      {"held", "held for a more urgent one"},
      {"free", "could take it now"},
      {"has it", "has it"},
      {"max", "has the most of this kind already"}};
  const auto found = kWords.find(reason);
  return found == kWords.end() ? reason : found->second;
}

std::string seconds(double milliseconds) {
  return fmt::format("{:.0f} s", milliseconds / 1000.0);
}

void say_where(const Conversation& conversation, std::string& text) {
  text += fmt::format("{} is {} in queue {}", conversation.reference, to_string(conversation.state),
                      conversation.queue.str());
  if (!conversation.agent.empty()) text += fmt::format(", with {}", conversation.agent.str());
  if (conversation.next_actor && conversation.next_at) {
    text += fmt::format("; next: {} by {}", to_string(*conversation.next_actor), to_rfc3339(*conversation.next_at));
  }
  text += ".\n";
}

void say_agent(const json::object& agent, std::string_view verb, std::string& text) {
  text += fmt::format("{} {} (load after {:.1f} %, {} skills, idle {} s).\n", verb, store::text(agent, "a"),
                      store::real(agent, "l") / 10.0, store::number(agent, "s"), store::number(agent, "i"));
}

void say_decision(const json::object& decision, std::string& text) {
  if (decision.empty()) return;
  const auto demand = store::text(decision, "demand");
  text += fmt::format("Rule {} asks for {}; {} agents meet that.\n", store::text(decision, "rule"),
                      demand.empty() ? "no skill" : demand, store::number(decision, "of"));
  const auto& winner = store::object_in(decision, "win");
  if (!winner.empty()) say_agent(winner, fmt::format("Chosen ({}):", store::text(decision, "by")), text);
  for (const auto& next : store::array_in(decision, "next")) {
    if (next.is_object()) say_agent(next.get_object(), "Next would have been", text);
  }
  for (const auto& [reason, count] : store::object_in(decision, "no")) {
    if (count.is_number()) text += fmt::format("Passed over: {}, {}.\n", count.to_number<int>(), in_words(reason));
  }
}

void say_waiting(const json::object& waiting, std::string& text) {
  if (waiting.empty()) return;
  text += fmt::format("It has waited {} at place {}.\n", seconds(store::real(waiting, "age_ms")),
                      store::number(waiting, "position"));
  if (const auto relaxes = store::time(waiting, "relaxes_at")) {
    text += fmt::format("Its demand becomes wider at {}.\n", to_rfc3339(*relaxes));
  }
}

void say_candidates(const json::array& candidates, std::string& text) {
  for (const auto& value : candidates) {
    if (!value.is_object()) continue;
    const auto& candidate = value.get_object();
    const auto detail = store::text(candidate, "detail");
    text += fmt::format("{}: {}{}\n", store::text(candidate, "agent"), in_words(store::text(candidate, "reason")),
                        detail.empty() ? "" : " (" + detail + ")");
  }
}

}  // namespace

json::object explain(json::object reply) {
  const auto conversation = store::read_conversation(store::object_in(reply, "conversation"));
  std::string text;
  say_where(conversation, text);
  if (store::flag(reply, "unroutable"))
    text += "Nobody in the roster can ever take it: no agent has what it asks for.\n";
  say_decision(store::object_in(reply, "decision"), text);
  say_waiting(store::object_in(reply, "waiting"), text);
  say_candidates(store::array_in(reply, "candidates"), text);
  json::object shown{{"conversation", to_json(conversation)}, {"text", text}};
  for (const auto* member : {"decision", "candidates", "counts", "unroutable"}) {
    if (auto* value = reply.if_contains(member)) shown.emplace(member, std::move(*value));
  }
  if (auto* waiting = reply.if_contains("waiting"); waiting != nullptr && waiting->is_object()) {
    auto& object = waiting->get_object();
    if (const auto relaxes = store::time(object, "relaxes_at")) object["relaxes_at"] = to_rfc3339(*relaxes);
    shown.emplace("waiting", std::move(*waiting));
  }
  return shown;
}

}  // namespace peyk::routing
