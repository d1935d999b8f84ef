#include "routing/roster.h"

#include <spdlog/spdlog.h>

#include "routing/store/arguments.h"
#include "routing/store/replies.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;
using store::ArrayWriter;
using store::ObjectWriter;

constexpr int kBatch = 50;  // conversations that one call gives back

template <typename Map>
std::string names_of(const Map& map) {
  ArrayWriter array;
  for (const auto& [name, value] : map) array.text(name.str());
  return array.take();
}

std::string kinds_json(const config::Config& config) {
  ObjectWriter kinds;
  for (int i = 0; i < kChannelKinds; ++i) {
    const auto kind = static_cast<ChannelKind>(i);
    const auto& rules = config.kind(kind);
    ObjectWriter object;
    object.number("weight", rules.weight.hundredths).number("dormant_weight", rules.dormant_weight.hundredths);
    object.duration("dormant_after", rules.dormant_after);
    if (rules.max) object.number("max", *rules.max);
    ArrayWriter interrupts;
    for (const auto other : rules.interrupts) interrupts.text(to_string(other));
    object.raw("interrupts", interrupts.take());
    kinds.raw(to_string(kind), object.take());
  }
  return kinds.take();
}

std::string settings_json(const config::Config& config, bool own_time) {
  ObjectWriter presence;
  presence.duration("lease", config.presence.lease).duration("grace", config.presence.grace);
  presence.duration("reassign_after", config.presence.reassign_after);
  ObjectWriter conversations;
  conversations.duration("reopen_within", config.conversations.reopen_within);
  conversations.duration("last_agent_within", config.conversations.last_agent_within);
  conversations.duration("pending_for", config.conversations.pending_for);
  conversations.duration("keep_delivery_keys", config.conversations.keep_delivery_keys);
  ObjectWriter values;
  for (int i = 0; i < kPriorities; ++i) {
    values.real(to_string(static_cast<Priority>(i)), config.urgency.values.at(static_cast<std::size_t>(i)));
  }
  ObjectWriter urgency;
  urgency.real("exponent", config.urgency.exponent).raw("values", values.take());
  ObjectWriter settings;
  settings.raw("skills", store::text_array(config.skills))
      .raw("presence", presence.take())
      .raw("conversations", conversations.take());
  settings.raw("urgency", urgency.take()).raw("kinds", kinds_json(config));
  settings.duration("keep_events", config.events.keep).flag("own_time", own_time);
  return settings.take();
}

std::string overflow_json(const config::Queue& queue, const Settings& settings) {
  ArrayWriter rules;
  for (const auto& rule : queue.overflow) {
    ObjectWriter object;
    if (rule.when.waiting) object.number("waiting", *rule.when.waiting);
    if (rule.when.wait) object.duration("wait", *rule.when.wait);
    object.flag("closed", rule.when.hours_closed).flag("nobody", rule.when.nobody_rostered);
    if (rule.when.after) object.duration("after", *rule.when.after);
    if (rule.to.empty()) {
      object.text("answer", answer_name(queue.name, rule.answer));
    } else {
      const auto& to = settings.config().queues.at(rule.to);
      ObjectWriter target;
      target.text("queue", to.name).members(store::demand_json(to.demand));
      target.number("promise_s", std::max<std::int64_t>(1, to.promise.first_reply.count() / 1000));
      object.raw("to", target.take());
    }
    rules.raw(object.take());
  }
  return rules.take();
}

std::string queue_json(const config::Queue& queue, const Settings& settings) {
  ObjectWriter offer;
  offer.duration("timeout", queue.offer.timeout).duration("cooldown", queue.offer.cooldown);
  offer.duration("cooldown_max", queue.offer.cooldown_max);
  offer.number("misses_before_away", queue.offer.misses_before_away).number("parallel", queue.offer.parallel);
  ObjectWriter object;
  object.text("queue", queue.name).raw("offer", offer.take()).duration("wrap_up", queue.wrap_up);
  if (queue.last_agent_within) object.duration("last_agent_within", *queue.last_agent_within);
  object.number("promise_s", std::max<std::int64_t>(1, queue.promise.first_reply.count() / 1000));
  object.raw("overflow", overflow_json(queue, settings));
  return object.take();
}

std::string agent_json(const config::Agent& agent, bool on_shift) {
  ObjectWriter kinds;
  for (const auto& [kind, rules] : agent.kinds) {
    ObjectWriter own;
    if (rules.weight) own.number("weight", rules.weight->hundredths);
    if (rules.max) own.number("max", *rules.max);
    kinds.raw(to_string(kind), own.take());
  }
  ObjectWriter object;
  object.text("agent", agent.name).text("name", agent.display_name).raw("skills", store::levels_json(agent.skills));
  object.raw("queues", store::text_array(agent.queues)).number("capacity", agent.capacity.hundredths);
  object.raw("kinds", kinds.take()).truth("on_shift", on_shift);
  return object.take();
}

/// One run of all steps.
class Writer {
 public:
  Writer(store::Runner& runner, SettingsPtr settings) : runner_(runner), settings_(std::move(settings)) {}

  asio::awaitable<Result<>> run() {
    const auto& config = settings_->config();
    ObjectWriter moves;
    for (const auto& [gone, to] : config.retired_queues) moves.text(gone.str(), to);
    ObjectWriter call;
    call.raw("queues", names_of(config.queues)).raw("agents", names_of(config.agents)).raw("moves", moves.take());
    const auto found = co_await runner_.write("roster_check", call.take());
    if (!found) co_return std::unexpected(found.error());
    if (store::text(*found, "config") == config.config_version) co_return Result<>();
    const auto begun = co_await step("roster_begin", version());
    if (!begun) co_return begun;
    auto written = co_await write_from(*found);
    if (!written) {
      written.error().message += "; the roster is written in part: reload again, or put the file back and reload";
      co_return written;
    }
    spdlog::info("roster.written config={} queues={} agents={}", config.config_version, config.queues.size(),
                 config.agents.size());
    co_return written;
  }

 private:
  std::string version() const {
    ObjectWriter call;
    call.text("config", settings_->config().config_version);
    return call.take();
  }

  asio::awaitable<Result<>> write_from(const json::object& found) {
    const auto written = co_await write_all();
    if (!written) co_return written;
    const auto removed = co_await remove_gone(found);
    if (!removed) co_return removed;
    co_return co_await step("roster_commit", version());
  }

  asio::awaitable<Result<>> step(std::string_view script, std::string arguments) {
    const auto reply = co_await runner_.write(script, std::move(arguments));
    if (!reply) co_return std::unexpected(reply.error());
    co_return Result<>();
  }

  asio::awaitable<Result<>> write_all() {
    const auto& config = settings_->config();
    auto done = co_await step("roster_settings", settings_json(config, runner_.own_time()));
    if (!done) co_return done;
    for (const auto& [name, queue] : config.queues) {
      done = co_await step("roster_queue", queue_json(queue, *settings_));
      if (!done) co_return done;
    }
    for (const auto& [name, agent] : config.agents) {
      const bool on_shift = settings_->hours().clock(agent.shift).is_open(runner_.now());
      done = co_await step("roster_agent", agent_json(agent, on_shift));
      if (!done) co_return done;
    }
    co_return Result<>();
  }

  asio::awaitable<Result<>> remove_gone(const json::object& found) {
    for (const auto& name : store::texts(found, "gone_agents")) {
      ObjectWriter call;
      call.text("agent", name).number("limit", kBatch);
      const auto done = co_await until_empty("roster_remove_agent", call.take());
      if (!done) co_return done;
    }
    for (const auto& name : store::texts(found, "gone_queues")) {
      ObjectWriter call;
      call.text("queue", name).raw("to", successor_of(QueueName(name))).number("limit", kBatch);
      const auto done = co_await until_empty("roster_remove_queue", call.take());
      if (!done) co_return done;
    }
    co_return Result<>();
  }

  std::string successor_of(const QueueName& gone) const {
    const auto& config = settings_->config();
    const auto found = config.retired_queues.find(gone);
    if (found == config.retired_queues.end()) return {};
    const auto& to = config.queues.at(found->second);
    ObjectWriter target;
    target.text("queue", to.name).members(store::demand_json(to.demand));
    target.number("promise_s", std::max<std::int64_t>(1, to.promise.first_reply.count() / 1000));
    return target.take();
  }

  asio::awaitable<Result<>> until_empty(std::string_view script, std::string arguments) {
    for (;;) {
      const auto reply = co_await runner_.write(script, arguments);
      if (!reply) co_return std::unexpected(reply.error());
      if (store::number(*reply, "left") == 0) co_return Result<>();
    }
  }

  store::Runner& runner_;
  SettingsPtr settings_;
};

}  // namespace

asio::awaitable<Result<>> write_roster(store::Runner& runner, SettingsPtr settings) {
  Writer writer(runner, std::move(settings));
  co_return co_await writer.run();
}

}  // namespace peyk::routing
