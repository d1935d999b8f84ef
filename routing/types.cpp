#include "routing/types.h"

#include <array>
#include <cstddef>

namespace peyk::routing {
namespace {

/// The spellings of an enumeration, in the order of its values.
template <std::size_t N>
using Spellings = std::array<std::string_view, N>;

constexpr Spellings<3> kKinds{"email", "chat", "form"};
constexpr Spellings<7> kStates{"waiting", "offered", "active", "pending", "snoozed", "resolved", "closed"};
constexpr Spellings<4> kPriorityNames{"low", "normal", "high", "urgent"};
constexpr Spellings<4> kDirections{"in", "out", "note", "system"};
constexpr Spellings<5> kMessageStates{"stored", "held", "queued", "sent", "failed"};
constexpr Spellings<4> kPresenceStates{"available", "busy", "break", "away"};
constexpr Spellings<4> kOutcomes{"solved", "declined", "duplicate", "spam"};
constexpr Spellings<2> kInitiators{"customer", "agent"};
constexpr Spellings<4> kNextActors{"router", "agent", "customer", "timer"};
constexpr Spellings<6> kOfferOutcomes{"accepted", "declined", "expired", "withdrawn", "presence", "taken"};
constexpr Spellings<5> kActorKinds{"customer", "agent", "supervisor", "admin", "system"};

template <typename Enum, std::size_t N>
std::string_view spell(const Spellings<N>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

template <typename Enum, std::size_t N>
std::optional<Enum> find(const Spellings<N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(State value) {
  return spell(kStates, value);
}
std::string_view to_string(Direction value) {
  return spell(kDirections, value);
}
std::string_view to_string(MessageState value) {
  return spell(kMessageStates, value);
}
std::string_view to_string(PresenceState value) {
  return spell(kPresenceStates, value);
}
std::string_view to_string(Outcome value) {
  return spell(kOutcomes, value);
}
std::string_view to_string(Initiator value) {
  return spell(kInitiators, value);
}
std::string_view to_string(NextActor value) {
  return spell(kNextActors, value);
}
std::string_view to_string(OfferOutcome value) {
  return spell(kOfferOutcomes, value);
}
std::string_view to_string(ActorKind value) {
  return spell(kActorKinds, value);
}

template <>
std::optional<ChannelKind> parse<ChannelKind>(std::string_view text) {
  return find<ChannelKind>(kKinds, text);
}
template <>
std::optional<State> parse<State>(std::string_view text) {
  return find<State>(kStates, text);
}
template <>
std::optional<Priority> parse<Priority>(std::string_view text) {
  return find<Priority>(kPriorityNames, text);
}
template <>
std::optional<Direction> parse<Direction>(std::string_view text) {
  return find<Direction>(kDirections, text);
}
template <>
std::optional<MessageState> parse<MessageState>(std::string_view text) {
  return find<MessageState>(kMessageStates, text);
}
template <>
std::optional<PresenceState> parse<PresenceState>(std::string_view text) {
  return find<PresenceState>(kPresenceStates, text);
}
template <>
std::optional<Outcome> parse<Outcome>(std::string_view text) {
  return find<Outcome>(kOutcomes, text);
}
template <>
std::optional<Initiator> parse<Initiator>(std::string_view text) {
  return find<Initiator>(kInitiators, text);
}
template <>
std::optional<NextActor> parse<NextActor>(std::string_view text) {
  return find<NextActor>(kNextActors, text);
}
template <>
std::optional<OfferOutcome> parse<OfferOutcome>(std::string_view text) {
  return find<OfferOutcome>(kOfferOutcomes, text);
}
template <>
std::optional<ActorKind> parse<ActorKind>(std::string_view text) {
  return find<ActorKind>(kActorKinds, text);
}

}  // namespace peyk::routing
