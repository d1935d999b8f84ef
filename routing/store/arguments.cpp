#include "routing/store/arguments.h"

#include <fmt/format.h>

namespace peyk::routing::store {
namespace {

template <typename Map>
std::string map_of_numbers(const Map& map) {
  ObjectWriter object;
  for (const auto& [name, value] : map) {
    if constexpr (std::is_same_v<typename Map::key_type, std::string>) {
      object.number(name, value);
    } else {
      object.number(name.str(), value);
    }
  }
  return object.take();
}

std::string_view unless(config::DroppedWhenNone when) {
  switch (when) {
    case config::DroppedWhenNone::available: return "available";
    case config::DroppedWhenNone::rostered: return "rostered";
    case config::DroppedWhenNone::never: break;
  }
  return {};
}

std::string prefer_json(const std::vector<config::PreferStep>& steps) {
  ArrayWriter array;
  for (const auto& step : steps) {
    ObjectWriter object;
    object.raw("skills", levels_json(step.skills)).duration("for", step.insist_for).text("unless", unless(step.unless));
    array.raw(object.take());
  }
  return array.take();
}

std::string rings_json(const std::vector<config::Ring>& rings) {
  ArrayWriter array;
  for (const auto& ring : rings) {
    ObjectWriter object;
    object.text("queue", ring.queue).duration("after", ring.after);
    array.raw(object.take());
  }
  return array.take();
}

std::string bands_json(const config::Bands& bands) {
  ObjectWriter object;
  for (const auto& [skill, floors] : bands) {
    ArrayWriter array;
    for (const int floor : floors) array.number(floor);
    object.raw(skill.str(), array.take());
  }
  return object.take();
}

}  // namespace

std::string identity_json(const Identity& identity) {
  ObjectWriter object;
  object.text("kind", identity.kind).text("value", identity.value).flag("verified", identity.verified);
  return object.take();
}

std::string identities_json(const std::vector<Identity>& identities) {
  ArrayWriter array;
  for (const auto& identity : identities) array.raw(identity_json(identity));
  return array.take();
}

std::string actor_json(const Actor& actor) {
  ObjectWriter object;
  object.text("kind", to_string(actor.kind)).text("name", actor.name);
  return object.take();
}

std::string levels_json(const config::SkillLevels& levels) {
  return map_of_numbers(levels);
}
std::string levels_json(const SkillLevels& levels) {
  return map_of_numbers(levels);
}

std::string body_json(std::string_view text, std::string_view html, const std::vector<Attachment>& attachments) {
  ArrayWriter files;
  for (const auto& attachment : attachments) {
    ObjectWriter file;
    file.text("id", attachment.id).text("name", attachment.name).text("type", attachment.type);
    file.number("size", static_cast<std::int64_t>(attachment.size)).flag("inline", attachment.inlined);
    files.raw(file.take());
  }
  ObjectWriter object;
  object.text("text", text).text("html", html).raw("attachments", files.take());
  return object.take();
}

std::string blobs_json(const std::vector<Attachment>& attachments, const BlobId& raw) {
  ArrayWriter array;
  for (const auto& attachment : attachments) array.text(attachment.id.str());
  if (!raw.empty()) array.text(raw.str());
  return array.take();
}

void add_tags(ObjectWriter& call, const Rules& rules, const std::vector<std::string>& contact_tags) {
  if (!rules.needs_contact_tags()) return;
  call.flag("by_tags", true).text("contact_tags", fmt::format("{}", fmt::join(contact_tags, ",")));
}

std::string demand_json(const config::Demand& demand) {
  ObjectWriter object;
  object.raw("require", levels_json(demand.require)).raw("prefer", prefer_json(demand.prefer));
  object.raw("rings", rings_json(demand.rings)).raw("bands", bands_json(demand.bands));
  return object.take();
}

std::string class_json(const Routing& routing, const std::string& config_version) {
  ObjectWriter object;
  object.text("queue", routing.queue).members(demand_json(routing.demand));
  object.text("priority", to_string(routing.priority));
  object.number("promise_s", std::max<std::int64_t>(1, routing.promise.first_reply.count() / 1000));
  object.text("rule", routing.route).text("config_version", config_version);
  return object.take();
}

std::string class_with(std::string_view lasting, const Promise& promise, const Language& language,
                       const std::map<std::string, std::string>& fields) {
  ObjectWriter of_fields;
  for (const auto& [name, value] : fields) of_fields.text(name, value);
  ObjectWriter object;
  object.members(lasting).time("first_reply_by", promise.first_reply_by).time("resolve_by", promise.resolve_by);
  object.text("language", language).raw("fields", of_fields.take());
  return object.take();
}

}  // namespace peyk::routing::store
