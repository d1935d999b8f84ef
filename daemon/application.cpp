#include "daemon/application.h"

#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/backoff.h"
#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "base/async/worker_pool.h"
#include "base/net/http_server.h"
#include "channels/registry.h"
#include "config/diff.h"
#include "daemon/agent_gateway.h"
#include "daemon/check.h"
#include "daemon/description.h"
#include "daemon/drain.h"
#include "daemon/health.h"
#include "daemon/http_settings.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/sessions.h"
#include "daemon/store.h"
#include "daemon/waiting_room.h"
#include "routing/desk.h"

namespace peyk::daemon {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kWorkers = 2;
constexpr std::size_t kPasswordWorkers = 1;
constexpr milliseconds kStorePatience{2'000};
constexpr milliseconds kDeskPatience{1'000};
constexpr milliseconds kFirstKeyPause{200};
constexpr milliseconds kLongestKeyPause{1'000};
constexpr milliseconds kDrainSessions{3'000};

std::string summary_of(const std::vector<config::Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) {
    if (problem.severity != config::Severity::error) continue;
    if (!text.empty()) text += "; ";
    text += config::to_string(problem);
  }
  return text;
}

class Daemon : public Application {
 public:
  Daemon(asio::any_io_executor executor, Options options, config::LoadResult loaded);

  asio::awaitable<void> start() override;
  asio::awaitable<Result<ReloadReport>> reload() override;
  asio::awaitable<void> stop() override;
  std::vector<std::uint16_t> ports() const override;

 private:
  void make_folders() const;
  asio::awaitable<void> open_waiting_room_later();
  asio::awaitable<void> start_desk();
  asio::awaitable<Secret> desk_key();
  void start_channels(Secret key);
  void build_agents_side();
  void start_http();
  /// Who answers the port; null: nobody does.
  const net::HttpServer* server() const { return http_ ? http_.get() : waiting_room_->server(); }
  void watch_store();
  void measure();
  std::uint64_t bodies_refused() const;
  asio::awaitable<Result<ReloadReport>> load_and_swap();
  asio::awaitable<Result<ReloadReport>> swap(config::LoadResult loaded);
  ConfigSource config_source() {
    return [this] { return config_; };
  }

  asio::any_io_executor executor_;
  Options options_;
  config::ConfigPtr config_;
  std::vector<config::NotYet> not_yet_;
  WorkerPool workers_{kWorkers};
  WorkerPool password_workers_{kPasswordWorkers};
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Store> store_;
  net::Routes routes_;
  std::unique_ptr<routing::Desk> desk_;
  std::unique_ptr<routing::Intake> intake_;
  std::unique_ptr<channels::Channels> channels_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Uploads> uploads_;
  std::unique_ptr<Commands> commands_;
  std::unique_ptr<AgentGateway> gateway_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<routing::EventFeed::Subscription> metrics_feed_;
  std::unique_ptr<Health> health_;
  std::unique_ptr<WaitingRoom> waiting_room_;
  std::unique_ptr<net::HttpServer> http_;
  TaskGroup starting_;
  bool desk_started_ = false;
  bool reloading_ = false;
  Event reload_ended_{executor_};
};

Daemon::Daemon(asio::any_io_executor executor, Options options, config::LoadResult loaded)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      config_(std::move(loaded.config)),
      not_yet_(std::move(loaded.not_yet)),
      metrics_(create_metrics()),
      store_(create_store(executor_, config_)),
      starting_(executor_, "starting") {
  HealthDependencies dependencies{executor_,
                                  system_clock(),
                                  *store_,
                                  *metrics_,
                                  config_source(),
                                  [this] { return desk_.get(); },
                                  [this] { return channels_.get(); },
                                  [this] { measure(); },
                                  [this] { return bodies_refused(); }};
  health_ = create_health(std::move(dependencies));
  waiting_room_ = std::make_unique<WaitingRoom>(executor_, *health_);
}

asio::awaitable<void> Daemon::start() {
  spdlog::info("peyk.starting version={} desk={} config={}", PEYK_VERSION, config_->desk, config_->config_version);
  for (const auto& key : not_yet_) spdlog::warn("config.not_yet key={} message=\"{}\"", key.key, key.message);
  make_folders();
  health_->set_not_yet(not_yet_);
  const bool ready = co_await store_->start(kStorePatience);
  health_->start();
  if (!ready) waiting_room_->open(config_->http);
  for (bool there = ready; !there;) there = co_await store_->wait_ready(std::chrono::hours(1));
  co_await start_desk();
  auto key = co_await desk_key();
  co_await waiting_room_->close();
  start_channels(std::move(key));
  build_agents_side();
  watch_store();
  start_http();
  desk_->outbox().start([this](routing::Outbound message) { return channels_->send(std::move(message)); });
  health_->set_phase(Phase::serving);
  spdlog::info("peyk.ready desk={}", config_->desk);
}

std::vector<std::uint16_t> Daemon::ports() const {
  const auto* http = server();
  return http == nullptr ? std::vector<std::uint16_t>() : http->ports();
}

void Daemon::make_folders() const {
  const std::filesystem::path state(config_->state_dir);
  std::error_code error;
  const bool created = std::filesystem::create_directories(state / "blobs", error);
  if (error) throw std::runtime_error(fmt::format("state_dir {}: {}", state.string(), error.message()));
  if (created) std::filesystem::permissions(state, std::filesystem::perms::owner_all, error);
}

asio::awaitable<void> Daemon::open_waiting_room_later() {
  const bool waited = co_await sleep_for(kDeskPatience);
  if (waited) waiting_room_->open(config_->http);
}

asio::awaitable<void> Daemon::start_desk() {
  routing::DeskDependencies dependencies{executor_, store_->client(), store_->connection(),
                                         workers_,  system_clock(),   system_random()};
  desk_ = routing::create_desk(dependencies, config_, config_->state_dir);
  starting_.spawn("waiting-room", open_waiting_room_later());
  const auto started = co_await desk_->start();
  co_await starting_.stop();
  if (!started) throw std::runtime_error("the desk cannot start: " + started.error().message);
  desk_started_ = true;
  metrics_feed_ = desk_->events().listen([this](const routing::Event& event) { metrics_->on_event(event); });
  spdlog::info("desk.started desk={}", config_->desk);
}

asio::awaitable<Secret> Daemon::desk_key() {
  Backoff pause(kFirstKeyPause, kLongestKeyPause, system_random());
  for (;;) {
    auto key = co_await store_->desk_key();
    if (key) co_return std::move(*key);
    const bool away = key.error().code == ErrorCode::unavailable || key.error().code == ErrorCode::timeout;
    if (!away) throw std::runtime_error("the desk's key: " + key.error().message);
    waiting_room_->open(config_->http);
    const bool waited = co_await sleep_for(pause.next());
    if (!waited) throw std::runtime_error("the desk's key: it was stopped before the store was back");
  }
}

void Daemon::start_channels(Secret key) {
  intake_ = measured(desk_->intake(), *metrics_);
  channels::ChannelContext context{executor_,       routes_,         *intake_,         desk_->reader(),
                                   desk_->blobs(),  desk_->events(), desk_->signals(), system_clock(),
                                   system_random(), workers_,        std::move(key),   config_->http.public_url};
  channels_ = channels::create_channels(std::move(context), config_);
  channels_->start();
  spdlog::info("channels.started count={}", config_->channels.size());
}

void Daemon::build_agents_side() {
  sessions_ = create_sessions({store_->client(), password_workers_, system_clock(), system_random(), config_source()});
  uploads_ = std::make_unique<Uploads>(store_->client(), desk_->blobs(), config_source());
  commands_ = create_commands({*desk_, *uploads_, *metrics_, system_clock(), config_source()});
  gateway_ = create_agent_gateway({executor_, *desk_, *sessions_, *commands_, system_random(), config_source()});
  gateway_->attach(routes_);
  gateway_->start();
  api_ = create_api(
      {*desk_, *sessions_, *commands_, *uploads_, system_clock(), config_source(), [this] { return reload(); }});
  api_->attach(routes_);
  health_->attach(routes_);
  attach_description(routes_);
}

void Daemon::watch_store() {
  store_->on_ready([this] {
    if (gateway_) gateway_->resync();
  });
}

void Daemon::measure() {
  if (const auto* http = server()) metrics_->set_server(http->counters(), gateway_ ? gateway_->sockets() : 0);
}

std::uint64_t Daemon::bodies_refused() const {
  const auto* http = server();
  return http == nullptr ? 0 : http->counters().bodies_refused;
}

void Daemon::start_http() {
  auto options = http_options(config_->http);
  const bool listens = !options.listen.empty();
  http_ = net::create_http_server(executor_, std::move(options), routes_);
  if (listens) http_->start();
}

asio::awaitable<Result<ReloadReport>> Daemon::reload() {
  if (!desk_started_) co_return fail(ErrorCode::unavailable, "still starting");
  while (reloading_) {
    const bool ended = co_await reload_ended_.wait();
    if (!ended) co_return fail(ErrorCode::cancelled, "stopped before it began");
  }
  reloading_ = true;
  // On every way out; an exception of the loader is such a way.
  const std::unique_ptr<Daemon, void (*)(Daemon*)> guard(this, [](Daemon* daemon) {
    daemon->reloading_ = false;
    daemon->reload_ended_.notify();
  });
  auto report = co_await load_and_swap();
  if (report) {
    spdlog::info("config.reloaded version={}", report->config_version);
    health_->set_reload_failure("");
  } else {
    spdlog::error("config.reload_failed error=\"{}\"", report.error().message);
    health_->set_reload_failure(report.error().message);
  }
  co_return report;
}

asio::awaitable<Result<ReloadReport>> Daemon::load_and_swap() {
  auto loaded =
      co_await workers_.run([options = options_] { return config::load(options.config, load_options(options)); });
  if (loaded.ok()) co_return co_await swap(std::move(loaded));
  std::vector<FieldError> errors;
  for (const auto& problem : loaded.problems) {
    if (problem.severity != config::Severity::error) continue;
    errors.push_back({fmt::format("{}:{}:{}", problem.file, problem.line, problem.column), problem.message});
  }
  co_return fail(ErrorCode::unprocessable, summary_of(loaded.problems), std::move(errors));
}

asio::awaitable<Result<ReloadReport>> Daemon::swap(config::LoadResult loaded) {
  const auto changes = config::difference(*config_, *loaded.config);
  auto next = std::make_shared<config::Config>(*loaded.config);
  config::keep_until_restart(*config_, *next);
  loaded.config = std::move(next);
  const auto opened = channels_->prepare(loaded.config);
  if (!opened) co_return std::unexpected(opened.error());
  const auto taken = co_await desk_->reconfigure(loaded.config);
  if (!taken) {
    channels_->abandon();
    co_return std::unexpected(taken.error());
  }
  config_ = loaded.config;
  not_yet_ = std::move(loaded.not_yet);
  health_->set_not_yet(not_yet_);
  set_up_log(config_->log);
  ReloadReport report{config_->config_version, changes.needs_restart, {}};
  for (const auto& problem : loaded.problems) report.warnings.push_back(config::to_string(problem));
  const auto channels = co_await channels_->reconfigure(config_);
  if (!channels) report.warnings.push_back(channels.error().message);
  http_->reconfigure(http_options(config_->http));
  gateway_->reconfigure();
  for (const auto& key : changes.needs_restart) spdlog::warn("config.needs_restart key={}", key);
  co_return report;
}

asio::awaitable<void> Daemon::stop() {
  health_->set_phase(Phase::draining);
  spdlog::info("peyk.draining");
  Drain drain;
  co_await starting_.stop();
  co_await waiting_room_->close();
  // HTTP first: a form under way must find its channel. The outbox before the channels, through which it sends.
  if (http_) co_await http_->stop(kDrainSessions);
  if (gateway_) co_await drain.step("agents", gateway_->stop());
  if (desk_started_) co_await drain.step("outbox", desk_->outbox().stop());
  if (channels_) co_await drain.step("channels", channels_->stop());
  metrics_feed_.reset();
  co_await drain.step("health", health_->stop());
  if (desk_started_) co_await drain.step("desk", desk_->stop());
  co_await store_->stop();
  workers_.stop();
  password_workers_.stop();
  spdlog::info("peyk.stopped");
}

}  // namespace

std::unique_ptr<Application> create_application(asio::any_io_executor executor, Options options,
                                                config::LoadResult loaded) {
  return std::make_unique<Daemon>(std::move(executor), std::move(options), std::move(loaded));
}

}  // namespace peyk::daemon
