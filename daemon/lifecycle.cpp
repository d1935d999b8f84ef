#include "daemon/lifecycle.h"

#include <csignal>
#include <cstdlib>
#include <exception>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "daemon/application.h"
#include "daemon/log.h"
#include "daemon/notify.h"

namespace peyk::daemon {
namespace {

constexpr int kCouldNotStart = 1;

class Lifecycle {
 public:
  Lifecycle(asio::io_context& context, Options options, config::LoadResult loaded)
      : context_(context),
        signals_(context, SIGTERM, SIGINT, SIGHUP),
        changed_(context.get_executor()),
        tasks_(context.get_executor(), "lifecycle"),
        application_(create_application(context.get_executor(), std::move(options), std::move(loaded))) {}

  asio::awaitable<void> run();
  int status() const { return status_; }

 private:
  asio::awaitable<void> hear_signals();
  asio::awaitable<void> feed_watchdog(std::chrono::microseconds every);
  asio::awaitable<void> begin();
  asio::awaitable<void> serve();
  asio::awaitable<void> reload();
  asio::awaitable<void> reload_once();
  asio::awaitable<void> drain();

  asio::io_context& context_;
  asio::signal_set signals_;
  Event changed_;
  TaskGroup tasks_;
  std::unique_ptr<Application> application_;
  ServiceManager manager_;
  bool stopping_ = false;
  bool reload_wanted_ = false;
  bool reload_ended_ = false;
  bool started_ = false;
  bool failed_ = false;
  int status_ = 0;
};

asio::awaitable<void> Lifecycle::run() {
  tasks_.spawn("signals", hear_signals());
  if (const auto limit = manager_.watchdog()) tasks_.spawn("watchdog", feed_watchdog(*limit / 3));
  TaskGroup starting(context_.get_executor(), "start");
  starting.spawn("start", begin());
  while (!started_ && !failed_ && !stopping_) co_await changed_.wait();
  if (!started_) co_await starting.stop();
  if (started_) co_await serve();
  co_await drain();
  co_await tasks_.stop();
}

asio::awaitable<void> Lifecycle::begin() {
  try {
    co_await application_->start();
    started_ = true;
    manager_.ready("serving");
  } catch (const std::exception& error) {
    failed_ = !stopping_;
    if (failed_) spdlog::error("peyk.start_failed error=\"{}\"", error.what());
    if (failed_) status_ = kCouldNotStart;
  }
  changed_.notify();
}

asio::awaitable<void> Lifecycle::serve() {
  while (!stopping_) {
    if (reload_wanted_) {
      reload_wanted_ = false;
      co_await reload();
      continue;
    }
    co_await changed_.wait();
  }
}

/// A stop does not wait for it.
asio::awaitable<void> Lifecycle::reload() {
  TaskGroup reloading(context_.get_executor(), "reload");
  reload_ended_ = false;
  reloading.spawn("reload", reload_once());
  while (!reload_ended_ && !stopping_) co_await changed_.wait();
  co_await reloading.stop();
}

asio::awaitable<void> Lifecycle::reload_once() {
  manager_.reloading();
  try {
    const auto report = co_await application_->reload();
    if (!stopping_) manager_.ready(report ? "serving" : "serving the old configuration: the new one was refused");
  } catch (const std::exception& error) {
    if (!stopping_) spdlog::error("config.reload_failed error=\"{}\"", error.what());
    if (!stopping_) manager_.ready("serving the old configuration: the new one could not be read");
  }
  reload_ended_ = true;
  changed_.notify();
}

asio::awaitable<void> Lifecycle::drain() {
  manager_.stopping();
  co_await application_->stop();
}

asio::awaitable<void> Lifecycle::hear_signals() {
  for (;;) {
    const auto [error, signal] = co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    spdlog::info("signal.received name={}", signal == SIGHUP ? "HUP" : signal == SIGINT ? "INT" : "TERM");
    if (signal == SIGHUP) {
      reload_wanted_ = true;
    } else if (stopping_) {
      spdlog::warn("peyk.left_at_once");
      spdlog::shutdown();
      std::_Exit(128 + signal);
    } else {
      stopping_ = true;
    }
    changed_.notify();
  }
}

asio::awaitable<void> Lifecycle::feed_watchdog(std::chrono::microseconds every) {
  for (;;) {
    manager_.feed_watchdog();
    const bool waited = co_await sleep_for(every);
    if (!waited) co_return;
  }
}

}  // namespace

int run_daemon(Options options, config::LoadResult loaded) {
  set_up_log(loaded.config->log);
  std::signal(SIGPIPE, SIG_IGN);
  asio::io_context context(1);
  Lifecycle lifecycle(context, std::move(options), std::move(loaded));
  std::exception_ptr failure;
  asio::co_spawn(context, lifecycle.run(), [&failure](const std::exception_ptr& exception) { failure = exception; });
  context.run();
  if (!failure) return lifecycle.status();
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    spdlog::critical("peyk.failed error=\"{}\"", error.what());
  }
  return kCouldNotStart;
}

}  // namespace peyk::daemon
