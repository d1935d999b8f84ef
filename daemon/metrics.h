// What Prometheus asks for: GET /metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/net/http_server.h"
#include "routing/event_feed.h"
#include "routing/intake.h"
#include "routing/outbox.h"
#include "routing/reader.h"

namespace peyk::daemon {

/// Two kinds of figures, told apart in each metric's help text. What this daemon did itself (messages, intake times,
/// connections) adds up over the desk's daemons. What the desk's event stream and the store tell (offers, waits, first
/// replies, queues, agents) is the whole desk's and the same on each daemon: take one or the highest, never the sum.
/// One thread.
class Metrics {
 public:
  virtual ~Metrics() = default;

  /// This daemon's own.
  virtual void count_message(const std::string& channel, std::string_view direction) = 0;
  virtual void observe_intake(const std::string& channel, std::chrono::duration<double> took, bool accepted) = 0;

  /// The desk's.
  virtual void on_event(const routing::Event& event) = 0;
  virtual void set_queues(const std::vector<routing::QueueView>& queues) = 0;
  virtual void set_agents(const std::map<routing::PresenceState, std::size_t>& agents) = 0;
  virtual void set_outbox(const routing::OutboxStatus& status) = 0;

  /// The state of the process, at the moment of the question.
  virtual void set_server(const net::HttpCounters& counters, std::size_t agent_sockets) = 0;
  virtual void set_store(bool ready, std::chrono::duration<double> latency) = 0;

  /// Prometheus text exposition format 0.0.4.
  virtual std::string text() = 0;
};

std::unique_ptr<Metrics> create_metrics();

/// Passes everything on to `intake`, measures it and counts what was stored; duplicates are not counted again.
std::unique_ptr<routing::Intake> measured(routing::Intake& intake, Metrics& metrics);

}  // namespace peyk::daemon
