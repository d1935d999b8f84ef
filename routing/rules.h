// The `routes:` of the configuration: which queue a conversation goes to, and what it demands. First match wins.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "routing/hours_book.h"
#include "routing/types.h"

namespace peyk::routing {

/// What a rule looks at. What it points to must live as long as it.
struct Subject {
  ChannelName channel;
  ChannelKind kind = ChannelKind::email;
  const std::map<std::string, std::string>* fields = nullptr;  // null: none
  std::string_view subject;
  std::string_view text;
  std::string_view sender;  // the address, or the name where there is none
  Language language;
  std::vector<std::string> contact_tags;
  Time now;
};

/// A rule's answer, with queue and route put together.
struct Routing {
  std::string route;  // its name, for explanations
  int rule = 0;       // its place in `routes`, from 1
  config::Place place;
  QueueName queue;
  config::Demand demand;  // the queue's and the route's; `language` replaced by the conversation's own
  Priority priority = Priority::normal;
  config::Promise promise;  // the route's, else the queue's
};

/// One thread. Answers are built once for each route and language and live as long as the rules.
class Rules {
 public:
  virtual ~Rules() = default;
  /// Never null: the last route matches everything.
  virtual const Routing* classify(const Subject& subject) = 0;
  /// What a conversation demands that is put into `queue` by hand, without a route.
  virtual Routing for_queue(const QueueName& queue, const Language& language) const = 0;
  /// Whether any rule asks for the contact's tags.
  virtual bool needs_contact_tags() const = 0;
};

/// `hours` must outlive the rules.
std::unique_ptr<Rules> create_rules(config::ConfigPtr config, HoursBook& hours);

}  // namespace peyk::routing
