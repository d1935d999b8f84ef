#include "routing/issue_book.h"

#include <spdlog/spdlog.h>

namespace peyk::routing {

void IssueBook::raise(const std::string& code, const std::string& about, std::string message) {
  const auto [entry, added] = entries_.try_emplace({code, about}, Entry{message, clock_.now(), std::nullopt});
  if (added) spdlog::warn("issue.raised code={} message=\"{}\"", code, message);
  entry->second.message = std::move(message);
}

void IssueBook::report(const std::string& code, std::string message, Milliseconds time) {
  const auto now = clock_.now();
  auto& entry = entries_[{code, {}}];
  if (!entry.until || *entry.until < now) {
    spdlog::warn("issue.raised code={} message=\"{}\"", code, message);
    entry.since = now;
  }
  entry.message = std::move(message);
  entry.until = now + time;
}

void IssueBook::clear(const std::string& code, const std::string& about) {
  entries_.erase({code, about});
}

void IssueBook::clear_all(const std::string& code) {
  std::erase_if(entries_, [&code](const auto& entry) { return entry.first.first == code; });
}

DeskIssues IssueBook::current() const {
  DeskIssues issues;
  const auto now = clock_.now();
  for (const auto& [key, entry] : entries_) {
    if (!entry.until || *entry.until >= now) issues.issues.push_back({key.first, entry.message, entry.since});
  }
  return issues;
}

}  // namespace peyk::routing
