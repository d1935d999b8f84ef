// Customers who send forms over kept connections.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/bench/support/poller.h"

namespace peyk::bench {

/// The number of a form, in its subject.
using FormNumber = std::uint64_t;

class FormSenders {
 public:
  FormSenders(Poller& poller, std::uint16_t port, std::size_t connections);
  ~FormSenders();
  FormSenders(const FormSenders&) = delete;
  FormSenders& operator=(const FormSenders&) = delete;

  /// One form under way on each connection, until `duration` has passed and all are answered.
  void flood(std::chrono::duration<double> duration);

  /// Forms at random times, `rate` a second on average, whether those before are answered or not; returns when all are
  /// answered. Counted from the time when a form was due, so that a stall is not hidden by what it held up.
  void pace(double rate, std::chrono::duration<double> duration);

  std::uint64_t answered() const { return latencies_.size(); }
  std::uint64_t refused() const { return refused_; }  // answered with another status than 202
  /// From the form to its answer, in ms.
  const std::vector<double>& latencies() const { return latencies_; }
  /// When that form was sent, or due.
  SteadyClock::time_point sent(FormNumber number) const { return sent_.at(number); }
  void forget();

 private:
  struct Connection;

  void send_on(Connection& connection, SteadyClock::time_point due);
  void answered(Connection& connection, int status);

  Poller& poller_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;
  std::vector<SteadyClock::time_point> late_;  // due, and no connection was idle
  std::vector<SteadyClock::time_point> sent_;
  std::vector<double> latencies_;
  std::uint64_t refused_ = 0;
  bool flooding_ = false;
};

}  // namespace peyk::bench
