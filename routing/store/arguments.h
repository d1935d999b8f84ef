// The domain's values as the scripts take them (docs/store.md).
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "routing/agent_work.h"
#include "routing/channel_messages.h"
#include "routing/rules.h"
#include "routing/store/writer.h"

namespace peyk::routing::store {

std::string identity_json(const Identity& identity);
std::string identities_json(const std::vector<Identity>& identities);
std::string actor_json(const Actor& actor);
/// {"cooling":2}
std::string levels_json(const config::SkillLevels& levels);
std::string levels_json(const SkillLevels& levels);
/// A message's body, kept byte by byte: {"text","html","attachments"}.
std::string body_json(std::string_view text, std::string_view html, const std::vector<Attachment>& attachments);
/// The ids of blobs that a message names, for who may see them.
std::string blobs_json(const std::vector<Attachment>& attachments, const BlobId& raw);

/// What the class was made from, where the rules look at the contact's tags; nothing where they do not.
void add_tags(ObjectWriter& call, const Rules& rules, const std::vector<std::string>& contact_tags);

/// The lasting part of a `class`: all of it but the promised times, language, tags and fields.
std::string class_json(const Routing& routing, const std::string& config_version);
/// The demand alone, as members of a class: require, prefer, rings, bands.
std::string demand_json(const config::Demand& demand);

/// A whole `class`.
std::string class_with(std::string_view lasting, const Promise& promise, const Language& language,
                       const std::map<std::string, std::string>& fields);

}  // namespace peyk::routing::store
