#include "routing/simulation/agenda.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace peyk::routing::simulation {

bool Agenda::later(const Entry& left, const Entry& right) {
  return std::tie(left.planned.at, left.order) > std::tie(right.planned.at, right.order);
}

void Agenda::push(std::int64_t order, Planned planned) {
  if (planned.deed == Deed::hours) ++looks_;
  heap_.push_back({order, std::move(planned)});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

void Agenda::plan(Planned planned) {
  push(++last_, std::move(planned));
}

Planned Agenda::take() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  auto planned = std::move(heap_.back().planned);
  heap_.pop_back();
  if (planned.deed == Deed::hours) --looks_;
  return planned;
}

void Agenda::put_back(std::vector<Planned> taken) {
  first_ -= static_cast<std::int64_t>(taken.size());
  auto order = first_;
  for (auto& planned : taken) push(order++, std::move(planned));
}

}  // namespace peyk::routing::simulation
