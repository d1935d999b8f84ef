// Something an operator should know: in /health, and in the log when it begins and ends.
#pragma once

#include <string>
#include <vector>

namespace peyk::daemon {

struct Issue {
  std::string code;     // stable: docs/operating.md gives cause and remedy of each
  std::string subject;  // what it is about (a queue, a channel, a key); with `code` it tells issues apart
  std::string message;  // for people
  bool fails = false;   // the service cannot be given: /health answers 503
};

using Issues = std::vector<Issue>;

}  // namespace peyk::daemon
