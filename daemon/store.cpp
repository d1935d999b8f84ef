#include "daemon/store.h"

#include <filesystem>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "base/random.h"
#include "base/redis/handshake.h"
#include "base/redis/private_server.h"
#include "daemon/store_settings.h"
#include "routing/desk.h"

namespace peyk::daemon {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kProbeEvery{500};
constexpr milliseconds kProbeLimit{1000};
constexpr milliseconds kLookEvery{5000};
constexpr milliseconds kSlow{250};
constexpr milliseconds kServerStart{60'000};
constexpr milliseconds kServerStop{2500};
constexpr milliseconds kRewritePoll{50};
constexpr auto kRewriteLimit = std::chrono::minutes(5);

redis::ClientOptions client_options(const config::Config& config, const std::string& socket_path) {
  redis::ClientOptions options;
  options.timeout = config.redis.timeout;
  if (!socket_path.empty()) {
    options.endpoint.unix_path = socket_path;
    return options;
  }
  auto endpoint = redis::parse_endpoint(config.redis.url);
  if (!endpoint) throw std::runtime_error(fmt::format("redis.url: {}", endpoint.error().message));
  options.endpoint = std::move(*endpoint);
  if (!config.redis.user.empty()) options.endpoint.user = config.redis.user;
  options.endpoint.password = config.redis.password;
  options.endpoint.ca_file = config.redis.ca_file;
  return options;
}

std::unique_ptr<redis::PrivateServer> make_server(asio::any_io_executor executor, const config::Config& config) {
  if (!config.redis.embedded) return nullptr;
  redis::PrivateServerOptions options;
  options.folder = std::filesystem::path(config.state_dir) / "redis";
  options.fsync_always = config.redis.durability != config::Durability::relaxed;
  return redis::create_private_server(std::move(executor), std::move(options));
}

class WatchedStore : public Store {
 public:
  WatchedStore(asio::any_io_executor executor, config::ConfigPtr config)
      : config_(std::move(config)),
        server_(make_server(executor, *config_)),
        options_(client_options(*config_, server_ ? server_->socket_path() : std::string())),
        client_(redis::create_client(executor, options_)),
        lookout_(redis::create_client(executor, options_)),
        changed_(executor),
        tasks_(executor, "store") {}

  asio::awaitable<bool> start(milliseconds patience) override;
  asio::awaitable<bool> wait_ready(milliseconds limit) override;
  asio::awaitable<void> stop() override;
  bool ready() const override { return prepared_ && answering_; }
  void on_ready(std::function<void()> callback) override { ready_callbacks_.push_back(std::move(callback)); }
  void on_lost(std::function<void()> callback) override { lost_callbacks_.push_back(std::move(callback)); }
  redis::Client& client() override { return *client_; }
  redis::ClientOptions connection() const override { return options_; }
  std::chrono::microseconds latency() const override { return latency_; }
  Issues issues() const override;
  asio::awaitable<Result<Secret>> desk_key() override;

 private:
  asio::awaitable<void> run_server();
  void connect();
  asio::awaitable<void> watch();
  asio::awaitable<void> probe();
  asio::awaitable<void> look();
  asio::awaitable<bool> prepare();
  asio::awaitable<bool> mend_file(std::string run_id);
  asio::awaitable<bool> wait_rewritten();
  asio::awaitable<Result<StoreFacts>> info();
  std::string key(std::string_view name) const { return fmt::format("peyk:{{{}}}:{}", config_->desk, name); }
  void set_state(bool prepared, bool answering);
  std::string why_lost() const;

  config::ConfigPtr config_;
  std::unique_ptr<redis::PrivateServer> server_;
  redis::ClientOptions options_;
  std::unique_ptr<redis::Client> client_;
  std::unique_ptr<redis::Client> lookout_;  // for probes alone: WAIT holds up what comes behind it on its connection
  Event changed_;
  TaskGroup tasks_;
  bool prepared_ = false;
  bool answering_ = false;
  std::chrono::microseconds latency_{0};
  std::chrono::steady_clock::time_point looked_at_;
  std::string server_error_;
  std::string probe_error_;  // empty: the last probe was answered
  Issues settings_issues_;
  Issues state_issues_;
  std::vector<std::function<void()>> ready_callbacks_;
  std::vector<std::function<void()>> lost_callbacks_;
};

asio::awaitable<bool> WatchedStore::start(milliseconds patience) {
  if (server_) tasks_.spawn("server", run_server());
  client_->on_connected([this] { changed_.notify(); });
  client_->on_disconnected([this] { set_state(false, false); });
  if (!server_) connect();
  tasks_.spawn("watch", watch());
  co_return co_await wait_ready(patience);
}

asio::awaitable<void> WatchedStore::run_server() {
  for (;;) {
    const auto started = co_await server_->start(kServerStart);
    if (started) break;
    server_error_ = started.error().message;
    spdlog::error("store.start_failed error=\"{}\"", server_error_);
    const bool waited = co_await sleep_for(std::chrono::seconds(2));
    if (!waited) co_return;
  }
  server_error_.clear();
  spdlog::info("store.started socket={} pid={}", server_->socket_path(), server_->pid());
  connect();
}

void WatchedStore::connect() {
  client_->start(routing::desk_scripts());
  lookout_->start({});
}

asio::awaitable<bool> WatchedStore::wait_ready(milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!ready()) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) break;
    co_await changed_.wait(left);
  }
  co_return ready();
}

asio::awaitable<void> WatchedStore::stop() {
  co_await tasks_.stop();
  prepared_ = false;
  answering_ = false;
  co_await lookout_->stop();
  co_await client_->stop();
  if (!server_) co_return;
  co_await server_->stop(kServerStop);
  spdlog::info("store.stopped");
}

void WatchedStore::set_state(bool prepared, bool answering) {
  const bool before = ready();
  prepared_ = prepared;
  answering_ = answering;
  changed_.notify();
  if (before == ready()) return;
  if (ready()) {
    spdlog::info("store.ready");
  } else {
    spdlog::error("store.lost error=\"{}\"", why_lost());
  }
  const auto callbacks = ready() ? ready_callbacks_ : lost_callbacks_;
  for (const auto& callback : callbacks) callback();
}

/// Of a connection that broke its error, of one that stands what became of the probe.
std::string WatchedStore::why_lost() const {
  auto why = client_->last_error();
  if (why.empty() && !client_->connected()) why = "the connection was lost";
  if (why.empty() && !probe_error_.empty()) why = fmt::format("it does not answer: {}", probe_error_);
  return why;
}

asio::awaitable<void> WatchedStore::watch() {
  for (;;) {
    if (!client_->connected()) {
      co_await changed_.wait(kProbeEvery);
      if (!client_->connected()) continue;
    }
    if (!prepared_) {
      const bool done = co_await prepare();
      if (done && client_->connected()) set_state(true, true);
    } else {
      co_await probe();
    }
    const bool waited = co_await sleep_for(prepared_ ? kProbeEvery : kProbeEvery / 5);
    if (!waited) co_return;
  }
}

asio::awaitable<void> WatchedStore::probe() {
  co_await lookout_->wait_connected(kProbeLimit);
  const auto begin = std::chrono::steady_clock::now();
  redis::Command ping{"PING"};
  const auto reply = co_await lookout_->call(std::move(ping), kProbeLimit);
  const auto end = std::chrono::steady_clock::now();
  latency_ = std::chrono::duration_cast<std::chrono::microseconds>(end - begin);
  probe_error_ = reply ? std::string() : reply.error().message;
  if (prepared_) set_state(true, reply.has_value());
  if (reply && end - looked_at_ > kLookEvery) co_await look();
}

asio::awaitable<Result<StoreFacts>> WatchedStore::info() {
  co_await lookout_->wait_connected(kProbeLimit);
  redis::Command command{"INFO"};
  const auto reply = co_await lookout_->call(std::move(command), kProbeLimit);
  if (!reply) co_return std::unexpected(reply.error());
  co_return parse_info(reply->text);
}

asio::awaitable<void> WatchedStore::look() {
  looked_at_ = std::chrono::steady_clock::now();
  const auto facts = co_await info();
  if (facts) state_issues_ = judge_state(*facts, config_->redis);
}

/// On each new connection: what the server promises, and its file mended when it is not the server we knew.
asio::awaitable<bool> WatchedStore::prepare() {
  const auto facts = co_await info();
  if (!facts && facts.error().code != ErrorCode::internal) co_return false;
  // A user without INFO can be served; what it would have told stays unknown.
  const auto known = facts ? *facts : StoreFacts();
  redis::Command command{"CONFIG", "GET", "append*"};
  const auto append = co_await client_->call(std::move(command));
  redis::Command memory_command{"CONFIG", "GET", "maxmemory*"};
  const auto memory = co_await client_->call(std::move(memory_command));
  auto settings = append ? parse_config(*append) : StoreFacts();
  if (memory) settings.merge(parse_config(*memory));
  settings_issues_ = judge_settings(settings, config_->redis.durability);
  state_issues_ = judge_state(known, config_->redis);
  for (const auto& issue : settings_issues_) spdlog::warn("{} message=\"{}\"", issue.code, issue.message);
  const auto run_id = known.find("run_id");
  const auto aof = known.find("aof_enabled");
  if (server_ || run_id == known.end() || aof == known.end() || aof->second != "1") co_return true;
  co_return co_await mend_file(run_id->second);
}

/// Redis 7.0, cut off in the middle of a script's transaction, restarts looking healthy but loses what it writes after
/// that torn end at its next restart. A rewrite of the file heals it, so a server we have not seen before gets one. The
/// private server is started after redis-check-aof instead.
asio::awaitable<bool> WatchedStore::mend_file(std::string run_id) {
  redis::Command get{"GET", key("run_id")};
  const auto seen = co_await client_->call(std::move(get));
  if (!seen) co_return false;
  if (seen->text == run_id) co_return true;
  spdlog::info("store.rewriting_file run_id={}", run_id);
  redis::Command rewrite{"BGREWRITEAOF"};
  const auto begun = co_await client_->call(std::move(rewrite));
  if (!begun && begun.error().code != ErrorCode::internal) co_return false;
  if (!begun && begun.error().message.find("in progress") == std::string::npos) {
    spdlog::warn("store.rewrite_refused error=\"{}\"", begun.error().message);
    co_return true;
  }
  const bool rewritten = co_await wait_rewritten();
  if (!rewritten) co_return false;
  redis::Command set{"SET", key("run_id"), std::move(run_id)};
  const auto stored = co_await client_->call(std::move(set));
  co_return stored.has_value();
}

asio::awaitable<bool> WatchedStore::wait_rewritten() {
  const auto deadline = std::chrono::steady_clock::now() + kRewriteLimit;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto facts = co_await info();
    if (!facts) co_return false;
    const auto running = facts->find("aof_rewrite_in_progress");
    const auto scheduled = facts->find("aof_rewrite_scheduled");
    const bool busy =
        (running != facts->end() && running->second == "1") || (scheduled != facts->end() && scheduled->second == "1");
    if (!busy) co_return true;
    const bool waited = co_await sleep_for(kRewritePoll);
    if (!waited) co_return false;
  }
  spdlog::warn("store.rewrite_slow minutes={}", kRewriteLimit.count());
  co_return true;
}

asio::awaitable<Result<Secret>> WatchedStore::desk_key() {
  redis::Command set{"SET", key("key"), system_random().token(), "NX"};
  const auto made = co_await client_->call(std::move(set));
  if (!made) co_return std::unexpected(made.error());
  redis::Command get{"GET", key("key")};
  const auto stored = co_await client_->call(std::move(get));
  if (!stored) co_return std::unexpected(stored.error());
  if (!stored->is_text() || stored->text.empty())
    co_return fail(ErrorCode::internal, "the desk's key is not in the store");
  co_return Secret(stored->text);
}

Issues WatchedStore::issues() const {
  Issues issues;
  const bool full = server_ && server_->disk_full();
  if (full)
    issues.push_back(
        {"store.disk_full", "", "the store's disk is full: messages are refused until there is room", true});
  if (!ready()) {
    auto why = server_ ? server_->trouble() : std::string();
    if (why.empty()) why = server_error_;
    if (why.empty()) why = client_->last_error();
    if (why.empty() && client_->connected()) why = answering_ || !prepared_ ? "it is being made ready" : why_lost();
    const bool old = why.find(redis::kTooOld) != std::string::npos;
    issues.push_back(
        {old ? "store.version" : "store.down", "", fmt::format("the store cannot be used: {}", why), true});
    return issues;
  }
  if (latency_ > kSlow) {
    issues.push_back(
        {"store.slow", "",
         fmt::format("the store took {} ms to answer", std::chrono::duration_cast<milliseconds>(latency_).count()),
         false});
  }
  issues.insert(issues.end(), settings_issues_.begin(), settings_issues_.end());
  for (const auto& issue : state_issues_) {
    if (!full || issue.code != "store.disk_full") issues.push_back(issue);
  }
  return issues;
}

}  // namespace

std::unique_ptr<Store> create_store(asio::any_io_executor executor, config::ConfigPtr config) {
  return std::make_unique<WatchedStore>(std::move(executor), std::move(config));
}

}  // namespace peyk::daemon
