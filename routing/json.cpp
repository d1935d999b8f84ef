#include "routing/json.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

json::value or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

template <typename Tag>
json::value or_null(const StrongId<Tag>& id) {
  return or_null(id.str());
}

json::value or_null(const std::optional<Time>& time) {
  return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
}

json::value or_null(const std::optional<Rating>& rating) {
  if (!rating) return nullptr;
  return {{"score", rating->score}, {"comment", or_null(rating->comment)}, {"at", to_rfc3339(rating->at)}};
}

template <typename Enum>
json::value spelled(Enum value) {
  return json::value(json::string_view(to_string(value)));
}

template <typename Enum>
json::value spelled(const std::optional<Enum>& value) {
  return value ? spelled(*value) : json::value(nullptr);
}

json::object levels(const SkillLevels& skills) {
  json::object object;
  for (const auto& [skill, level] : skills) object.emplace(skill, level);
  return object;
}

json::object texts(const std::map<std::string, std::string>& map) {
  json::object object;
  for (const auto& [name, value] : map) object.emplace(name, value);
  return object;
}

json::array strings(const std::vector<std::string>& items) {
  return json::array(items.begin(), items.end());
}

/// Whole seconds as whole numbers: Boost writes 60.0 as 6E1.
json::value number(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? json::value(whole) : json::value(value);
}

json::value seconds(Milliseconds duration) {
  return number(static_cast<double>(duration.count()) / 1000.0);
}

/// An earlier conversation of the same contact: enough to recognise it.
json::object brief(const Conversation& conversation) {
  return {{"id", conversation.id.str()},
          {"reference", conversation.reference},
          {"state", spelled(conversation.state)},
          {"queue", conversation.queue.str()},
          {"channel", conversation.channel.str()},
          {"kind", spelled(conversation.kind)},
          {"subject", conversation.subject},
          {"agent", or_null(conversation.agent)},
          {"outcome", spelled(conversation.outcome)},
          {"created_at", to_rfc3339(conversation.created_at)}};
}

}  // namespace

json::object to_json(const Identity& identity) {
  return {{"kind", identity.kind}, {"value", identity.value}, {"verified", identity.verified}};
}

json::object to_json(const Contact& contact) {
  return {{"id", contact.id.str()},
          {"name", contact.name},
          {"identities", to_json_array(contact.identities)},
          {"language", or_null(contact.language)},
          {"attributes", texts(contact.attributes)},
          {"tags", strings(contact.tags)},
          {"merged_into", or_null(contact.merged_into)}};
}

json::object to_json(const Attachment& attachment) {
  return {{"id", attachment.id.str()},
          {"name", attachment.name},
          {"type", attachment.type},
          {"size", attachment.size},
          {"inline", attachment.inlined}};
}

json::object to_json(const Author& author) {
  return {{"kind", spelled(author.kind)}, {"id", author.id}, {"name", author.name}, {"verified", author.verified}};
}

json::object to_json(const Message& message) {
  return {{"id", message.id.str()},
          {"seq", message.seq},
          {"at", to_rfc3339(message.at)},
          {"direction", spelled(message.direction)},
          {"author", to_json(message.author)},
          {"channel", message.channel.str()},
          {"external_id", or_null(message.external_id)},
          {"text", message.text},
          {"html", or_null(message.html)},
          {"attachments", to_json_array(message.attachments)},
          {"state", spelled(message.state)},
          {"detail", or_null(message.detail)}};
}

json::object to_json(const Demand& demand) {
  json::array prefer;
  for (const auto& step : demand.prefer) {
    prefer.push_back({{"skills", levels(step.skills)}, {"for", seconds(step.insisted_for)}});
  }
  return {{"require", levels(demand.require)}, {"prefer", std::move(prefer)}};
}

json::object to_json(const Promise& promise) {
  return {{"first_reply_by", to_rfc3339(promise.first_reply_by)}, {"resolve_by", to_rfc3339(promise.resolve_by)}};
}

json::object to_json(const Conversation& conversation) {
  return {{"id", conversation.id.str()},
          {"reference", conversation.reference},
          {"state", spelled(conversation.state)},
          {"queue", conversation.queue.str()},
          {"kind", spelled(conversation.kind)},
          {"channel", conversation.channel.str()},
          {"subject", conversation.subject},
          {"language", or_null(conversation.language)},
          {"priority", spelled(conversation.priority)},
          {"demand", to_json(conversation.demand)},
          {"promise", to_json(conversation.promise)},
          {"contact", or_null(conversation.contact)},
          {"initiator", spelled(conversation.initiator)},
          {"agent", or_null(conversation.agent)},
          {"followers", to_json_array(conversation.followers)},
          {"participants", to_json_array(conversation.participants)},
          {"tags", strings(conversation.tags)},
          {"fields", texts(conversation.fields)},
          {"created_at", to_rfc3339(conversation.created_at)},
          {"first_replied_at", or_null(conversation.first_replied_at)},
          {"unanswered_since", or_null(conversation.unanswered_since)},
          {"next_actor", spelled(conversation.next_actor)},
          {"next_at", or_null(conversation.next_at)},
          {"outcome", spelled(conversation.outcome)},
          {"rating", or_null(conversation.rating)},
          {"related", to_json_array(conversation.related)},
          {"config_version", conversation.config_version}};
}

json::object to_json(const WaitEstimate& wait) {
  return {{"p50", number(wait.p50)}, {"p90", number(wait.p90)}};
}

json::object to_json(const OfferView& offer) {
  const auto& conversation = offer.conversation;
  json::array last;
  for (const auto& earlier : offer.history) last.emplace_back(brief(earlier));
  return {{"offer", offer.id.str()},
          {"conversation", conversation.id.str()},
          {"reference", conversation.reference},
          {"channel", conversation.channel.str()},
          {"kind", spelled(conversation.kind)},
          {"queue", conversation.queue.str()},
          {"contact", {{"id", or_null(conversation.contact)}, {"name", offer.contact_name}}},
          {"subject", conversation.subject},
          {"preview", offer.preview},
          {"language", or_null(conversation.language)},
          {"require", levels(conversation.demand.require)},
          {"priority", spelled(conversation.priority)},
          {"promise", to_json(conversation.promise)},
          {"waited", seconds(offer.waited)},
          {"history", {{"count", offer.history_count}, {"last", std::move(last)}}},
          {"expires_at", to_rfc3339(offer.expires_at)},
          {"why", offer.why}};
}

json::object to_json(const AgentView& agent) {
  return {{"name", agent.name.str()},
          {"presence", spelled(agent.presence)},
          {"reason", or_null(agent.reason)},
          {"connected", agent.connected},
          {"load", number(agent.load)},
          {"capacity", number(agent.capacity)},
          {"since", to_rfc3339(agent.since)},
          {"offers", to_json_array(agent.offers)},
          {"conversations", to_json_array(agent.conversations)}};
}

json::object to_json(const Unroutable& dead) {
  return {{"demand", dead.demand},
          {"kind", spelled(dead.kind)},
          {"waiting", dead.waiting},
          {"conversation", dead.conversation.str()}};
}

json::object to_json(const QueueView& queue) {
  json::object waits;
  for (const auto& [kind, wait] : queue.waits) waits.emplace(to_string(kind), to_json(wait));
  return {{"name", queue.name.str()},
          {"waiting", queue.waiting},
          {"offered", queue.offered},
          {"active", queue.active},
          {"oldest_age", seconds(queue.oldest_age)},
          {"agents_available", queue.agents_available},
          {"agents_free", queue.agents_free},
          {"wait", queue.wait ? json::value(to_json(*queue.wait)) : json::value(nullptr)},
          {"waits", std::move(waits)},
          {"wait_error_ratio", queue.wait_error_ratio},
          {"due_at", or_null(queue.due_at)},
          {"unroutable", to_json_array(queue.unroutable)}};
}

}  // namespace peyk::routing
