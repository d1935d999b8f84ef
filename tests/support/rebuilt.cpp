#include "tests/support/rebuilt.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "tests/support/stream.h"

namespace peyk::test {
namespace {

using Fields = std::map<std::string, std::string>;

constexpr std::array kFolded{"state",
                             "queue",
                             "agent",
                             "kind",
                             "priority",
                             "next_actor",
                             "next_at",
                             "unanswered_since",
                             "first_replied_at",
                             "due",
                             "outcome",
                             "contact",
                             "created_at",
                             "first_reply_by",
                             "resolve_by"};

void fold(const routing::Event& event, std::map<std::string, Fields>& conversations) {
  if (event.conversation.str().empty()) return;
  auto& known = conversations[event.conversation.str()];
  for (const auto* name : kFolded) {
    const auto found = event.ids.find(name);
    if (found != event.ids.end()) known[name] = found->second;
  }
}

std::string number(std::int64_t value) {
  return value == 0 ? std::string() : std::to_string(value);
}

}  // namespace

std::map<std::string, Fields> rebuild(Store& store) {
  std::map<std::string, Fields> conversations;
  for (const auto& event : read_stream(store)) fold(event, conversations);
  return conversations;
}

std::vector<std::string> compare_with_stream(Store& store, const DeskState& state) {
  std::vector<std::string> wrong;
  auto rebuilt = rebuild(store);
  for (const auto& [id, c] : state.conversations) {
    auto& known = rebuilt[id];
    const std::array<std::pair<const char*, std::string>, 12> fields{{{"state", c.state},
                                                                      {"queue", c.queue},
                                                                      {"agent", c.owner},
                                                                      {"kind", c.kind},
                                                                      {"priority", c.priority},
                                                                      {"next_actor", c.next_actor},
                                                                      {"next_at", number(c.next_at)},
                                                                      {"unanswered_since", number(c.unanswered_since)},
                                                                      {"first_replied_at", number(c.first_replied_at)},
                                                                      {"due", number(c.due)},
                                                                      {"created_at", number(c.created_at)},
                                                                      {"outcome", c.outcome}}};
    for (const auto& [name, value] : fields) {
      if (known[name] != value) {
        wrong.push_back(fmt::format("{}: {} is '{}' in the stream, '{}' in the store", id, name, known[name], value));
      }
    }
  }
  return wrong;
}

}  // namespace peyk::test
