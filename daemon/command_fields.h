// The fields of the agents' commands, as docs/api.md names them, read into what the desk takes.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json_input.h"
#include "config/config.h"
#include "routing/agent_work.h"

namespace peyk::daemon {

// What is wrong with a field is noted in `input`, which is to be finished before anything read here is used. Names of
// queues, agents, skills and channels are those of `config`.

inline constexpr TextRule kReasonRule{0, 200, false};
inline constexpr std::size_t kMaxAttachments = 20;

/// The last message that the caller has seen; empty: he does not say.
routing::MessageId read_seen(JsonInput& input);

std::string read_note(JsonInput& input);

/// All but the attachments, which are ids of uploads.
routing::Reply read_reply(JsonInput& input);

routing::Transfer read_transfer(JsonInput& input, const config::Config& config);

routing::Resolution read_resolution(JsonInput& input);

routing::Start read_start(JsonInput& input, const config::Config& config);

routing::TagChange read_tags(JsonInput& input);

/// The time until which a conversation is put aside: after `now`, within a year.
Time read_until(JsonInput& input, Time now);
std::optional<Time> read_optional_until(JsonInput& input, Time now);

}  // namespace peyk::daemon
