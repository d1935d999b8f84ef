#include "daemon/health_checks.h"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "config/starvation.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;
using channels::ChannelHealth;

// An answer still there after so many first retries is stuck, not slow.
constexpr int kStuckRetries = 4;

double seconds(Milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string channel_code(const std::string& code) {
  return code.starts_with("channel.") ? code : "channel." + (code.empty() ? std::string("trouble") : code);
}

void add_channels(const Observation& seen, Issues& issues) {
  for (const auto& [name, health] : seen.channels) {
    if (health.status == ChannelHealth::Status::pass) continue;
    issues.push_back({channel_code(health.code), name, fmt::format("channel {}: {}", name, health.message), false});
  }
}

Issue unroutable(const QueueName& queue, const routing::Unroutable& dead) {
  const auto kind = routing::to_string(dead.kind);
  const auto asked = dead.demand.empty() ? std::string("an agent of this queue")
                                         : fmt::format("an agent of this queue with {}", dead.demand);
  return {"demand.unroutable", fmt::format("{} {} {}", queue.str(), kind, dead.demand),
          fmt::format("queue {}: {} of kind {} ({}) wait for {}, and nobody in the roster can ever take them",
                      queue.str(), dead.waiting, kind, dead.reference, asked),
          false};
}

void add_queues(const Observation& seen, Issues& issues) {
  for (const auto& gap : seen.roster_gaps) {
    const auto* code = gap.code == "queue_unserved" ? "queue.unserved" : "demand.unroutable";
    issues.push_back({code, config::to_string(gap.place), gap.message, false});
  }
  for (const auto& [queue, late] : seen.overdue) {
    issues.push_back({"queue.promise_missed", queue.str(),
                      fmt::format("queue {}: a conversation waits {} past the first reply it was promised", queue.str(),
                                  config::rounded(late)),
                      false});
  }
  for (const auto& queue : seen.queues) {
    for (const auto& dead : queue.unroutable) issues.push_back(unroutable(queue.name, dead));
  }
}

void add_outbox(const Observation& seen, const config::Config& config, Issues& issues) {
  if (!seen.outbox || seen.outbox->queued + seen.outbox->retrying == 0) return;
  const auto age = seen.outbox->oldest_age;
  if (age <= config.outbox.retry_after * kStuckRetries) return;
  issues.push_back({"outbox.stuck", "",
                    fmt::format("{} answers have not left, the oldest for {}",
                                seen.outbox->queued + seen.outbox->retrying, config::rounded(age)),
                    false});
}

json::object check_of_queue(const routing::QueueView& queue, bool late, const std::string& time) {
  return {{"status", late ? "warn" : "pass"},
          {"componentType", "component"},
          {"observedValue", queue.waiting},
          {"observedUnit", "conversations"},
          {"time", time},
          {"waiting", queue.waiting},
          {"oldest_age", static_cast<std::int64_t>(seconds(queue.oldest_age))},
          {"agents_available", queue.agents_available}};
}

std::string_view spelled(ChannelHealth::Status status) {
  if (status == ChannelHealth::Status::pass) return "pass";
  return status == ChannelHealth::Status::warn ? "warn" : "fail";
}

json::object check_of_store(const Observation& seen, const std::string& time) {
  const bool fails = std::ranges::any_of(seen.store_issues, &Issue::fails);
  std::string_view status = seen.store_issues.empty() ? "pass" : "warn";
  if (!seen.store_ready || fails) status = "fail";
  return {{"status", status},
          {"componentType", "datastore"},
          {"observedValue", seen.store_latency_ms},
          {"observedUnit", "ms"},
          {"time", time}};
}

json::object check_of_outbox(const routing::OutboxStatus& outbox, bool stuck) {
  return {{"status", stuck ? "warn" : "pass"},
          {"componentType", "component"},
          {"observedValue", outbox.queued + outbox.retrying},
          {"observedUnit", "messages"},
          {"time", to_rfc3339(outbox.at)},
          {"queued", outbox.queued},
          {"retrying", outbox.retrying},
          {"oldest_age", static_cast<std::int64_t>(seconds(outbox.oldest_age))}};
}

bool same(const Issue& left, const Issue& right) {
  return left.code == right.code && left.subject == right.subject;
}

}  // namespace

bool is_unusable(const routing::DeskIssues::Issue& issue) {
  return issue.code == "store.unusable";
}

Issues find_issues(const Observation& seen, const config::Config& config) {
  Issues issues = seen.store_issues;
  add_channels(seen, issues);
  add_queues(seen, issues);
  add_outbox(seen, config, issues);
  for (const auto& issue : seen.desk_issues) {
    // The roster's gaps are said above, with their place.
    if (issue.code == "queue_unserved" || issue.code == "demand_unmet") continue;
    issues.push_back({issue.code, issue.message, issue.message, is_unusable(issue)});
  }
  if (!seen.files_trouble.empty()) {
    issues.push_back({"files.unwritable", "",
                      "files and mails that do not find room are refused, and senders try again: " + seen.files_trouble,
                      false});
  }
  if (seen.bodies_full) {
    issues.push_back(
        {"http.bodies_full", "",
         "requests are refused: what is being sent takes all the room that there is for it, or for that of "
         "one network; http.bodies_full in the log names the network",
         false});
  }
  if (!seen.reload_failure.empty()) {
    issues.push_back({"config.reload_failed", "",
                      "the changed configuration was refused, the old one is in force: " + seen.reload_failure, false});
  }
  for (const auto& key : seen.not_yet) issues.push_back({"not_yet", key.key, key.message, false});
  Issues worst_first;
  std::ranges::copy_if(issues, std::back_inserter(worst_first), &Issue::fails);
  std::ranges::copy_if(issues, std::back_inserter(worst_first), [](const Issue& issue) { return !issue.fails; });
  return worst_first;
}

void IssueBook::update(const Issues& issues, Time now) {
  std::vector<Entry> entries;
  for (const auto& issue : issues) {
    const auto old = std::ranges::find_if(entries_, [&](const Entry& entry) { return same(entry.issue, issue); });
    if (old == entries_.end()) spdlog::warn("issue.began code={} message=\"{}\"", issue.code, issue.message);
    entries.push_back({issue, old == entries_.end() ? now : old->since});
  }
  for (const auto& old : entries_) {
    const bool holds = std::ranges::any_of(issues, [&old](const Issue& issue) { return same(old.issue, issue); });
    if (!holds) spdlog::info("issue.ended code={} subject=\"{}\"", old.issue.code, old.issue.subject);
  }
  entries_ = std::move(entries);
}

std::string_view overall_status(const std::vector<IssueBook::Entry>& entries) {
  if (entries.empty()) return "pass";
  return std::ranges::any_of(entries, [](const auto& entry) { return entry.issue.fails; }) ? "fail" : "warn";
}

json::object health_document(const Observation& seen, const std::vector<IssueBook::Entry>& entries) {
  const auto time = to_rfc3339(seen.now);
  json::object checks{{"redis", check_of_store(seen, time)}};
  for (const auto& [name, health] : seen.channels) {
    json::object check{{"status", spelled(health.status)}, {"componentType", "component"}, {"time", time}};
    if (!health.message.empty()) check["output"] = health.message;
    checks["channel:" + name] = std::move(check);
  }
  for (const auto& queue : seen.queues) {
    checks["queue:" + queue.name.str()] = check_of_queue(queue, seen.overdue.contains(queue.name), time);
  }
  if (seen.outbox) {
    const bool stuck =
        std::ranges::any_of(entries, [](const auto& entry) { return entry.issue.code == "outbox.stuck"; });
    checks["outbox"] = check_of_outbox(*seen.outbox, stuck);
  }
  json::array issues;
  for (const auto& entry : entries) {
    issues.push_back(
        {{"code", entry.issue.code}, {"message", entry.issue.message}, {"since", to_rfc3339(entry.since)}});
  }
  return {{"status", overall_status(entries)},
          {"version", PEYK_VERSION},
          {"checks", std::move(checks)},
          {"issues", std::move(issues)}};
}

}  // namespace peyk::daemon
