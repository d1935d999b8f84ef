// Those who want to be called, each until he drops his subscription.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "routing/event_feed.h"

namespace peyk::routing {

/// One thread. A listener may subscribe and unsubscribe, himself too, while he is called; who came during a call is
/// called from the next one on. Subscriptions may outlive the listeners' owner.
template <typename... Arguments>
class Listeners {
 public:
  using Listener = std::function<void(Arguments...)>;

  std::unique_ptr<EventFeed::Subscription> add(Listener listener) {
    const auto number = ++state_->last;
    state_->listeners.emplace(number, std::make_shared<Listener>(std::move(listener)));
    return std::make_unique<Entry>(state_, number);
  }

  void call(Arguments... arguments) {
    const auto state = state_;
    const auto newest = state->last;
    for (auto it = state->listeners.begin(); it != state->listeners.end() && it->first <= newest;) {
      const auto number = it->first;
      const auto listener = it->second;
      (*listener)(arguments...);
      it = state->listeners.upper_bound(number);
    }
  }

 private:
  struct State {
    std::map<std::uint64_t, std::shared_ptr<Listener>> listeners;
    std::uint64_t last = 0;
  };

  class Entry : public EventFeed::Subscription {
   public:
    Entry(std::weak_ptr<State> state, std::uint64_t number) : state_(std::move(state)), number_(number) {}
    ~Entry() override {
      if (const auto state = state_.lock()) state->listeners.erase(number_);
    }

   private:
    std::weak_ptr<State> state_;
    std::uint64_t number_;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace peyk::routing
