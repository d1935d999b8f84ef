// The words of the domain: ids, states, kinds. Every enumeration has the spelling that the API shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/strong_id.h"
#include "config/names.h"

namespace peyk::routing {

using ConversationId = StrongId<struct ConversationIdTag>;  // "c_…"
using MessageId = StrongId<struct MessageIdTag>;            // "m_…"
using ContactId = StrongId<struct ContactIdTag>;            // "p_…"
using OfferId = StrongId<struct OfferIdTag>;                // "o_…"
using BlobId = StrongId<struct BlobIdTag>;                  // "b_" and the SHA-256 of the content

/// What is weighed and interrupted apart; also the folder below channels/.
using peyk::ChannelKind;
using peyk::Priority;
using peyk::to_string;

/// waiting: in a lane. offered: in live offers. active: in one agent's list. pending: waits for the customer.
/// snoozed: waits for a time. resolved: done, reopens on the customer's next message. closed: done for good.
enum class State : std::uint8_t { waiting, offered, active, pending, snoozed, resolved, closed };

enum class Direction : std::uint8_t { in, out, note, system };

/// stored: in, or a note. queued: in the outbox. held: not to be sent before a release.
enum class MessageState : std::uint8_t { stored, held, queued, sent, failed };

enum class PresenceState : std::uint8_t { available, busy, on_break, away };  // on_break is spelled "break"

enum class Outcome : std::uint8_t { solved, declined, duplicate, spam };

enum class Initiator : std::uint8_t { customer, agent };

/// Who has the next step of an open conversation.
enum class NextActor : std::uint8_t { router, agent, customer, timer };

/// How an offer ended.
enum class OfferOutcome : std::uint8_t { accepted, declined, expired, withdrawn, presence, taken };

enum class ActorKind : std::uint8_t { customer, agent, supervisor, admin, system };

std::string_view to_string(State value);
std::string_view to_string(Direction value);
std::string_view to_string(MessageState value);
std::string_view to_string(PresenceState value);
std::string_view to_string(Outcome value);
std::string_view to_string(Initiator value);
std::string_view to_string(NextActor value);
std::string_view to_string(OfferOutcome value);
std::string_view to_string(ActorKind value);

/// The value of that spelling: `parse<State>("waiting")`.
template <typename Enum>
std::optional<Enum> parse(std::string_view text);
template <>
std::optional<ChannelKind> parse<ChannelKind>(std::string_view text);
template <>
std::optional<State> parse<State>(std::string_view text);
template <>
std::optional<Priority> parse<Priority>(std::string_view text);
template <>
std::optional<Direction> parse<Direction>(std::string_view text);
template <>
std::optional<MessageState> parse<MessageState>(std::string_view text);
template <>
std::optional<PresenceState> parse<PresenceState>(std::string_view text);
template <>
std::optional<Outcome> parse<Outcome>(std::string_view text);
template <>
std::optional<Initiator> parse<Initiator>(std::string_view text);
template <>
std::optional<NextActor> parse<NextActor>(std::string_view text);
template <>
std::optional<OfferOutcome> parse<OfferOutcome>(std::string_view text);
template <>
std::optional<ActorKind> parse<ActorKind>(std::string_view text);

}  // namespace peyk::routing
