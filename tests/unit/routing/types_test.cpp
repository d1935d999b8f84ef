// Enumerations and their spellings.
#include "routing/types.h"

#include <doctest/doctest.h>

namespace peyk::routing {

TEST_CASE("every value of an enumeration is read back from its spelling") {
  for (int i = 0; i < 7; ++i) CHECK(parse<State>(to_string(static_cast<State>(i))) == static_cast<State>(i));
  for (int i = 0; i < 4; ++i) {
    CHECK(parse<Priority>(to_string(static_cast<Priority>(i))) == static_cast<Priority>(i));
    CHECK(parse<Direction>(to_string(static_cast<Direction>(i))) == static_cast<Direction>(i));
    CHECK(parse<PresenceState>(to_string(static_cast<PresenceState>(i))) == static_cast<PresenceState>(i));
    CHECK(parse<Outcome>(to_string(static_cast<Outcome>(i))) == static_cast<Outcome>(i));
    CHECK(parse<NextActor>(to_string(static_cast<NextActor>(i))) == static_cast<NextActor>(i));
  }
  for (int i = 0; i < 5; ++i) {
    CHECK(parse<MessageState>(to_string(static_cast<MessageState>(i))) == static_cast<MessageState>(i));
    CHECK(parse<ActorKind>(to_string(static_cast<ActorKind>(i))) == static_cast<ActorKind>(i));
  }
  for (int i = 0; i < 6; ++i) {
    CHECK(parse<OfferOutcome>(to_string(static_cast<OfferOutcome>(i))) == static_cast<OfferOutcome>(i));
  }
  for (int i = 0; i < 3; ++i) {
    CHECK(parse<ChannelKind>(to_string(static_cast<ChannelKind>(i))) == static_cast<ChannelKind>(i));
  }
  CHECK(parse<Initiator>("agent") == Initiator::agent);
}

TEST_CASE("a break is spelled as people say it") {
  CHECK(to_string(PresenceState::on_break) == "break");
  CHECK(parse<PresenceState>("break") == PresenceState::on_break);
}

TEST_CASE("a word that is no value is refused") {
  CHECK_FALSE(parse<State>("").has_value());
  CHECK_FALSE(parse<State>("Waiting").has_value());
  CHECK_FALSE(parse<PresenceState>("on_break").has_value());
}

}  // namespace peyk::routing
