// A random day on a small desk, event by event, held against the model after each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/support/model.h"
#include "tests/support/redis_server.h"
#include "tests/support/store.h"

namespace peyk::test {

/// Two clients of one desk, as two daemons would be, in turns. The same seed makes the same events.
class Traffic {
 public:
  Traffic(const redis::Endpoint& endpoint, std::uint64_t seed);

  /// Time may pass, and somebody may do something; what does happen is an event, and is looked at by itself. What was
  /// broken after each, in words.
  std::vector<std::string> step();
  /// Events so far: times at which the clock went on, and acts of somebody that called a script.
  int events() const { return events_; }
  /// Findings of a whole audit, and of the comparison with the event stream.
  std::vector<std::string> audit();
  /// The last events, for a report.
  std::string story() const;

 private:
  static inline const std::vector<std::string> kQueues{"service", "billing", "cooks"};
  static inline const std::vector<std::string> kSkills{"hy", "fa", "cooling"};

  struct Pick {
    const SeenAgent* agent = nullptr;
    const SeenOffer* offer = nullptr;
  };

  void set_up();
  void write_settings();
  void write_queue(const std::string& name);
  void write_agent(const std::string& name);
  /// Weights and limits of his own, of some kinds.
  json::object own_kinds(const std::string& agent);
  int below(int limit);
  bool chance(int percent);
  const std::string& one_of(const std::vector<std::string>& names);
  Store& store();
  std::string any_agent();
  Pick any_offer();
  const SeenConversation* any_owned();
  json::object call(std::string_view script, json::object arguments);
  /// The refusal's code, or empty.
  std::string attempt(std::string_view script, const json::object& arguments);
  json::object by(const std::string& agent) const;

  void look(DeskState after);
  void pass_time();
  void do_something();
  void arrive();
  json::object classification();
  void answer_offer();
  void work();
  void resolve(const SeenConversation& c);
  void expect_handed_out(const std::string& agent);
  void put_aside(const SeenConversation& c);
  void transfer(const SeenConversation& c);
  void reply(const SeenConversation& c);
  void start_one();
  void end_one();
  void change_presence();
  void renew_all();
  void change_roster();
  void change_queues();
  void retire(const std::string& queue);
  void commit();
  void leave_for_good(const std::string& agent);
  void stand_still();
  void expect(const std::string& what, const std::string& expected, const std::string& found);

  SeededRandom random_;
  Store first_;
  Store second_;
  Model model_;
  DeskState before_;
  json::object settings_;
  std::vector<std::string> agents_;
  std::vector<std::string> story_;
  std::vector<std::string> wrong_;
  std::vector<std::string> queues_ = kQueues;  // that the desk has now
  int turn_ = 0;                               // names what it brings
  int events_ = 0;
  int reloads_ = 0;
  bool acted_ = false;
  bool present_ = false;  // a day on which most agents are there,
  bool calm_ = false;     // and on which there are more of them than there is work
};

/// What a run found: empty when all held. A failure begins with the seed that replays it.
std::optional<std::string> run_traffic(const redis::Endpoint& endpoint, std::uint64_t seed, int events);

}  // namespace peyk::test
