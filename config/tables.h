// The declared tables of the configuration, one function a part; config_table() is the whole.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "config/config.h"
#include "config/schema.h"

namespace peyk::config {

Type<Redis> redis_type();
Type<Http> http_type();
Type<Log> log_type();
Type<Presence> presence_type();
Type<Conversations> conversations_type();
Type<Sessions> sessions_type();
Type<Outbox> outbox_type();
Type<Events> events_type();
Type<StatusPage> status_page_type();
Type<SystemTexts> system_texts_type();

Type<std::map<ChannelName, Channel>> channels_type();

Type<std::map<HoursName, Hours>> hours_type();
Type<std::vector<SkillName>> skills_type();
Type<std::map<QueueName, Queue>> queues_type();
Type<std::map<QueueName, QueueName>> retired_queues_type();

/// Where nothing is said: a chat is not dormant between two lines of a talk.
std::array<KindRules, kChannelKinds> default_kinds();
Type<std::array<KindRules, kChannelKinds>> kinds_type();
Type<Urgency> urgency_type();
Type<std::vector<Route>> routes_type();
Type<std::map<AgentName, Agent>> agents_type();

const Table<Config>& config_table();

}  // namespace peyk::config
