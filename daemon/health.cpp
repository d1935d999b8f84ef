#include "daemon/health.h"

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "daemon/health_checks.h"
#include "daemon/recent_growth.h"

namespace peyk::daemon {
namespace {

constexpr auto kEvery = std::chrono::seconds(1);
constexpr auto kFullFor = std::chrono::seconds(10);   // after the last body that was refused: they come in bursts
constexpr auto kFilesFor = std::chrono::minutes(10);  // after the last file: mail servers try again within that

class HealthMonitor : public Health {
 public:
  explicit HealthMonitor(HealthDependencies dependencies)
      : dependencies_(std::move(dependencies)), tasks_(dependencies_.executor, "health") {}

  void start() override;
  asio::awaitable<void> stop() override { co_await tasks_.stop(); }
  void attach(net::Routes& routes) override;
  void set_phase(Phase phase) override {
    phase_ = phase;
    publish();
  }
  void set_reload_failure(std::string why) override {
    reload_failure_ = std::move(why);
    publish();
  }
  void set_not_yet(std::vector<config::NotYet> not_yet) override {
    not_yet_ = std::move(not_yet);
    publish();
  }
  bool ready() const override { return phase_ == Phase::serving && dependencies_.store.ready() && desk_usable_; }
  void publish() override;

 private:
  asio::awaitable<void> look_regularly();
  asio::awaitable<void> read_desk();
  std::map<QueueName, Milliseconds> overdue(Time now) const;
  std::string files_trouble(const routing::Blobs& blobs, Time now);

  asio::awaitable<net::Response> answer_health(net::Request request);
  asio::awaitable<net::Response> answer_live(net::Request request);
  asio::awaitable<net::Response> answer_ready(net::Request request);
  asio::awaitable<net::Response> answer_metrics(net::Request request);

  HealthDependencies dependencies_;
  TaskGroup tasks_;
  bool started_ = false;
  Phase phase_ = Phase::starting;
  std::string reload_failure_;
  std::vector<config::NotYet> not_yet_;
  config::ConfigPtr gaps_of_;  // the configuration that `gaps_` are of
  std::vector<config::RosterGap> gaps_;
  std::vector<routing::QueueView> queues_;
  RecentGrowth bodies_refused_{kFullFor};
  RecentGrowth files_refused_{kFilesFor};
  IssueBook book_;
  std::string body_;
  int status_ = 200;
  bool desk_usable_ = true;
};

void HealthMonitor::start() {
  started_ = true;
  dependencies_.store.on_ready([this] { publish(); });
  dependencies_.store.on_lost([this] { publish(); });
  tasks_.spawn("look", look_regularly());
}

asio::awaitable<void> HealthMonitor::look_regularly() {
  for (;;) {
    co_await read_desk();
    publish();
    const bool waited = co_await sleep_for(kEvery);
    if (!waited) co_return;
  }
}

asio::awaitable<void> HealthMonitor::read_desk() {
  auto* desk = dependencies_.desk();
  if (desk == nullptr || !dependencies_.store.ready()) co_return;
  auto queues = co_await desk->reader().queues();
  if (queues) {
    queues_ = std::move(*queues);
    dependencies_.metrics.set_queues(queues_);
  }
  const auto agents = co_await desk->reader().agent_states();
  if (agents) dependencies_.metrics.set_agents(*agents);
  if (const auto status = desk->outbox().status()) dependencies_.metrics.set_outbox(*status);
}

std::map<QueueName, Milliseconds> HealthMonitor::overdue(Time now) const {
  std::map<QueueName, Milliseconds> late;
  for (const auto& view : queues_) {
    if (view.due_at && *view.due_at < now) late[view.name] = now - *view.due_at;
  }
  return late;
}

std::string HealthMonitor::files_trouble(const routing::Blobs& blobs, Time now) {
  auto trouble = blobs.trouble();
  return files_refused_.grew(trouble.times, now) ? std::move(trouble.why) : std::string();
}

void HealthMonitor::publish() {
  if (!started_) return;
  const auto& store = dependencies_.store;
  Observation seen;
  seen.now = dependencies_.clock.now();
  seen.store_ready = store.ready();
  seen.store_latency_ms = std::chrono::duration<double, std::milli>(store.latency()).count();
  if (phase_ != Phase::draining) seen.store_issues = store.issues();
  if (auto* channels = dependencies_.channels()) {
    for (const auto* channel : channels->all()) seen.channels.emplace_back(channel->name().str(), channel->health());
  }
  if (auto* desk = dependencies_.desk()) {
    seen.outbox = desk->outbox().status();
    seen.desk_issues = desk->issues().issues;
    seen.files_trouble = files_trouble(desk->blobs(), seen.now);
  }
  desk_usable_ = std::ranges::none_of(seen.desk_issues, is_unusable);
  seen.queues = queues_;
  seen.overdue = overdue(seen.now);
  seen.bodies_full = bodies_refused_.grew(dependencies_.bodies_refused(), seen.now);
  seen.reload_failure = reload_failure_;
  seen.not_yet = not_yet_;
  const auto config = dependencies_.config();
  if (config != gaps_of_) {
    gaps_ = config::roster_gaps(*config);  // grows with queues, routes and agents: for each configuration once
    gaps_of_ = config;
  }
  seen.roster_gaps = gaps_;
  book_.update(find_issues(seen, *config), seen.now);
  body_ = boost::json::serialize(health_document(seen, book_.entries()));
  status_ = overall_status(book_.entries()) == "fail" ? 503 : 200;
  dependencies_.metrics.set_store(seen.store_ready, store.latency());
}

void HealthMonitor::attach(net::Routes& routes) {
  using net::Method;
  routes.add(Method::get, "/health", [this](net::Request request) { return answer_health(std::move(request)); });
  routes.add(Method::get, "/livez", [this](net::Request request) { return answer_live(std::move(request)); });
  routes.add(Method::get, "/readyz", [this](net::Request request) { return answer_ready(std::move(request)); });
  routes.add(Method::get, "/metrics", [this](net::Request request) { return answer_metrics(std::move(request)); });
}

asio::awaitable<net::Response> HealthMonitor::answer_health(net::Request) {
  auto response = net::Response::text(status_, body_, "application/health+json");
  response.headers.set("Cache-Control", "no-store");
  co_return response;
}

asio::awaitable<net::Response> HealthMonitor::answer_live(net::Request) {
  co_return net::Response::text(200, "alive\n");
}

asio::awaitable<net::Response> HealthMonitor::answer_ready(net::Request) {
  if (ready()) co_return net::Response::text(200, "ready\n");
  std::string why = "the store cannot be used";
  if (phase_ == Phase::starting) why = "starting";
  if (phase_ == Phase::draining) why = "draining";
  auto response = net::Response::text(503, "not ready: " + why + "\n");
  response.headers.set("Retry-After", "2");
  co_return response;
}

asio::awaitable<net::Response> HealthMonitor::answer_metrics(net::Request) {
  dependencies_.measure();
  co_return net::Response::text(200, dependencies_.metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace

std::unique_ptr<Health> create_health(HealthDependencies dependencies) {
  return std::make_unique<HealthMonitor>(std::move(dependencies));
}

}  // namespace peyk::daemon
