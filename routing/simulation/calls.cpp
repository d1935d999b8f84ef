#include "routing/simulation/calls.h"

#include <utility>

#include <fmt/format.h>

#include "routing/store/arguments.h"

namespace peyk::routing::simulation {
namespace {

using store::ObjectWriter;

std::string by(const AgentName& agent) {
  return store::actor_json({ActorKind::agent, agent, agent});
}

}  // namespace

Calls::Calls(SettingsPtr settings, const Day& day, std::uint64_t seed)
    : settings_(std::move(settings)), day_(day), random_(seed) {
  conversations_.reserve(day.arrivals.size());
  for (std::size_t i = 0; i < day.arrivals.size(); ++i) conversations_.emplace_back(random_.id("c_"));
}

Identity Calls::sender(std::size_t arrival) const {
  const auto& channel = *settings_->channel(day_.arrivals[arrival].channel);
  if (channel.chat() != nullptr) return {"visitor", fmt::format("visitor-{}", arrival), true};
  return {"email", fmt::format("customer-{}@simulated.invalid", arrival), true};
}

Routing Calls::route(const Arrival& arrival, const Subject& subject) const {
  auto& rules = settings_->rules();
  return arrival.queue.empty() ? *rules.classify(subject) : rules.for_queue(arrival.queue, subject.language);
}

Coming Calls::arrive(std::size_t arrival) {
  return receive(arrival, day_.arrivals[arrival].at, {});
}

Call Calls::write(std::size_t arrival, Time at) {
  return receive(arrival, at, conversations_[arrival]).call;
}

Coming Calls::receive(std::size_t which, Time at, const ConversationId& hint) {
  const auto& arrival = day_.arrivals[which];
  const auto& channel = *settings_->channel(arrival.channel);
  const auto from = sender(which);
  Subject subject;
  subject.channel = arrival.channel;
  subject.kind = channel.kind();
  subject.fields = &arrival.fields;
  subject.subject = arrival.subject;
  subject.text = arrival.text;
  subject.sender = from.value;
  subject.language = arrival.language.empty() ? settings_->language_of(channel, arrival.text, {}) : arrival.language;
  subject.now = at;
  const auto routing = route(arrival, subject);
  const auto promise = settings_->pinned(routing, at);
  const auto& id = conversations_[which];
  ObjectWriter call;
  call.text("conversation", id).text("message", random_.id("m_")).text("contact", random_.id("p_"));
  call.text("token", "simulated").text("channel", arrival.channel);
  call.text("delivery_key", hint.empty() ? id.str() : random_.id("k_")).text("hint", hint);
  call.text("kind", to_string(subject.kind)).raw("sender", store::identity_json(from)).text("subject", arrival.subject);
  call.raw("class", store::class_with(store::class_json(routing, settings_->config().config_version), promise,
                                      subject.language, arrival.fields));
  return {{at, "receive", call.take(), store::body_json(arrival.text, {}, {})}, promise.first_reply_by};
}

Call Calls::leave(std::size_t arrival, Time at) const {
  ObjectWriter call;
  call.text("conversation", conversations_[arrival]).raw("sender", store::identity_json(sender(arrival)));
  return {at, "end", call.take(), {}, conversations_[arrival]};
}

Call Calls::accept(const Planned& planned) const {
  ObjectWriter call;
  call.text("agent", planned.agent).raw("actor", by(planned.agent)).text("offer", planned.offer);
  return {planned.at, "accept", call.take(), {}, conversations_[planned.which]};
}

Call Calls::resolve(const Planned& planned) const {
  ObjectWriter call;
  call.text("conversation", conversations_[planned.which]).text("agent", planned.agent).raw("actor", by(planned.agent));
  return {planned.at, "resolve", call.take()};
}

Call Calls::answer(const Planned& planned) {
  ObjectWriter call;
  call.text("conversation", conversations_[planned.which]).text("agent", planned.agent).raw("actor", by(planned.agent));
  call.text("key", fmt::format("plan-{}", planned.plan)).text("message", random_.id("m_"));
  call.text("channel", day_.arrivals[planned.which].channel).truth("send", false);
  return {planned.at, "reply", call.take(), store::body_json("simulated", {}, {})};
}

std::vector<Call> Calls::begin_shift(const AgentName& agent, Time at) const {
  ObjectWriter socket;
  socket.text("agent", agent).text("socket", "simulated");
  ObjectWriter shift;
  shift.text("agent", agent).truth("on", true);
  ObjectWriter presence;
  presence.text("agent", agent).raw("actor", by(agent)).text("state", "available");
  return {{at, "renew", socket.take()}, {at, "shift", shift.take()}, {at, "presence", presence.take()}};
}

Call Calls::lose(const AgentName& agent, Time at) const {
  ObjectWriter socket;
  socket.text("agent", agent).text("socket", "simulated");
  return {at, "socket_gone", socket.take()};
}

std::vector<Call> Calls::come_back(const AgentName& agent, Time at) const {
  ObjectWriter socket;
  socket.text("agent", agent).text("socket", "simulated");
  ObjectWriter presence;
  presence.text("agent", agent).raw("actor", by(agent)).text("state", "available");
  return {{at, "renew", socket.take()}, {at, "presence", presence.take()}};
}

Call Calls::end_shift(const AgentName& agent, Time at) const {
  ObjectWriter shift;
  shift.text("agent", agent).truth("on", false);
  return {at, "shift", shift.take()};
}

}  // namespace peyk::routing::simulation
