// From what was observed to the document that /health answers: no I/O, no clock.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "base/clock.h"
#include "channels/channel.h"
#include "config/config.h"
#include "config/loader.h"
#include "config/roster.h"
#include "daemon/issue.h"
#include "routing/desk.h"
#include "routing/outbox.h"
#include "routing/reader.h"

namespace peyk::daemon {

/// One look at everything.
struct Observation {
  Time now;
  bool store_ready = false;
  double store_latency_ms = 0;
  Issues store_issues;
  std::vector<std::pair<std::string, channels::ChannelHealth>> channels;
  std::vector<routing::QueueView> queues;
  std::map<QueueName, Milliseconds> overdue;  // queues where one waits past its promise, and by how much
  std::optional<routing::OutboxStatus> outbox;
  std::vector<routing::DeskIssues::Issue> desk_issues;
  std::string files_trouble;  // why a file could not be written; empty: each can
  bool bodies_full = false;   // requests are refused, or were just now, for want of room for their bodies
  std::string reload_failure;
  std::vector<config::NotYet> not_yet;
  std::vector<config::RosterGap> roster_gaps;
};

/// Whether no message can be stored until it is mended.
bool is_unusable(const routing::DeskIssues::Issue& issue);

/// Every issue there is, worst first.
Issues find_issues(const Observation& seen, const config::Config& config);

/// Keeps since when each issue holds. One thread.
class IssueBook {
 public:
  struct Entry {
    Issue issue;
    Time since;
  };
  /// Takes over what holds now; logs what began and what ended.
  void update(const Issues& issues, Time now);
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// "pass", "warn" or "fail".
std::string_view overall_status(const std::vector<IssueBook::Entry>& entries);

boost::json::object health_document(const Observation& seen, const std::vector<IssueBook::Entry>& entries);

}  // namespace peyk::daemon
