#include "daemon/metrics.h"

#include <array>
#include <charconv>
#include <list>
#include <map>
#include <sstream>
#include <unordered_map>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace peyk::daemon {
namespace {

namespace asio = boost::asio;
using prometheus::Family;
using prometheus::Histogram;

// Conversations whose beginning is remembered, to measure from: older ones go unmeasured past this.
constexpr std::size_t kMaxRemembered = 200'000;

const Histogram::BucketBoundaries kFast{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const Histogram::BucketBoundaries kOffer{0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 120};
const Histogram::BucketBoundaries kWait{1,   5,    10,   20,     30,     60,     120,    300,
                                        600, 1800, 3600, 14'400, 43'200, 86'400, 172'800};

const Histogram::BucketBoundaries kRating{1, 2, 3, 4, 5};

template <typename Metric>
Family<Metric>& family(prometheus::Registry& registry, const char* name, const char* help) {
  if constexpr (std::is_same_v<Metric, prometheus::Counter>) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  } else if constexpr (std::is_same_v<Metric, prometheus::Gauge>) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  } else {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }
}

/// When things began, bounded: the oldest are forgotten first.
class Beginnings {
 public:
  struct Entry {
    Time at;
    std::string queue;
  };

  void put(const std::string& id, Time at, std::string queue) {
    const auto [place, added] = entries_.try_emplace(id, Node{{at, queue}, {}});
    if (!added) {
      place->second.entry = {at, std::move(queue)};
      return;
    }
    order_.push_back(id);
    place->second.position = std::prev(order_.end());
    if (entries_.size() <= kMaxRemembered) return;
    entries_.erase(order_.front());
    order_.pop_front();
  }

  std::optional<Entry> take(const std::string& id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return std::nullopt;
    auto entry = std::move(found->second.entry);
    order_.erase(found->second.position);
    entries_.erase(found);
    return entry;
  }

 private:
  struct Node {
    Entry entry;
    std::list<std::string>::iterator position;
  };
  std::unordered_map<std::string, Node> entries_;
  std::list<std::string> order_;
};

double seconds_between(Time from, Time to) {
  return std::chrono::duration<double>(std::max(to - from, Milliseconds(0))).count();
}

class PrometheusMetrics : public Metrics {
 public:
  PrometheusMetrics();

  void count_message(const std::string& channel, std::string_view direction) override {
    messages_.Add({{"channel", channel}, {"direction", std::string(direction)}}).Increment();
  }
  void observe_intake(const std::string& channel, std::chrono::duration<double> took, bool accepted) override;
  void on_event(const routing::Event& event) override;
  void set_queues(const std::vector<routing::QueueView>& queues) override;
  void set_agents(const std::map<routing::PresenceState, std::size_t>& agents) override;
  void set_outbox(const routing::OutboxStatus& status) override;
  void set_server(const net::HttpCounters& counters, std::size_t agent_sockets) override;
  void set_store(bool ready, std::chrono::duration<double> latency) override;
  std::string text() override;

 private:
  void on_offer(const routing::Event& event);
  void on_conversation(const routing::Event& event);
  static Histogram& by_queue(Family<Histogram>& histograms, const std::string& queue,
                             const Histogram::BucketBoundaries& buckets = kWait) {
    return histograms.Add({{"queue", queue}}, buckets);
  }
  /// Sets a gauge by its one label and drops those of names that are gone.
  template <typename Items, typename Name, typename Value>
  static void replace(Family<prometheus::Gauge>& gauges, std::map<std::string, prometheus::Gauge*>& known,
                      const Items& items, Name name, Value value);

  prometheus::Registry registry_;
  Family<prometheus::Counter>& messages_;
  Family<prometheus::Counter>& offers_;
  Family<prometheus::Counter>& refused_;
  Family<Histogram>& intake_;
  Family<Histogram>& waits_;
  Family<Histogram>& first_replies_;
  Family<Histogram>& ratings_;
  Histogram& offer_seconds_;
  Family<prometheus::Gauge>& waiting_;
  Family<prometheus::Gauge>& oldest_;
  Family<prometheus::Gauge>& estimate_error_;
  Family<prometheus::Gauge>& agents_;
  Family<prometheus::Gauge>& outbox_;
  Family<prometheus::Gauge>& process_;
  std::map<std::string, prometheus::Gauge*> known_waiting_;
  std::map<std::string, prometheus::Gauge*> known_oldest_;
  std::map<std::string, prometheus::Gauge*> known_error_;
  prometheus::Gauge& agent_sockets_;
  prometheus::Gauge& connections_;
  prometheus::Gauge& requests_;
  prometheus::Gauge& turned_away_;
  prometheus::Gauge& failed_;
  prometheus::Gauge& bodies_refused_;
  prometheus::Gauge& store_up_;
  prometheus::Gauge& store_latency_;
  Beginnings arrived_;    // conversations without an agent, since they were queued
  Beginnings unreplied_;  // conversations without a first reply, since they were created
  Beginnings offered_;    // live offers, since they were made
};

PrometheusMetrics::PrometheusMetrics()
    : messages_(family<prometheus::Counter>(registry_, "peyk_messages_total",
                                            "Messages stored, by channel and direction; this daemon's own")),
      offers_(family<prometheus::Counter>(registry_, "peyk_offers_total",
                                          "Offers that ended, by outcome; the whole desk's, seen since start")),
      refused_(family<prometheus::Counter>(registry_, "peyk_intake_refused_total",
                                           "Messages that could not be stored, by channel; this daemon's own")),
      intake_(family<Histogram>(registry_, "peyk_intake_seconds",
                                "From a message parsed to stored and routed; this daemon's own")),
      waits_(family<Histogram>(registry_, "peyk_wait_seconds",
                               "From queued to in an agent's hands; the whole desk's, seen since start")),
      first_replies_(family<Histogram>(registry_, "peyk_first_reply_seconds",
                                       "From a conversation's first message to its first reply; the whole desk's, seen "
                                       "since start")),
      ratings_(family<Histogram>(registry_, "peyk_rating",
                                 "Ratings that customers gave, 1 to 5; the whole desk's, seen since start")),
      offer_seconds_(family<Histogram>(registry_, "peyk_offer_seconds",
                                       "How long offers lived, however they ended; the whole desk's, seen since start")
                         .Add({}, kOffer)),
      waiting_(family<prometheus::Gauge>(registry_, "peyk_queue_waiting", "Conversations that wait; the whole desk's")),
      oldest_(family<prometheus::Gauge>(registry_, "peyk_queue_oldest_seconds",
                                        "Age of the oldest conversation that waits; the whole desk's")),
      estimate_error_(family<prometheus::Gauge>(
          registry_, "peyk_wait_estimate_error_ratio",
          "Mean error of the estimated wait, as a share of the wait; none before one that was told came true")),
      agents_(family<prometheus::Gauge>(registry_, "peyk_agents", "Agents by state; the whole desk's")),
      outbox_(
          family<prometheus::Gauge>(registry_, "peyk_outbox", "Answers on their way out, by state; the whole desk's")),
      process_(family<prometheus::Gauge>(registry_, "peyk_process", "This process: connections, sockets, store")),
      agent_sockets_(process_.Add({{"what", "agent_sockets"}})),
      connections_(process_.Add({{"what", "http_connections"}})),
      requests_(process_.Add({{"what", "http_requests"}})),
      turned_away_(process_.Add({{"what", "http_refused"}})),
      failed_(process_.Add({{"what", "http_failed"}})),
      bodies_refused_(process_.Add({{"what", "http_bodies_refused"}})),
      store_up_(process_.Add({{"what", "store_ready"}})),
      store_latency_(process_.Add({{"what", "store_latency_seconds"}})) {
  for (const auto* outcome : {"accepted", "declined", "expired", "withdrawn"}) offers_.Add({{"outcome", outcome}});
}

void PrometheusMetrics::observe_intake(const std::string& channel, std::chrono::duration<double> took, bool accepted) {
  if (accepted) {
    intake_.Add({{"channel", channel}}, kFast).Observe(took.count());
  } else {
    refused_.Add({{"channel", channel}}).Increment();
  }
}

void PrometheusMetrics::on_event(const routing::Event& event) {
  const std::string_view type = event.type;
  if (type.starts_with("offer.")) {
    on_offer(event);
  } else if (type.starts_with("conversation.")) {
    on_conversation(event);
  } else if (type == "message.out") {
    const auto begun = unreplied_.take(event.conversation.str());
    if (begun) by_queue(first_replies_, std::string(event.get("queue"))).Observe(seconds_between(begun->at, event.at));
  }
}

void PrometheusMetrics::on_offer(const routing::Event& event) {
  const std::string offer(event.get("offer"));
  if (event.type == "offer.made") {
    offered_.put(offer, event.at, {});
    return;
  }
  offers_.Add({{"outcome", event.type.substr(std::string_view("offer.").size())}}).Increment();
  const auto begun = offered_.take(offer);
  if (begun) offer_seconds_.Observe(seconds_between(begun->at, event.at));
}

void PrometheusMetrics::on_conversation(const routing::Event& event) {
  const auto& id = event.conversation.str();
  const auto type = event.type.substr(std::string_view("conversation.").size());
  std::string queue(event.get("queue"));
  if (type == "created") {
    unreplied_.put(id, event.at, queue);
    arrived_.put(id, event.at, std::move(queue));
  } else if (type == "reopened" || type == "woken" || type == "transferred") {
    arrived_.put(id, event.at, std::move(queue));
  } else if (type == "assigned") {
    const auto begun = arrived_.take(id);
    // Whom his agent writes to first has waited for nobody.
    if (event.cause == "started") {
      unreplied_.take(id);
      return;
    }
    if (begun) by_queue(waits_, queue).Observe(seconds_between(begun->at, event.at));
  } else if (type == "rated") {
    const auto score = event.get("score");
    int stars = 0;
    std::from_chars(score.data(), score.data() + score.size(), stars);
    by_queue(ratings_, queue, kRating).Observe(stars);
  } else if (type == "resolved" || type == "closed") {
    arrived_.take(id);
    unreplied_.take(id);
  }
}

template <typename Items, typename Name, typename Value>
void PrometheusMetrics::replace(Family<prometheus::Gauge>& gauges, std::map<std::string, prometheus::Gauge*>& known,
                                const Items& items, Name name, Value value) {
  std::map<std::string, prometheus::Gauge*> current;
  for (const auto& item : items) {
    auto& gauge = gauges.Add({{"queue", name(item)}});
    gauge.Set(value(item));
    current.emplace(name(item), &gauge);
  }
  for (const auto& [old, gauge] : known) {
    if (!current.contains(old)) gauges.Remove(gauge);
  }
  known = std::move(current);
}

void PrometheusMetrics::set_queues(const std::vector<routing::QueueView>& queues) {
  const auto name = [](const routing::QueueView& queue) { return queue.name.str(); };
  replace(waiting_, known_waiting_, queues, name,
          [](const routing::QueueView& queue) { return static_cast<double>(queue.waiting); });
  replace(oldest_, known_oldest_, queues, name,
          [](const routing::QueueView& queue) { return std::chrono::duration<double>(queue.oldest_age).count(); });
  std::vector<routing::QueueView> measured;
  for (const auto& queue : queues) {
    if (queue.wait_error_ratio > 0) measured.push_back(queue);
  }
  replace(estimate_error_, known_error_, measured, name,
          [](const routing::QueueView& queue) { return queue.wait_error_ratio; });
}

void PrometheusMetrics::set_agents(const std::map<routing::PresenceState, std::size_t>& agents) {
  for (const auto& [state, count] : agents) {
    agents_.Add({{"state", std::string(routing::to_string(state))}}).Set(static_cast<double>(count));
  }
}

void PrometheusMetrics::set_outbox(const routing::OutboxStatus& status) {
  outbox_.Add({{"state", "queued"}}).Set(static_cast<double>(status.queued));
  outbox_.Add({{"state", "retrying"}}).Set(static_cast<double>(status.retrying));
}

void PrometheusMetrics::set_server(const net::HttpCounters& counters, std::size_t agent_sockets) {
  connections_.Set(static_cast<double>(counters.connections));
  requests_.Set(static_cast<double>(counters.requests));
  turned_away_.Set(static_cast<double>(counters.refused));
  failed_.Set(static_cast<double>(counters.failed));
  bodies_refused_.Set(static_cast<double>(counters.bodies_refused));
  agent_sockets_.Set(static_cast<double>(agent_sockets));
}

void PrometheusMetrics::set_store(bool ready, std::chrono::duration<double> latency) {
  store_up_.Set(ready ? 1 : 0);
  store_latency_.Set(latency.count());
}

std::string PrometheusMetrics::text() {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, registry_.Collect());
  return out.str();
}

class MeasuredIntake : public routing::Intake {
 public:
  MeasuredIntake(routing::Intake& intake, Metrics& metrics) : intake_(intake), metrics_(metrics) {}

  asio::awaitable<Result<routing::Accepted>> receive(routing::Inbound message) override {
    const auto channel = message.channel.str();
    const auto begin = std::chrono::steady_clock::now();
    auto accepted = co_await intake_.receive(std::move(message));
    metrics_.observe_intake(channel, std::chrono::steady_clock::now() - begin, accepted.has_value());
    if (accepted && !accepted->duplicate) metrics_.count_message(channel, "in");
    co_return accepted;
  }

  asio::awaitable<Result<>> end(routing::ConversationId conversation, routing::Identity sender) override {
    return intake_.end(std::move(conversation), std::move(sender));
  }

  asio::awaitable<Result<>> rate(routing::ConversationId conversation, routing::Identity sender, int score,
                                 std::string comment) override {
    return intake_.rate(std::move(conversation), std::move(sender), score, std::move(comment));
  }

 private:
  routing::Intake& intake_;
  Metrics& metrics_;
};

}  // namespace

std::unique_ptr<Metrics> create_metrics() {
  return std::make_unique<PrometheusMetrics>();
}

std::unique_ptr<routing::Intake> measured(routing::Intake& intake, Metrics& metrics) {
  return std::make_unique<MeasuredIntake>(intake, metrics);
}

}  // namespace peyk::daemon
