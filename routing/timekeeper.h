// Makes time pass in the store: deadlines, hours, shifts. Several daemons may do so at once.
#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>

#include "routing/desk_core.h"
#include "routing/issue_book.h"

namespace peyk::routing {

namespace asio = boost::asio;

/// Calls the script `timers` when the next deadline is due, and at least twice a second, so that a pause of the store
/// or a jump of its clock is seen. Tells queues when they open and close and how long they make wait, and agents'
/// shifts when they begin and end.
class Timekeeper {
 public:
  virtual ~Timekeeper() = default;
  virtual void start() = 0;
  virtual asio::awaitable<void> stop() = 0;
  /// Something may be due earlier than was known.
  virtual void wake() = 0;
  /// Hours and shifts are told anew: the roster was written.
  virtual void roster_written() = 0;
};

std::unique_ptr<Timekeeper> create_timekeeper(DeskCore& core, IssueBook& issues);

}  // namespace peyk::routing
