// Batches of calls on a desk that lives by the calls' own times, as the simulation has it.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "routing/store/runner.h"
#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Call {
  std::int64_t at = 0;
  std::string script{};
  json::object arguments{};
  std::string conversation{};
};

/// A desk whose time is its caller's own, unless told otherwise.
struct BatchFixture : StoreFixture {
  explicit BatchFixture(bool own_time = true) {
    auto settings = standard_settings();
    settings["presence"].as_object()["lease"] = 3'600'000;  // nobody renews it
    if (own_time) settings["own_time"] = true;
    store.call("roster_settings", settings);
  }

  json::object batch(const std::vector<Call>& calls, json::object arguments) {
    const auto& all = routing::store::all_scripts();
    const auto* script = &*std::ranges::find(all, "batch", &redis::Script::name);
    std::vector<std::string> words{
        "FCALL", script->function,          "1", store.key("meta"), std::to_string(store.now), "",
        "",      json::serialize(arguments)};
    for (const auto& call : calls) {
      words.insert(words.end(),
                   {std::to_string(call.at), call.script, json::serialize(call.arguments), "{}", call.conversation});
    }
    return json::parse(store.command(words).text).as_object();
  }

  json::object done(const std::vector<Call>& calls, std::int64_t until, json::object more = {}) {
    more["until"] = until;
    auto reply = batch(calls, std::move(more));
    REQUIRE_MESSAGE(reply.contains("ok"), json::serialize(reply));
    return reply.at("ok").as_object();
  }

  Call receive(std::int64_t at, const std::string& number) const {
    return {at,
            "receive",
            {{"conversation", "c_b" + number},
             {"message", "m_b" + number},
             {"contact", "p_b" + number},
             {"token", "secret"},
             {"delivery_key", "key-b" + number},
             {"channel", "mail"},
             {"kind", "email"},
             {"sender", {{"kind", "email"}, {"value", number + "@x.example"}}},
             {"class",
              {{"queue", "service"},
               {"priority", "normal"},
               {"promise_s", 120},
               {"first_reply_by", at + 120'000},
               {"resolve_by", at + 86'400'000}}}}};
  }
};

struct LiveFixture : BatchFixture {
  LiveFixture() : BatchFixture(false) {}
};

}  // namespace

TEST_CASE_FIXTURE(LiveFixture, "a desk that lives by the clock takes no batch") {
  const auto reply = batch({receive(store.now, "1")}, {{"until", store.now}});
  CHECK(text_of(reply, "error") == "conflict");
  CHECK(text_of(reply, "why") == "time");
  CHECK(store.refusal("read_conversation", {{"conversation", "c_b1"}}).at("error") == "not_found");
}

TEST_CASE_FIXTURE(BatchFixture, "each call of a batch stands at its own time, and timers come between them at theirs") {
  available(RosterAgent{.name = "ani"});
  const auto start = store.now;
  const auto reply = done({receive(start + 1000, "1"), receive(start + 100'000, "2")}, start + 100'000);
  CHECK(number_of(reply, "done") == 2);
  CHECK(number_of(reply, "at") == start + 100'000);
  store.now = start + 100'000;
  CHECK(number_of(conversation("c_b1"), "created_at") == start + 1000);
  CHECK(number_of(conversation("c_b2"), "created_at") == start + 100'000);
  // The offer of the first ran out after 30 s, cooled down for 60 s, and was made again.
  const auto again = conversation("c_b1");
  CHECK(text_of(again, "state") == "offered");
  CHECK(number_of(again, "next_at") == start + 1000 + 30'000 + 60'000 + 30'000);
}

TEST_CASE_FIXTURE(BatchFixture, "offers are accepted after their time and resolved after theirs, also what waited") {
  available(RosterAgent{.name = "ani", .capacity = 100});
  const auto start = store.now;
  const auto reply = done({receive(start, "1"), receive(start + 10, "2")}, start + 10'000,
                          {{"accept_after", 100}, {"handling", {{"c_b1", 2000}, {"c_b2", 3000}}}});
  store.now = start + 10'000;
  CHECK(state("c_b1") == "resolved");
  CHECK(state("c_b2") == "resolved");
  CHECK(number_of(conversation("c_b2"), "last_at") == start + 10);
  CHECK(reply.at("loads").as_array().back() == json::value(0));
  CHECK(agent("ani").at("load") == 0);
}

TEST_CASE_FIXTURE(BatchFixture, "a customer leaves unless he was answered in the same batch") {
  available(RosterAgent{.name = "ani", .capacity = 100});
  const auto start = store.now;
  const auto leave = [](std::int64_t at, const std::string& number) {
    return Call{at,
                "end",
                {{"conversation", "c_b" + number}, {"sender", {{"kind", "email"}, {"value", number + "@x.example"}}}},
                "c_b" + number};
  };
  done({receive(start, "1"), receive(start, "2"), leave(start + 5000, "1"), leave(start + 5000, "2")}, start + 6000,
       {{"accept_after", 100}});
  store.now = start + 6000;
  CHECK(state("c_b1") == "active");
  CHECK(state("c_b2") == "resolved");
}

TEST_CASE_FIXTURE(BatchFixture, "a call that is refused changes nothing and spoils no other") {
  available(RosterAgent{.name = "ani"});
  const auto start = store.now;
  const Call wrong{start, "accept", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", "o_99"}}};
  const auto reply = done({wrong, receive(start, "1")}, start);
  REQUIRE(reply.at("errors").as_array().size() == 1);
  const auto& error = reply.at("errors").as_array()[0].as_object();
  CHECK(number_of(error, "call") == 1);
  CHECK(text_of(error.at("reply").as_object(), "error") == "not_found");
  CHECK(state("c_b1") == "offered");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(BatchFixture, "calls out of order, unknown ones and a batch within a batch are refused whole") {
  const auto start = store.now;
  const auto refused = [&](const std::vector<Call>& calls, std::int64_t until) {
    return text_of(batch(calls, {{"until", until}}), "error");
  };
  CHECK(refused({receive(start + 5, "1"), receive(start, "2")}, start + 10) == "invalid");
  CHECK(refused({receive(start + 50, "1")}, start + 10) == "invalid");
  CHECK(refused({receive(start, "1"), {start, "batch"}}, start) == "invalid");
  CHECK(refused({receive(start, "1"), {start, "nonsense"}}, start) == "invalid");
  CHECK(store.refusal("read_conversation", {{"conversation", "c_b1"}}).at("error") == "not_found");
}

TEST_CASE_FIXTURE(BatchFixture, "a batch ends at its limit and says how far it came") {
  const auto start = store.now;
  const auto reply =
      done({receive(start, "1"), receive(start + 1, "2"), receive(start + 2, "3")}, start + 100, {{"limit", 2}});
  CHECK(number_of(reply, "done") == 2);
  CHECK(number_of(reply, "at") == start + 1);
}

}  // namespace peyk::test
