// Conversations, offers and events in their public shape.
#include "routing/json.h"

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

namespace peyk::routing {

TEST_CASE("a conversation has every field of its shape, null where there is none") {
  Conversation conversation;
  conversation.id = ConversationId("c_1");
  conversation.created_at = from_unix_ms(1'795'321'560'123);
  conversation.demand.require = {{"cooling", 2}};
  conversation.demand.prefer = {{{{"fa", 3}}, Milliseconds(60'000)}};
  const auto object = to_json(conversation);
  for (const auto* name :
       {"id",         "reference",    "state",   "queue",   "kind",       "channel",          "subject",
        "language",   "priority",     "demand",  "promise", "contact",    "initiator",        "agent",
        "followers",  "participants", "tags",    "fields",  "created_at", "first_replied_at", "unanswered_since",
        "next_actor", "next_at",      "outcome", "rating",  "related",    "config_version"}) {
    CAPTURE(name);
    CHECK(object.contains(name));
  }
  CHECK(object.at("agent").is_null());
  CHECK(object.at("created_at").as_string() == "2026-11-22T04:26:00.123Z");
  CHECK(boost::json::serialize(object.at("demand")) ==
        R"({"require":{"cooling":2},"prefer":[{"skills":{"fa":3},"for":60}]})");
}

TEST_CASE("a conversation's rating is its score, its comment and when it was given") {
  Conversation conversation;
  CHECK(to_json(conversation).at("rating").is_null());
  conversation.rating = {4, "", from_unix_ms(1'795'321'560'123)};
  CHECK(boost::json::serialize(to_json(conversation).at("rating")) ==
        R"({"score":4,"comment":null,"at":"2026-11-22T04:26:00.123Z"})");
  conversation.rating->comment = "Quick.";
  CHECK(to_json(conversation).at("rating").at("comment") == "Quick.");
}

TEST_CASE("an offer names its conversation by id and says how long it has waited in seconds") {
  OfferView offer;
  offer.id = OfferId("o_1");
  offer.conversation.id = ConversationId("c_1");
  offer.waited = Milliseconds(1500);
  offer.history_count = 4;
  offer.history.resize(1);
  const auto object = to_json(offer);
  CHECK(object.at("conversation").as_string() == "c_1");
  CHECK(object.at("waited").as_double() == doctest::Approx(1.5));
  CHECK(object.at("history").at("count").as_int64() == 4);
  CHECK(object.at("history").at("last").as_array().size() == 1);
}

}  // namespace peyk::routing
