#include "routing/offer_book.h"

#include <utility>

namespace peyk::routing {
namespace {

constexpr std::size_t kKept = 500;

}  // namespace

void OfferBook::put(OfferView offer) {
  const auto id = offer.id.str();
  offers_.insert_or_assign(id, std::move(offer));
  order_.push_back(id);
  if (order_.size() > kKept) {
    offers_.erase(order_.front());
    order_.pop_front();
  }
  const auto waiting = awaited_.find(id);
  if (waiting != awaited_.end()) waiting->second->notify();
}

asio::awaitable<std::optional<OfferView>> OfferBook::take(OfferId id, Milliseconds limit) {
  if (!offers_.contains(id.str())) {
    const auto arrival = awaited_.emplace(id.str(), std::make_shared<peyk::Event>(executor_)).first->second;
    co_await arrival->wait(limit);
    awaited_.erase(id.str());
  }
  const auto found = offers_.find(id.str());
  if (found == offers_.end()) co_return std::nullopt;
  auto offer = std::move(found->second);
  offers_.erase(found);
  co_return offer;
}

}  // namespace peyk::routing
