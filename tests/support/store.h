// A desk's scripts, called one after another under a clock of the test's own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/redis/client.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

namespace peyk::test {

namespace json = boost::json;

/// What an agent of the roster is made of.
struct RosterAgent {
  std::string name;
  std::vector<std::string> queues{"service"};
  json::object skills{};
  int capacity = 600;
  json::object kinds{};
};

/// One client of a store; several may share a server and a desk. Calls block.
class Store {
 public:
  explicit Store(const redis::Endpoint& endpoint, std::string desk = "test");
  ~Store();

  /// What the script's "ok" holds; throws with script, arguments and reply when it refuses.
  json::object call(std::string_view script, json::object arguments = {}, std::string body = "{\"text\":\"x\"}");
  /// The refusal: `error`, `message`, `why`; throws when the script does not refuse.
  json::object refusal(std::string_view script, json::object arguments = {});
  /// The whole reply; NOT_AFTER and CONFIG as given.
  json::object raw(std::string_view script, json::object arguments, std::string body, std::string not_after = "",
                   std::string config = "");
  /// Findings of a whole audit, called with these arguments until its cursor is at the end.
  json::array audit(json::object arguments = {});
  redis::Reply command(std::vector<std::string> words);
  /// Commands or script texts by EVAL, for what only tests look at.
  redis::Reply eval(const std::string& text, std::vector<std::string> arguments = {});

  std::int64_t now = 1'764'000'000'000;
  std::string caller;  // sixth argument of each call; empty: none
  /// Moves the clock, then applies what is due, until nothing is.
  void pass(std::int64_t milliseconds);
  /// Applies what is due.
  void settle();

  std::string key(std::string_view name) const { return "peyk:{" + desk_ + "}:" + std::string(name); }

 private:
  std::string desk_;
  Loop loop_;
  std::unique_ptr<redis::Client> client_;
};

json::object standard_settings();
json::object standard_queue(std::string_view name);
json::object actor(std::string_view name);

/// A store with the standard settings and the queues "service" and "billing".
struct StoreFixture {
  RedisServer server;
  Store store{server.endpoint()};

  StoreFixture();
  void add(const RosterAgent& agent);
  /// Added, connected and available.
  void available(const RosterAgent& agent);
  void available(std::string_view agent);
  /// A new customer's message; `with` overrides members of the arguments, `asks` of their class. The reply.
  json::object arrive(std::string_view kind = "email", json::object asks = {}, json::object with = {});
  json::object accept(std::string_view agent, std::string_view offer);
  /// The agent's live offers.
  std::vector<std::string> offers(std::string_view agent);
  /// Who has a live offer of the conversation; empty: nobody.
  std::string offered_to(std::string_view conversation);
  /// Offered to somebody and accepted by him.
  std::string taken(json::object asks = {}, std::string_view kind = "email");
  json::object conversation(std::string_view id);
  json::object agent(std::string_view name);
  std::string state(std::string_view conversation);
  json::object by_owner(std::string_view script, std::string_view conversation, json::object more = {});
  json::array audit(bool repair = false);

 private:
  int count_ = 0;
};

/// The text of a member; empty when absent.
std::string text_of(const json::object& object, std::string_view name);
std::int64_t number_of(const json::object& object, std::string_view name);

}  // namespace peyk::test
