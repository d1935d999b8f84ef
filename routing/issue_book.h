// What is wrong with the desk now, in words, since when.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "routing/desk.h"

namespace peyk::routing {

/// One thread. An issue is known by its code and what it is about; said again, it keeps its beginning.
class IssueBook {
 public:
  explicit IssueBook(const Clock& clock) : clock_(clock) {}

  /// Stands until `clear`.
  void raise(const std::string& code, const std::string& about, std::string message);
  /// Stands for `time` from the last report: for what happened, rather than lasts.
  void report(const std::string& code, std::string message, Milliseconds time);
  void clear(const std::string& code, const std::string& about = {});
  /// All of that code.
  void clear_all(const std::string& code);
  DeskIssues current() const;

 private:
  struct Entry {
    std::string message;
    Time since;
    std::optional<Time> until;
  };
  const Clock& clock_;
  std::map<std::pair<std::string, std::string>, Entry> entries_;
};

}  // namespace peyk::routing
