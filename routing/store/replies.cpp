#include "routing/store/replies.h"

#include "routing/demand_text.h"

namespace peyk::routing::store {
namespace {

constexpr double kHundredths = 100.0;  // of a unit: how loads and capacities are kept

const json::object kNoObject;
const json::array kNoArray;

SkillLevels read_levels(const json::object& object, std::string_view key) {
  SkillLevels levels;
  for (const auto& [skill, level] : object_in(object, key)) {
    if (level.is_number()) levels.emplace(skill, level.to_number<int>());
  }
  return levels;
}

std::map<std::string, std::string> read_texts(const json::object& object, std::string_view key) {
  std::map<std::string, std::string> map;
  for (const auto& [name, value] : object_in(object, key)) {
    if (value.is_string()) map.emplace(name, value.get_string());
  }
  return map;
}

Preference read_preference(const json::object& object) {
  return {read_levels(object, "skills"), Milliseconds(number(object, "for"))};
}

Attachment read_attachment(const json::object& object) {
  return {BlobId(text(object, "id")), text(object, "name"), text(object, "type"),
          static_cast<std::uint64_t>(number(object, "size")), flag(object, "inline")};
}

/// What stands apart from the small hash.
void read_long(const json::object& object, Conversation& conversation) {
  conversation.subject = text(object, "subject");
  conversation.demand.require = read_levels(object, "require");
  conversation.demand.prefer = read_all(array_in(object, "prefer"), read_preference);
  conversation.followers = ids<AgentName>(object, "followers");
  conversation.participants = read_identities(object, "participants");
  conversation.tags = texts(object, "tags");
  conversation.fields = read_texts(object, "fields");
  if (const auto& rating = object_in(object, "rating"); !rating.empty()) {
    conversation.rating = {static_cast<int>(number(rating, "score")), text(rating, "comment"),
                           time(rating, "at").value_or(Time())};
  }
  conversation.related = ids<ConversationId>(object, "related");
  // The one that a stranger claims to answer: for the agent to judge, who may look there.
  if (auto claimed = text(object, "claims"); !claimed.empty()) conversation.related.emplace_back(std::move(claimed));
}

}  // namespace

std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

double real(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0.0;
}

std::int64_t number(const json::object& object, std::string_view key) {
  return static_cast<std::int64_t>(real(object, key));
}

bool flag(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr) return false;
  return value->is_bool() ? value->get_bool() : value->is_number() && value->to_number<double>() != 0;
}

std::optional<Time> time(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return from_unix_ms(number(object, key));
}

const json::object& object_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : kNoObject;
}

const json::array& array_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : kNoArray;
}

std::vector<std::string> texts(const json::object& object, std::string_view key) {
  std::vector<std::string> found;
  for (const auto& value : array_in(object, key)) {
    if (value.is_string()) found.emplace_back(value.get_string());
  }
  return found;
}

Identity read_identity(const json::object& object) {
  return {text(object, "kind"), text(object, "value"), flag(object, "verified")};
}

std::vector<Identity> read_identities(const json::object& object, std::string_view key) {
  return read_all(array_in(object, key), read_identity);
}

Conversation read_conversation(const json::object& object) {
  Conversation conversation;
  conversation.id = ConversationId(text(object, "id"));
  conversation.reference = text(object, "reference");
  conversation.state = spelled<State>(object, "state").value_or(State::waiting);
  conversation.queue = QueueName(text(object, "queue"));
  conversation.kind = spelled<ChannelKind>(object, "kind").value_or(ChannelKind::email);
  conversation.channel = ChannelName(text(object, "channel"));
  conversation.language = text(object, "language");
  conversation.priority = spelled<Priority>(object, "priority").value_or(Priority::normal);
  conversation.promise = {time(object, "first_reply_by").value_or(Time()), time(object, "resolve_by").value_or(Time())};
  conversation.contact = ContactId(text(object, "contact"));
  conversation.initiator = spelled<Initiator>(object, "initiator").value_or(Initiator::customer);
  conversation.agent = AgentName(text(object, "agent"));
  conversation.created_at = time(object, "created_at").value_or(Time());
  conversation.first_replied_at = time(object, "first_replied_at");
  conversation.unanswered_since = time(object, "unanswered_since");
  conversation.next_actor = spelled<NextActor>(object, "next_actor");
  conversation.answer_due = time(object, "due");
  conversation.next_at = time(object, "next_at");
  conversation.outcome = spelled<Outcome>(object, "outcome");
  conversation.config_version = text(object, "config_version");
  read_long(object_in(object, "long"), conversation);
  return conversation;
}

Message read_message(const json::object& object) {
  Message message;
  message.id = MessageId(text(object, "id"));
  message.seq = static_cast<std::uint64_t>(number(object, "seq"));
  message.at = time(object, "at").value_or(Time());
  message.direction = spelled<Direction>(object, "direction").value_or(Direction::in);
  const auto& author = object_in(object, "author");
  message.author = {spelled<ActorKind>(author, "kind").value_or(ActorKind::system), text(author, "id"),
                    text(author, "name"), flag(author, "verified")};
  message.channel = ChannelName(text(object, "channel"));
  message.external_id = text(object, "external_id");
  message.state = spelled<MessageState>(object, "state").value_or(MessageState::stored);
  message.detail = text(object, "detail");
  const auto& body = object_in(object, "body");
  message.text = text(body, "text");
  message.html = text(body, "html");
  message.attachments = read_all(array_in(body, "attachments"), read_attachment);
  return message;
}

Contact read_contact(const json::object& object) {
  Contact contact;
  contact.id = ContactId(text(object, "id"));
  contact.name = text(object, "name");
  contact.identities = read_identities(object, "identities");
  contact.language = text(object, "language");
  contact.attributes = read_texts(object, "attributes");
  contact.tags = texts(object, "tags");
  contact.merged_into = ContactId(text(object, "merged_into"));
  contact.conversations = ids<ConversationId>(object, "conversations");
  return contact;
}

AgentView read_agent(const json::object& object) {
  AgentView agent;
  agent.name = AgentName(text(object, "agent"));
  agent.presence = spelled<PresenceState>(object, "state").value_or(PresenceState::away);
  agent.reason = text(object, "reason");
  agent.connected = flag(object, "connected");
  agent.load = real(object, "load") / kHundredths;
  agent.capacity = real(object, "capacity") / kHundredths;
  agent.since = time(object, "since").value_or(Time());
  agent.offers = ids<OfferId>(object, "offers");
  agent.conversations = ids<ConversationId>(object, "conversations");
  return agent;
}

Unroutable read_unroutable(const json::object& object) {
  return {demand_in_words(text(object, "demand")), spelled<ChannelKind>(object, "kind").value_or(ChannelKind::email),
          static_cast<std::size_t>(number(object, "waiting")), ConversationId(text(object, "conversation")),
          text(object, "reference")};
}

std::vector<QueueCount> read_counts(const json::object& object, const QueueName& name, Time now) {
  std::vector<QueueCount> counts;
  for (const auto& value : array_in(object, "kinds")) {
    if (!value.is_object()) continue;
    const auto& of_kind = value.get_object();
    const auto kind = spelled<ChannelKind>(of_kind, "kind");
    if (!kind) continue;
    const auto oldest = time(of_kind, "oldest_at");
    const auto age = oldest ? std::max(Milliseconds(0), now - *oldest) : Milliseconds(0);
    counts.push_back({name, *kind, static_cast<int>(number(of_kind, "waiting")),
                      static_cast<int>(number(of_kind, "active") + number(of_kind, "offered")),
                      static_cast<int>(number(of_kind, "free")), static_cast<double>(age.count()) / 1000});
  }
  return counts;
}

QueueView read_queue(const json::object& object, Time now) {
  QueueView queue;
  queue.name = QueueName(text(object, "name"));
  queue.waiting = static_cast<std::size_t>(number(object, "waiting"));
  queue.offered = static_cast<std::size_t>(number(object, "offered"));
  queue.active = static_cast<std::size_t>(number(object, "active"));
  queue.agents_available = static_cast<std::size_t>(number(object, "agents_available"));
  queue.agents_free = static_cast<std::size_t>(number(object, "agents_free"));
  queue.due_at = time(object, "due_at");
  queue.unroutable = read_all(array_in(object, "unroutable"), read_unroutable);
  queue.kinds = read_counts(object, queue.name, now);
  if (const auto oldest = time(object, "oldest_at")) queue.oldest_age = std::max(Milliseconds(0), now - *oldest);
  return queue;
}

}  // namespace peyk::routing::store
