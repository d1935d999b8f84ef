#include "routing/explain.h"

#include <array>
#include <map>
#include <string>

#include <fmt/format.h>

#include "routing/demand_text.h"
#include "routing/json.h"
#include "routing/relaxation.h"
#include "routing/store/replies.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

/// Of so many agents.
std::string in_words(const std::string& reason, std::int64_t agents = 1) {
  static const std::map<std::string, std::string, std::less<>> kOfMany{{"skill", "lack a skill"},
                                                                       {"queue", "do not serve this queue"},
                                                                       {"has it", "have it"},
                                                                       {"max", "have the most of this kind already"}};
  if (agents > 1) {
    const auto of_many = kOfMany.find(reason);
    if (of_many != kOfMany.end()) return of_many->second;
  }
  static const std::map<std::string, std::string, std::less<>> kWords{
      {"skill", "lacks a skill"},
      {"queue", "does not serve this queue"},
      {"absent", "not connected"},
      {"away", "away"},
      {"busy", "busy"},
      {"break", "on a break"},
      {"shift", "outside of the shift"},
      {"room", "no room left"},
      {"cooldown", "declined or missed it a moment ago"},
      {"wrap_up", "finishing the one before"},
      {"held", "held for a more urgent one"},
      {"kept", "kept from this one, which was handed to another"},
      {"free", "could take it now"},
      {"has it", "has it"},
      {"max", "has the most of this kind already"}};
  const auto found = kWords.find(reason);
  return found == kWords.end() ? reason : found->second;
}

std::string seconds(double milliseconds) {
  return fmt::format("{:.0f} s", milliseconds / 1000.0);
}

/// How an offer ended, in words.
std::string_view ending(std::string_view end) {
  if (end.empty()) return "not answered yet";
  if (end == "presence") return "taken back, for its agent was not there for it any more";
  if (end == "taken") return "taken by another";
  if (end == "withdrawn") return "taken back";
  if (end == "expired") return "not answered in time";
  return end;
}

std::string times(std::int64_t count) {
  return count == 1 ? std::string("once") : fmt::format("{} times", count);
}

/// "order", "sticky", … of a decision, in words.
std::string_view how(std::string_view by) {
  if (by == "sticky") return "knows this customer";
  if (by == "own") return "it was handed to him";
  if (by == "room") return "he got room, and it was the most urgent he may have";
  return "first by the agent rule";
}

json::value number_or_null(const json::object& object, std::string_view key) {
  return object.contains(key) ? json::value(store::number(object, key)) : json::value(nullptr);
}

json::value time_or_null(const json::object& object, std::string_view key) {
  const auto time = store::time(object, key);
  return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
}

/// The terms of an agent's score, by which the agent rule compares.
json::object terms_json(const json::object& terms) {
  return {{"agent", store::text(terms, "a")},
          {"load", store::real(terms, "l") / 1000.0},
          {"skills", store::number(terms, "s")},
          {"idle", store::number(terms, "i")}};
}

/// What the item rule compared: [id, urgency in thousandths, age, promise, value].
json::object item_json(const json::array& terms, const json::object& references) {
  if (terms.size() != 5 || !terms[0].is_string()) return {};
  const auto& id = terms[0].get_string();
  json::object item{{"conversation", id}, {"reference", store::text(references, id)}};
  constexpr std::array kNames{"urgency", "age", "promise", "value"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto& term = terms[i + 1];
    const auto number = term.is_number() ? term.to_number<double>() : 0.0;
    item[kNames.at(i)] = i == 0 ? number / 1000.0 : number;
  }
  return item;
}

/// The conversation that won by the item rule, then those behind it.
json::array items_json(const json::object& decision, const json::object& references) {
  json::array items;
  for (const auto& terms : store::array_in(decision, "item")) {
    if (terms.is_array()) items.emplace_back(item_json(terms.get_array(), references));
  }
  return items;
}

/// Since when it had waited before this decision, and why.
json::value waited_json(const json::object& decision) {
  const auto& was = store::object_in(decision, "was");
  if (was.empty()) return nullptr;
  return json::object{{"since", time_or_null(decision, "since")}, {"ruled_out", was}};
}

json::object decision_json(const json::object& kept, const json::object& references) {
  const auto& decision = store::object_in(kept, "decision");
  json::array next;
  for (const auto& terms : store::array_in(decision, "next")) {
    if (terms.is_object()) next.emplace_back(terms_json(terms.get_object()));
  }
  const auto& winner = store::object_in(decision, "win");
  const auto end = store::text(kept, "end");
  return {{"offer", store::text(kept, "offer")},
          {"agent", store::text(kept, "agent")},
          {"at", time_or_null(kept, "at")},
          {"end", end.empty() ? json::value(nullptr) : json::value(end)},
          {"rule", store::text(decision, "rule")},
          {"demand", demand_in_words(store::text(decision, "demand"))},
          {"by", store::text(decision, "by")},
          {"step", store::number(decision, "step")},
          {"relaxes_at", time_or_null(decision, "rel")},
          {"ring", number_or_null(decision, "ring")},
          {"band", number_or_null(decision, "band")},
          {"waited", waited_json(decision)},
          {"items", items_json(decision, references)},
          {"winner", winner.empty() ? json::value(nullptr) : json::value(terms_json(winner))},
          {"next", std::move(next)},
          {"admitted", number_or_null(decision, "of")},
          {"ruled_out", store::object_in(decision, "no")},
          {"counted_before", store::real(decision, "age") / 1000.0},
          {"config_version", store::text(decision, "cfg")}};
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

void say_demand(const std::string& rule, const std::string& demand, std::string& text) {
  // What it asks for may be of an overflow or a transfer since.
  if (!rule.empty()) text += fmt::format("Rule {} took it in. ", rule);
  text += fmt::format("It asks for {}.\n", demand.empty() ? "no skill" : demand);
}

/// What `idle` is counted from – his last work, an offer, his coming – differs from agent to agent, and is not kept.
void say_agent(const json::object& terms, std::string_view verb, std::string& text) {
  text += fmt::format("  {} {} (load after {:.1f} %, {} skills, {} s counted as idle).\n", verb,
                      store::text(terms, "agent"), store::real(terms, "load") * 100.0, store::number(terms, "skills"),
                      store::number(terms, "idle"));
}

void say_item(const json::object& item, std::string_view verb, std::string& text) {
  const auto reference = store::text(item, "reference");
  text += fmt::format("  {} {} (urgency {:.3f}: value {}, waited {} s of {} s promised).\n", verb,
                      reference.empty() ? store::text(item, "conversation") : reference, store::real(item, "urgency"),
                      store::real(item, "value"), store::real(item, "age"), store::real(item, "promise"));
}

/// "2 not connected, 3 lack a skill".
std::string counts_in_words(const json::object& counts) {
  std::string words;
  for (const auto& [reason, count] : counts) {
    if (!count.is_number()) continue;
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", count.to_number<int>(),
                         in_words(reason, count.to_number<int>()));
  }
  return words;
}

void say_items(const json::object& decision, std::string& text) {
  const auto& items = store::array_in(decision, "items");
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].is_object()) {
      say_item(items[i].get_object(), i == 0 ? "Taken by the item rule:" : "Next would have been", text);
    }
  }
  const auto& waited = store::object_in(decision, "waited");
  const auto why = counts_in_words(store::object_in(waited, "ruled_out"));
  if (!why.empty()) text += fmt::format("  Before, since {}: {}.\n", store::text(waited, "since"), why);
}

void say_decision(const json::object& decision, std::string& text) {
  if (store::text(decision, "by") == "lost") {
    text += fmt::format("{}: how it came to its agents until then is lost.\n", store::text(decision, "at"));
    return;
  }
  const auto end = store::text(decision, "end");
  text += fmt::format("{} offered to {} ({})", store::text(decision, "at"), store::text(decision, "agent"),
                      how(store::text(decision, "by")));
  if (store::number(decision, "step") > 0) text += ", relaxed " + times(store::number(decision, "step"));
  if (store::number(decision, "ring") > 0) text += fmt::format(", ring {}", store::number(decision, "ring"));
  if (store::number(decision, "band") > 0) text += fmt::format(", band {}", store::number(decision, "band"));
  text += fmt::format(": {}.\n", ending(end));
  const auto& winner = store::object_in(decision, "winner");
  if (!winner.empty()) say_agent(winner, "Chosen:", text);
  for (const auto& next : store::array_in(decision, "next")) {
    if (next.is_object()) say_agent(next.get_object(), "Next would have been", text);
  }
  say_items(decision, text);
  const auto ruled_out = counts_in_words(store::object_in(decision, "ruled_out"));
  const auto before = store::real(decision, "counted_before");
  if (!ruled_out.empty()) {
    text += fmt::format("  Ruled out{}: {}.\n", before > 0.0 ? fmt::format(", counted {:.1f} s earlier", before) : "",
                        ruled_out);
  }
}

void say_ruled_out(const json::object& reply, std::string& text) {
  const auto counts = counts_in_words(store::object_in(reply, "ruled_out"));
  if (!counts.empty()) text += fmt::format("When an agent was looked for last: {}.\n", counts);
}

/// What rules of overflow have done with it; of one that the configuration has no more, that it was applied.
void say_overflowed(const json::object& reply, std::string& text) {
  for (const auto& value : store::array_in(reply, "overflowed")) {
    if (!value.is_object()) continue;
    const auto& rule = value.get_object();
    const auto to = store::text(rule, "to");
    text += fmt::format("Rule {} of the overflow of {} {}.\n", store::number(rule, "rule"), store::text(rule, "queue"),
                        !to.empty()                    ? "moved it to " + to
                        : store::flag(rule, "answers") ? "told its customer so"
                                                       : "was applied");
  }
}

void say_overflow(const json::object& waiting, std::string& text) {
  const auto at = store::time(waiting, "overflows_at");
  if (!at) return;
  const auto to = store::text(waiting, "overflows_to");
  text += fmt::format("A rule of overflow {} at {}{}.\n", to.empty() ? "answers" : "moves it to " + to, to_rfc3339(*at),
                      store::flag(waiting, "overflows_if") ? ", should what else it asks for hold then" : "");
}

void say_waiting(const json::object& waiting, std::string& text) {
  if (waiting.empty()) return;
  text += fmt::format("It has waited {}", seconds(store::real(waiting, "age_ms")));
  if (waiting.contains("position")) text += fmt::format(" at place {}", store::number(waiting, "position"));
  if (store::number(waiting, "step") > 0) text += ", relaxed " + times(store::number(waiting, "step"));
  text += ".\n";
  const auto kept_until = store::time(waiting, "kept_until");
  if (kept_until) {
    text += fmt::format("It is kept for {} until {}, then anyone in the queue may have it.\n",
                        store::text(waiting, "kept_for"), to_rfc3339(*kept_until));
    return;
  }
  const auto relaxes = store::time(waiting, "relaxes_at");
  if (relaxes) {
    const auto step = relaxation_in_words(store::object_in(waiting, "relaxes_to"));
    text += fmt::format("Its demand becomes wider at {}{}.\n", to_rfc3339(*relaxes), step.empty() ? "" : ": " + step);
  }
  say_overflow(waiting, text);
}

void say_candidates(const json::object& reply, std::string& text) {
  const auto counts = counts_in_words(store::object_in(reply, "counts"));
  if (!counts.empty()) text += fmt::format("Of the roster: {}.\n", counts);
  for (const auto& value : store::array_in(reply, "candidates")) {
    if (!value.is_object()) continue;
    const auto& candidate = value.get_object();
    const auto detail = store::text(candidate, "detail");
    text += fmt::format("  {}: {}{}\n", store::text(candidate, "agent"), in_words(store::text(candidate, "reason")),
                        detail.empty() ? "" : " (" + detail + ")");
  }
}

void name_step(json::object& waiting, std::string_view demand) {
  if (waiting.contains("relaxes_to")) {
    waiting["relaxes_to"] = relaxation(demand, store::text(waiting, "relaxes_to"));
  }
}

json::object waiting_json(json::object waiting) {
  for (const auto* name : {"relaxes_at", "kept_until", "overflows_at"}) {
    if (const auto time = store::time(waiting, name)) waiting[name] = to_rfc3339(*time);
  }
  return waiting;
}

}  // namespace

json::object explain(json::object reply) {
  const auto conversation = store::read_conversation(store::object_in(reply, "conversation"));
  const auto rule = store::text(reply, "rule");
  const auto demand = demand_in_words(store::text(reply, "demand"));
  json::array decisions;
  for (const auto& kept : store::array_in(reply, "decisions")) {
    if (kept.is_object()) {
      decisions.emplace_back(decision_json(kept.get_object(), store::object_in(reply, "references")));
    }
  }
  std::string text;
  say_where(conversation, text);
  say_demand(rule, demand, text);
  say_overflowed(reply, text);
  if (store::flag(reply, "unroutable"))
    text += "Nobody in the roster can ever take it: no agent has what it asks for.\n";
  for (const auto& decision : decisions) say_decision(decision.get_object(), text);
  say_ruled_out(reply, text);
  auto waiting = store::object_in(reply, "waiting");
  name_step(waiting, store::text(reply, "demand"));
  say_waiting(waiting, text);
  say_candidates(reply, text);
  json::object shown{{"conversation", to_json(conversation)},
                     {"text", text},
                     {"rule", rule},
                     {"demand", demand},
                     {"decision", decisions.empty() ? json::value(nullptr) : decisions.back()},
                     {"decisions", std::move(decisions)}};
  for (const auto* member : {"overflowed", "ruled_out", "candidates", "counts", "unroutable"}) {
    if (auto* value = reply.if_contains(member)) shown.emplace(member, std::move(*value));
  }
  if (!waiting.empty()) shown["waiting"] = waiting_json(std::move(waiting));
  return shown;
}

}  // namespace peyk::routing
