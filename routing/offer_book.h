// Offers as the calls that made them showed them, until their events come.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/async/event.h"
#include "base/clock.h"
#include "routing/presence.h"

namespace peyk::routing {

/// Keeps the newest few hundred: who is offered something on another daemon never asks here. One thread.
class OfferBook {
 public:
  explicit OfferBook(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void put(OfferView offer);

  /// The offer, once; waits for it. Nothing when `limit` passes.
  asio::awaitable<std::optional<OfferView>> take(OfferId id, Milliseconds limit);

 private:
  asio::any_io_executor executor_;
  std::unordered_map<std::string, OfferView> offers_;
  std::deque<std::string> order_;  // of arrival
  std::unordered_map<std::string, std::shared_ptr<peyk::Event>> awaited_;
};

}  // namespace peyk::routing
