// What the scripts tell of a decision, as the fields and sentences that people read.
#include "routing/explain.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

namespace peyk::routing {
namespace {

namespace json = boost::json;

json::object explained(const std::string& reply) {
  return explain(json::parse(reply).as_object());
}

bool says(const json::object& shown, std::string_view words) {
  return std::string_view(shown.at("text").as_string()).find(words) != std::string_view::npos;
}

void check_says(const json::object& shown, std::initializer_list<std::string_view> sentences) {
  CAPTURE(shown.at("text"));
  for (const auto words : sentences) {
    CAPTURE(words);
    CHECK(says(shown, words));
  }
}

constexpr auto kAssigned = R"({
  "conversation": {"id": "c_1", "reference": "PK-1", "state": "active", "queue": "service", "agent": "ani"},
  "rule": "coolers", "demand": "cooling=2,fa=3",
  "decisions": [
    {"offer": "o_1", "agent": "bob", "at": 1795321560000, "end": "declined",
     "decision": {"rule": "coolers", "by": "sticky", "win": {"a": "bob", "l": 250, "s": 3, "i": 40}}},
    {"offer": "o_2", "agent": "ani", "at": 1795321570000, "end": "accepted",
     "decision": {"rule": "coolers", "demand": "cooling=2", "by": "order", "step": 1, "rel": 1795321620000, "band": 2,
       "win": {"a": "ani", "l": 166, "s": 2, "i": 60}, "of": 4, "cfg": "cafe",
       "next": [{"a": "eva", "l": 333, "s": 2, "i": 9}, {"a": "zoe", "l": 500, "s": 1, "i": 8}],
       "no": {"queue": 2, "cooldown": 1}}}]})";

}  // namespace

TEST_CASE("afterwards: each decision with rule, demand, winner, runners-up and their terms, and how it ended") {
  const auto shown = explained(kAssigned);
  CHECK(shown.at("rule") == "coolers");
  CHECK(shown.at("demand") == "cooling 2, fa 3");
  REQUIRE(shown.at("decisions").as_array().size() == 2);
  CHECK(shown.at("decisions").at(0).at("end") == "declined");
  CHECK(shown.at("decisions").at(0).at("by") == "sticky");
  const auto& decision = shown.at("decision").as_object();
  CHECK(decision.at("offer") == "o_2");
  CHECK(decision.at("end") == "accepted");
  CHECK(decision.at("demand") == "cooling 2");
  CHECK(decision.at("step") == 1);
  CHECK(decision.at("relaxes_at") == "2026-11-22T04:27:00.000Z");
  CHECK(decision.at("band") == 2);
  CHECK(decision.at("ring").is_null());
  CHECK(decision.at("admitted") == 4);
  CHECK(decision.at("config_version") == "cafe");
  CHECK(decision.at("winner") == json::parse(R"({"agent":"ani","load":0.166,"skills":2,"idle":60})"));
  REQUIRE(decision.at("next").as_array().size() == 2);
  CHECK(decision.at("next").at(1).at("agent") == "zoe");
  CHECK(decision.at("ruled_out") == json::parse(R"({"queue":2,"cooldown":1})"));
}

TEST_CASE("afterwards, in words: who was asked by which rule, how it ended, and who would have been next") {
  const auto shown = explained(kAssigned);
  check_says(
      shown,
      {"PK-1 is active in queue service, with ani", "Rule coolers took it in. It asks for cooling 2, fa 3.",
       "offered to bob (knows this customer): declined",
       "offered to ani (first by the agent rule), relaxed once, band 2: accepted",
       "Chosen: ani (load after 16.6 %, 2 skills, 60 s counted as idle)", "Next would have been eva",
       "Next would have been zoe", "Ruled out: 2 do not serve this queue, 1 declined or missed it a moment ago"});
}

TEST_CASE("the item rule: the conversation that won and those behind it, and why it had waited before") {
  const auto shown = explained(R"({
    "conversation": {"id": "c_1", "reference": "PK-1", "state": "offered", "queue": "service"},
    "references": {"c_1": "PK-1", "c_2": "PK-2"}, "ruled_out": {"shift": 2},
    "decisions": [{"offer": "o_1", "agent": "ani", "at": 1795321560000,
      "decision": {"by": "room", "win": {"a": "ani", "l": 250, "s": 3, "i": 40}, "since": 1795321500000,
        "was": {"room": 4, "break": 1}, "no": {"absent": 7}, "age": 1500,
        "item": [["c_1", 1500, 90, 120, 2], ["c_2", 700, 84, 120, 1], ["c_3", 50, 12, 120, 0.5]]}}]})");
  const auto& decision = shown.at("decision").as_object();
  CHECK(
      decision.at("items").at(0) ==
      json::parse(R"({"conversation":"c_1","reference":"PK-1","urgency":1.5,"age":90.0,"promise":120.0,"value":2.0})"));
  CHECK(decision.at("items").at(2).at("value") == 0.5);
  CHECK(decision.at("waited") ==
        json::parse(R"({"since":"2026-11-22T04:25:00.000Z","ruled_out":{"room":4,"break":1}})"));
  CHECK(decision.at("counted_before") == 1.5);
  CHECK(shown.at("ruled_out") == json::parse(R"({"shift":2})"));
  check_says(shown, {"Taken by the item rule: PK-1 (urgency 1.500: value 2, waited 90 s of 120 s promised)",
                     "Next would have been PK-2 (urgency 0.700: value 1, waited 84 s of 120 s promised)",
                     "Next would have been c_3 (urgency 0.050: value 0.5, waited 12 s of 120 s promised)",
                     "Before, since 2026-11-22T04:25:00.000Z: 4 no room left, 1 on a break",
                     "Ruled out, counted 1.5 s earlier: 7 not connected",
                     "When an agent was looked for last: 2 outside of the shift"});
}

TEST_CASE("live: how long it waits, its step and the next, and each agent with his own reason") {
  const auto shown = explained(R"({
    "conversation": {"id": "c_1", "reference": "PK-1", "state": "waiting", "queue": "service"},
    "rule": "coolers", "demand": "cooling=2+billing",
    "waiting": {"lane": "x", "age_ms": 61000, "urgency": 0.5, "position": 3, "step": 2, "relaxes_at": 1795321560000,
      "relaxes_to": "cooling=1+billing+night"},
    "candidates": [{"agent": "ani", "reason": "room", "detail": "carries 4 of 4"}, {"agent": "bob", "reason": "queue"}],
    "counts": {"room": 1, "queue": 1}})");
  CHECK(shown.at("waiting").at("relaxes_at") == "2026-11-22T04:26:00.000Z");
  CHECK(shown.at("waiting").at("step") == 2);
  CHECK(shown.at("waiting").at("relaxes_to") ==
        json::parse(R"({"demand":"cooling 1, also from billing, also from night",
    "drops":[{"skill":"cooling","from":2,"to":1}],"opens":["night"]})"));
  CHECK(shown.at("decision").is_null());
  check_says(shown,
             {"asks for cooling 2, also from billing", "It has waited 61 s at place 3, relaxed 2 times",
              "wider at 2026-11-22T04:26:00.000Z: cooling 1 is enough instead of 2; agents of night may take it too.\n",
              "ani: no room left (carries 4 of 4)", "bob: does not serve this queue", "Of the roster: 1 no room left"});
}

TEST_CASE("live: what the next step of relaxing drops, be it all that was asked for") {
  const auto shown = explained(R"({
    "conversation": {"id": "c_1", "reference": "PK-1", "state": "waiting", "queue": "service"},
    "demand": "cooling=2,fa=3",
    "waiting": {"lane": "x", "age_ms": 61000, "step": 0, "relaxes_at": 1795321560000, "relaxes_to": ""}})");
  CHECK(shown.at("waiting").at("relaxes_to") == json::parse(R"({"demand":"",
    "drops":[{"skill":"cooling","from":2,"to":0},{"skill":"fa","from":3,"to":0}],"opens":[]})"));
  check_says(shown,
             {"Its demand becomes wider at 2026-11-22T04:26:00.000Z: cooling 2 is not asked for any more; fa 3 is "
              "not asked for any more.\n"});
}

TEST_CASE("which rules of overflow were applied, and how offers ended, in words") {
  const auto shown = explained(R"({
    "conversation": {"id": "c_1", "reference": "PK-1", "state": "active", "queue": "night", "agent": "ani"},
    "overflowed": [{"queue": "service", "rule": 2, "to": "night"}, {"queue": "night", "rule": 1, "answers": true},
                   {"queue": "gone", "rule": 1}],
    "decisions": [
      {"offer": "o_1", "agent": "ani", "at": 1795321560000, "end": "presence", "decision": {"by": "order"}},
      {"offer": "o_2", "agent": "bob", "at": 1795321560000, "end": "taken", "decision": {"by": "order"}},
      {"offer": "o_3", "agent": "zoe", "at": 1795321560000, "end": "expired", "decision": {"by": "order"}}]})");
  CHECK(shown.at("overflowed").at(0).at("to") == "night");
  CHECK(shown.at("decisions").at(0).at("end") == "presence");
  check_says(
      shown,
      {"Rule 2 of the overflow of service moved it to night.", "Rule 1 of the overflow of night told its customer so.",
       "Rule 1 of the overflow of gone was applied.",
       "ani (first by the agent rule): taken back, for its agent was not there for it any more.",
       "bob (first by the agent rule): taken by another.", "zoe (first by the agent rule): not answered in time."});
}

TEST_CASE("afterwards: decisions that were lost are said to be") {
  const auto shown = explained(R"({
    "conversation": {"id": "c_1", "reference": "PK-1", "state": "active", "queue": "service", "agent": "ani"},
    "decisions": [{"offer": "", "agent": "", "at": 1795321560000, "end": "lost", "decision": {"by": "lost"}}]})");
  CHECK(shown.at("decisions").at(0).at("by") == "lost");
  check_says(shown, {"\n2026-11-22T04:26:00.000Z: how it came to its agents until then is lost.\n"});
}

TEST_CASE("live: when a rule of overflow comes next, and what it does") {
  const auto moves = explained(R"({
    "conversation": {"id": "c_1", "reference": "PK-1", "state": "waiting", "queue": "service"}, "demand": "hy=2",
    "waiting": {"lane": "x", "age_ms": 61000, "overflows_at": 1795321560000, "overflows_to": "night"}})");
  CHECK(moves.at("waiting").at("overflows_at") == "2026-11-22T04:26:00.000Z");
  check_says(moves, {"\nIt asks for hy 2.\n", "A rule of overflow moves it to night at 2026-11-22T04:26:00.000Z.\n"});
  const auto answers = explained(R"({
    "conversation": {"id": "c_1", "reference": "PK-1", "state": "waiting", "queue": "service"},
    "waiting": {"lane": "x", "age_ms": 61000, "overflows_at": 1795321560000, "overflows_if": true}})");
  CHECK(
      says(answers, "A rule of overflow answers at 2026-11-22T04:26:00.000Z, should what else it asks for hold then."));
}

TEST_CASE("live: for whom it is kept, and until when") {
  const auto shown = explained(R"({
    "conversation": {"id": "c_1", "reference": "PK-1", "state": "waiting", "queue": "service"}, "rule": "coolers",
    "waiting": {"lane": "own:eva", "age_ms": 61000, "kept_for": "eva", "kept_until": 1795321560000},
    "candidates": [{"agent": "ani", "reason": "kept"}]})");
  CHECK(shown.at("waiting").at("kept_until") == "2026-11-22T04:26:00.000Z");
  CHECK(says(shown, "It is kept for eva until 2026-11-22T04:26:00.000Z, then anyone in the queue may have it."));
  CHECK(says(shown, "ani: kept from this one, which was handed to another"));
}

}  // namespace peyk::routing
