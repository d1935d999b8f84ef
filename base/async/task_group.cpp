#include "base/async/task_group.h"

#include <cassert>
#include <exception>
#include <map>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <spdlog/spdlog.h>

#include "base/async/event.h"

namespace peyk {

struct TaskGroup::State {
  struct Task {
    std::string name;
    asio::cancellation_signal signal;
  };

  State(asio::any_io_executor ex, std::string group_name)
      : executor(ex), name(std::move(group_name)), emptied(ex), idle(ex, asio::steady_timer::time_point::max()) {}

  asio::any_io_executor executor;
  std::string name;
  std::map<std::uint64_t, std::shared_ptr<Task>> tasks;
  std::uint64_t last_id = 0;
  bool stopped = false;
  Event emptied;
  asio::steady_timer idle;  // ends when the group is empty; waited for where no cancellation may interrupt

  void ended(std::uint64_t id, const std::exception_ptr& exception) {
    const auto found = tasks.find(id);
    if (exception) log_failure(found->second->name, exception);
    tasks.erase(found);
    if (!tasks.empty()) return;
    emptied.notify();
    idle.cancel();
  }

  void log_failure(std::string_view task, const std::exception_ptr& exception) const {
    try {
      std::rethrow_exception(exception);
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) return;  // its cancellation, not a failure
      spdlog::error("task.failed group={} task={} error=\"{}\"", name, task, error.what());
    } catch (const std::exception& error) {
      spdlog::error("task.failed group={} task={} error=\"{}\"", name, task, error.what());
    } catch (...) {
      spdlog::error("task.failed group={} task={} error=\"an exception of unknown type\"", name, task);
    }
  }
};

namespace {

asio::awaitable<void> hear_all_cancellation(asio::awaitable<void> task) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await std::move(task);
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor, std::string name)
    : state_(std::make_shared<State>(std::move(executor), std::move(name))) {}

TaskGroup::~TaskGroup() {
  // While an exception unwinds, the assertion would hide what went wrong.
  assert(state_->tasks.empty() || std::uncaught_exceptions() > 0);
}

bool TaskGroup::spawn(std::string_view name, asio::awaitable<void> task) {
  if (state_->stopped) return false;
  const auto id = ++state_->last_id;
  const auto entry = std::make_shared<State::Task>();
  entry->name = name;
  state_->tasks.emplace(id, entry);
  // The handler keeps the entry, since its signal's slot must outlive the coroutine.
  auto on_end = [state = state_, entry, id](const std::exception_ptr& exception) { state->ended(id, exception); };
  asio::co_spawn(state_->executor, hear_all_cancellation(std::move(task)),
                 asio::bind_cancellation_slot(entry->signal.slot(), std::move(on_end)));
  return true;
}

void TaskGroup::cancel() {
  state_->stopped = true;
  std::vector<std::shared_ptr<State::Task>> tasks;
  for (const auto& [id, task] : state_->tasks) tasks.push_back(task);
  for (const auto& task : tasks) task->signal.emit(asio::cancellation_type::all);
}

asio::awaitable<void> TaskGroup::stop() {
  const auto state = state_;
  cancel();
  if (state->tasks.empty()) co_return;
  co_await state->idle.async_wait(
      asio::bind_cancellation_slot(asio::cancellation_slot(), asio::as_tuple(asio::use_awaitable)));
}

asio::awaitable<void> TaskGroup::join() {
  const auto state = state_;
  while (!state->tasks.empty()) co_await state->emptied.wait();
}

std::size_t TaskGroup::size() const {
  return state_->tasks.size();
}
asio::any_io_executor TaskGroup::executor() const {
  return state_->executor;
}

}  // namespace peyk
