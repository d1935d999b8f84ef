#include "routing/simulation/ledger.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace peyk::routing::simulation {
namespace {

constexpr auto kSampleEvery = std::chrono::minutes(1);

std::string text(const Event& event, std::string_view name) {
  return std::string(event.get(name));
}

}  // namespace

Ledger::Ledger(const Day& day, const std::map<QueueName, config::Queue>& queues)
    : day_(day), matters_(day.arrivals.size()), waits_(day.arrivals.size()), next_sample_(day.begin) {
  for (const auto& [name, queue] : queues) waiting_.emplace(name, 0);
}

void Ledger::expect(std::size_t arrival, const ConversationId& conversation, Time first_reply_by) {
  const auto& comes = day_.arrivals[arrival];
  auto& matter = matters_[arrival];
  matter.name = comes.name;
  matter.arrived = comes.at;
  matter.promise = first_reply_by - comes.at;
  if (!arrivals_.emplace(conversation, arrival).second) return;
  unanswered_.insert(arrival);
  ++open_;
}

void Ledger::pass(Time now) {
  for (; next_sample_ < now; next_sample_ += kSampleEvery) {
    for (const auto& [queue, waiting] : waiting_) samples_.push_back({next_sample_, queue, waiting});
  }
}

void Ledger::observe(const Event& event) {
  pass(event.at);
  if (event.type.starts_with("offer.") && event.type != "offer.made") live_.erase(OfferId(text(event, "offer")));
  const auto arrival = arrival_of(event.conversation);
  if (!arrival) return;
  follow(*arrival, event);
  if (event.type == "message.in" && event.get("message_seq") != "1") ++matters_[*arrival].replies;
  if (event.type == "offer.made") on_offer_made(*arrival, event);
  if (event.type == "offer.withdrawn") on_withdrawn(*arrival, event);
  if (event.type == "conversation.assigned") on_assigned(*arrival, event);
  if (event.type == "conversation.resolved") on_resolved(*arrival, event);
}

/// Every event of a conversation carries where it is.
void Ledger::follow(std::size_t arrival, const Event& event) {
  auto& matter = matters_[arrival];
  const bool waits = event.get("state") == "waiting";
  QueueName queue(text(event, "queue"));
  if (waits_[arrival]) --waiting_[matter.queue];
  if (waits) ++waiting_[queue];
  waits_[arrival] = waits;
  matter.queue = std::move(queue);
}

void Ledger::on_offer_made(std::size_t arrival, const Event& event) {
  auto& matter = matters_[arrival];
  AgentName agent(text(event, "to"));
  ++matter.offers;
  if (!matter.offered) matter.offered = event.at;
  if (within_day(event.at)) ++offered_[agent];
  live_.emplace(OfferId(text(event, "offer")), Live{arrival, std::move(agent)});
}

/// Nobody but its customer ends what has no answer yet.
void Ledger::on_withdrawn(std::size_t arrival, const Event& event) {
  auto& matter = matters_[arrival];
  if (event.cause != "resolved" || matter.answered) return;
  AgentName agent(text(event, "to"));
  if (within_day(event.at)) ++abandoned_[agent];
  matter.left_while_offered_to.push_back(std::move(agent));
}

void Ledger::on_assigned(std::size_t arrival, const Event& event) {
  auto& matter = matters_[arrival];
  matter.agent = AgentName(text(event, "agent"));
  if (!matter.answered) matter.answered = event.at;
  unanswered_.erase(arrival);
  if (within_day(event.at)) ++answered_[matter.agent];
}

void Ledger::on_resolved(std::size_t arrival, const Event& event) {
  auto& matter = matters_[arrival];
  if (matter.finished) return;
  matter.finished = event.at;
  last_finished_ = event.at;
  matter.abandoned = !matter.answered;
  unanswered_.erase(arrival);
  --open_;
}

std::vector<std::pair<OfferId, std::size_t>> Ledger::live_of(const AgentName& agent) const {
  std::vector<std::pair<OfferId, std::size_t>> offers;
  for (const auto& [id, live] : live_) {
    if (live.agent == agent) offers.emplace_back(id, live.arrival);
  }
  std::ranges::sort(offers);
  return offers;
}

std::optional<std::size_t> Ledger::arrival_of(const ConversationId& conversation) const {
  const auto found = arrivals_.find(conversation);
  return found == arrivals_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Matter> Ledger::matters() const {
  std::vector<Matter> counted;
  counted.reserve(matters_.size());
  for (std::size_t i = 0; i < matters_.size(); ++i) {
    if (within_day(day_.arrivals[i].at)) counted.push_back(matters_[i]);
  }
  return counted;
}

int Ledger::find(const std::map<AgentName, int>& counts, const AgentName& agent) {
  const auto found = counts.find(agent);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace peyk::routing::simulation
