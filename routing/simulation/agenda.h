// What a simulated day has ahead of it, in the order of time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "config/names.h"
#include "routing/types.h"

namespace peyk::routing::simulation {

enum class Deed : std::uint8_t {
  shift_ends,
  shift_begins,
  hours,    // queues are told that they opened or closed, and how long they make wait
  arrive,   // a customer comes
  leave,    // he has lost patience
  accept,   // an agent takes what he was offered
  resolve,  // and is done with it
  answer,   // or answers, and his customer will write again
  write,
  lose,  // an agent loses his connection
  come_back,
};

struct Planned {
  Time at;
  Deed deed = Deed::arrive;
  std::size_t which = 0;  // arrival; of shifts: the shift; of connections: the loss
  AgentName agent{};      // accept, resolve, answer
  OfferId offer{};        // accept
  int plan = 0;           // resolve, answer: which plan it is part of
};

/// Of one time, what was planned first comes first.
class Agenda {
 public:
  void plan(Planned planned);
  bool empty() const { return heap_.empty(); }
  /// Whether anything but looks at the hours is ahead: if not, nobody will ever do anything more.
  bool alive() const { return heap_.size() > looks_; }
  /// The next one; there must be one.
  const Planned& next() const { return heap_.front().planned; }
  Planned take();
  /// What was taken and not done comes before all else of its time.
  void put_back(std::vector<Planned> taken);

 private:
  struct Entry {
    std::int64_t order;
    Planned planned;
  };
  static bool later(const Entry& left, const Entry& right);
  void push(std::int64_t order, Planned planned);

  std::vector<Entry> heap_;
  std::size_t looks_ = 0;
  std::int64_t last_ = 0;
  std::int64_t first_ = 0;
};

}  // namespace peyk::routing::simulation
