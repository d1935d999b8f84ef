#include "routing/desk.h"

#include <utility>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "base/steady_clock.h"
#include "config/roster.h"
#include "routing/blob_sweep.h"
#include "routing/desk_core.h"
#include "routing/issue_book.h"
#include "routing/owed_texts.h"
#include "routing/roster.h"
#include "routing/store/arguments.h"
#include "routing/store/replies.h"
#include "routing/system_texts.h"
#include "routing/timekeeper.h"

namespace peyk::routing {
namespace {

constexpr auto kStoreWait = std::chrono::seconds(1);
constexpr auto kFeedWait = std::chrono::seconds(5);

store::RunnerOptions runner_options(const DeskDependencies& dependencies, const config::Config& config) {
  store::RunnerOptions options;
  options.desk = config.desk;
  options.timeout = config.redis.timeout;
  options.replicas = config.redis.durability == config::Durability::replicated ? config.redis.replicas : 0;
  options.own_time = &dependencies.clock != &system_clock();
  options.caller = dependencies.random.token(3);
  return options;
}

/// A step of this machine's clock is none of the store's.
const Clock& clock_of(const DeskDependencies& dependencies) {
  return &dependencies.clock == &system_clock() ? steady_clock() : dependencies.clock;
}

class ComposedDesk : public Desk {
 public:
  ComposedDesk(DeskDependencies dependencies, config::ConfigPtr config, const std::filesystem::path& state_dir)
      : client_(dependencies.client),
        runner_(dependencies.client, clock_of(dependencies), runner_options(dependencies, *config)),
        waits_(create_wait_estimator()),
        texts_(create_system_texts(dependencies.executor, runner_, dependencies.random)),
        blobs_(create_blobs(dependencies.pool, state_dir / "blobs")),
        core_{dependencies.executor,
              dependencies.random,
              runner_,
              *waits_,
              *texts_,
              *blobs_,
              std::make_shared<Settings>(config)},
        issues_(dependencies.clock),
        sweep_(create_blob_sweep({dependencies.executor, dependencies.pool, runner_, dependencies.random},
                                 state_dir / "blobs")),
        feed_(create_event_feed(dependencies.executor, dependencies.feed_connection, config->desk)),
        signals_(
            create_signals(dependencies.executor, dependencies.feed_connection, dependencies.client, config->desk)),
        intake_(create_intake(core_)),
        work_(create_agent_work(core_)),
        presence_(create_presence(core_)),
        reader_(create_reader(core_)),
        outbox_(create_outbox(core_, issues_)),
        timekeeper_(create_timekeeper(core_, issues_)),
        owed_(create_owed_texts(core_)),
        tasks_(dependencies.executor, "desk") {
    runner_.set_config(config->config_version);
  }

  asio::awaitable<Result<>> start() override {
    for (;;) {
      const auto ready = co_await prepare(core_.settings);
      if (ready) break;
      if (ready.error().code != ErrorCode::unavailable) co_return ready;
      issues_.raise("store.unavailable", "", ready.error().message);
      co_await client_.wait_connected(kStoreWait);
      co_await sleep_for(std::chrono::milliseconds(50));
    }
    issues_.clear("store.unavailable");
    note_roster_gaps();
    subscription_ = feed_->listen([this](const Event& event) { observe(event); });
    feed_->start();
    if (!co_await feed_->begun(kFeedWait)) spdlog::warn("events.late desk={}", runner_.desk());
    signals_->start();
    texts_->start();
    owed_->start();
    timekeeper_->start();
    client_.on_connected([this, alive = std::weak_ptr(alive_)] {
      if (alive.lock()) tasks_.spawn("reconnected", look_again());
    });
    sweep_->start();
    co_return Result<>();
  }

  asio::awaitable<void> stop() override {
    // Each part ends in its own time; one that were left running would keep the process.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    subscription_.reset();
    co_await tasks_.stop();
    co_await sweep_->stop();
    co_await timekeeper_->stop();
    co_await outbox_->stop();
    co_await owed_->stop();
    co_await texts_->stop();
    co_await signals_->stop();
    co_await feed_->stop();
  }

  asio::awaitable<Result<>> reconfigure(config::ConfigPtr config) override {
    const auto settings = std::make_shared<Settings>(config);
    auto written = co_await write_roster(runner_, settings);
    // To be shown to who reloads: no second try helps.
    if (!written && store::is_damaged(written.error())) written.error().code = ErrorCode::conflict;
    if (!written) co_return written;
    core_.settings = settings;
    runner_.set_config(config->config_version);
    set_stale(false);
    timekeeper_->roster_written();
    note_roster_gaps();
    co_return Result<>();
  }

  config::ConfigPtr config() const override { return core_.settings->config_ptr(); }
  Result<boost::json::object> preview(const RouteQuestion& question) override {
    return preview_route(*core_.settings, question, runner_.now());
  }
  Intake& intake() override { return *intake_; }
  AgentWork& work() override { return *work_; }
  Presence& presence() override { return *presence_; }
  Reader& reader() override { return *reader_; }
  Blobs& blobs() override { return *blobs_; }
  EventFeed& events() override { return *feed_; }
  Signals& signals() override { return *signals_; }
  Outbox& outbox() override { return *outbox_; }

  DeskIssues issues() const override {
    auto issues = issues_.current();
    if (runner_.stale()) {
      issues.issues.push_back({"desk.stale_configuration",
                               "another daemon runs this desk with another configuration; reload this one",
                               stale_since_});
    }
    return issues;
  }

 private:
  asio::awaitable<Result<>> prepare(SettingsPtr settings) {
    const auto measured = co_await runner_.measure_clock();
    if (!measured) co_return measured;
    auto written = co_await write_roster(runner_, settings);
    if (written || !store::is_damaged(written.error())) co_return written;
    // Nobody can ask for it before anything is served.
    spdlog::error("store.mending desk={} message=\"{}\"", runner_.desk(), written.error().message);
    const auto found = co_await reader_->audit(true);
    if (!found) co_return std::unexpected(found.error());
    spdlog::warn("store.mended desk={} findings={}", runner_.desk(), store::array_in(*found, "findings").size());
    co_return co_await write_roster(runner_, std::move(settings));
  }

  /// A store that came back may have lost its data, or may be another one with another clock.
  asio::awaitable<void> look_again() {
    co_await runner_.measure_clock();  // one that is too slow for that now is measured by a later tick
    const auto reply = co_await client_.call({"HGET", runner_.key("meta"), "config"});
    if (!reply) co_return;
    if (!reply->text.empty()) {
      set_stale(reply->text != core_.settings->config().config_version);
      co_return;
    }
    spdlog::warn("desk.store_empty desk={}", runner_.desk());
    issues_.report("store.empty", "the store came back without this desk's data", std::chrono::hours(1));
    const auto written = co_await write_roster(runner_, core_.settings);
    if (!written) co_return;
    set_stale(false);
    timekeeper_->roster_written();
  }

  void observe(const Event& event) {
    waits_->observe(event);
    if (event.type == "message.out" || event.type == "message.system") outbox_->wake();
    if (event.type == "roster.changed") set_stale(event.get("config") != core_.settings->config().config_version);
    const bool left = event.type == "conversation.queued" || event.type == "conversation.updated";
    if (left && event.cause == "lost") tasks_.spawn("reassigned", tell_reassigned(event));
  }

  /// His agent is gone: the customer is told that another one takes over. Each daemon may say so; the key makes it
  /// once.
  asio::awaitable<void> tell_reassigned(Event event) {
    const auto found = co_await reader_->conversation(event.conversation);
    if (!found) co_return;
    const auto settings = core_.settings;
    const auto* channel = settings->channel(found->channel);
    if (channel == nullptr || channel->chat() == nullptr) co_return;
    const auto key = fmt::format("reassigned:{}", to_unix_ms(event.at));
    auto announcement = announcement_of(*settings, *found, key, runner_.now());
    if (announcement) texts_->announce(std::move(*announcement));
  }

  void set_stale(bool stale) {
    if (stale && !runner_.stale()) stale_since_ = runner_.now();
    runner_.set_stale(stale);
  }

  void note_roster_gaps() {
    issues_.clear_all("queue_unserved");
    issues_.clear_all("demand_unmet");
    for (const auto& gap : config::roster_gaps(core_.settings->config())) {
      issues_.raise(gap.code, gap.queue.str() + config::to_string(gap.place), gap.message);
    }
  }

  redis::Client& client_;
  store::Runner runner_;
  std::unique_ptr<WaitEstimator> waits_;
  std::unique_ptr<SystemTexts> texts_;
  std::unique_ptr<Blobs> blobs_;
  DeskCore core_;
  IssueBook issues_;
  std::unique_ptr<BlobSweep> sweep_;
  std::unique_ptr<EventFeed> feed_;
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<AgentWork> work_;
  std::unique_ptr<Presence> presence_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<OutboxWorker> outbox_;
  std::unique_ptr<Timekeeper> timekeeper_;
  std::unique_ptr<OwedTexts> owed_;
  TaskGroup tasks_;
  std::unique_ptr<EventFeed::Subscription> subscription_;
  Time stale_since_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // the client outlives this desk and keeps its callback
};

}  // namespace

std::vector<redis::Script> desk_scripts() {
  return store::all_scripts();
}

std::unique_ptr<Desk> create_desk(DeskDependencies dependencies, config::ConfigPtr config,
                                  std::filesystem::path state_dir) {
  return std::make_unique<ComposedDesk>(std::move(dependencies), std::move(config), state_dir);
}

}  // namespace peyk::routing
