#include "tests/bench/support/floor.h"

#include <fmt/format.h>

#include "tests/bench/support/http.h"

namespace peyk::bench {
namespace {

/// The offers that a call made.
void offers_in(std::string_view reply, std::deque<Offer>& into) {
  const auto made = reply.find("\"made\":[");
  if (made == std::string_view::npos) return;
  const auto end = reply.find(']', made);
  for (auto at = reply.find('{', made); at < end; at = reply.find('{', at + 1)) {
    const auto one = reply.substr(at, reply.find('}', at) - at);
    into.emplace_back(std::string(member(one, "offer")), std::string(member(one, "agent")),
                      std::string(member(one, "conversation")));
  }
}

asio::awaitable<void> accept(StoreDesk& desk, const Offer& offer) {
  co_await desk.call("accept", fmt::format(R"({{"agent":"{0}","actor":{{"kind":"agent","name":"{0}"}},"offer":"{1}"}})",
                                           offer.agent, offer.id));
}

asio::awaitable<std::string> resolve(StoreDesk& desk, const Offer& offer) {
  auto reply = co_await desk.call(
      "resolve", fmt::format(R"({{"conversation":"{1}","agent":"{0}","actor":{{"kind":"agent","name":"{0}"}}}})",
                             offer.agent, offer.conversation));
  co_return std::move(reply);
}

asio::awaitable<void> cycles(StoreDesk& desk, Floor& floor, int times, std::deque<Offer>* live) {
  for (int i = 0; i < times; ++i) {
    const auto reply = co_await floor.arrive();
    offers_in(reply, *live);
    if (live->empty()) continue;
    const auto offer = std::move(live->front());
    live->pop_front();
    co_await accept(desk, offer);
    const auto made = co_await resolve(desk, offer);
    offers_in(made, *live);
  }
}

}  // namespace

Floor::Floor(StoreDesk& desk, int agents) : desk_(desk), random_(7) {
  desk_.now_call("roster_settings", R"({"presence":{"lease":20000,"grace":30000,"reassign_after":120000},
    "conversations":{"reopen_within":604800000,"last_agent_within":2592000000,"pending_for":259200000,
    "keep_delivery_keys":2592000000},"urgency":{"exponent":1,"values":{"low":0.5,"normal":1,"high":2,"urgent":4}},
    "kinds":{"chat":{"weight":200,"dormant_weight":50},"email":{"weight":100},"form":{"weight":100}}})");
  for (int i = 0; i < kQueues; ++i) {
    desk_.now_call("roster_queue",
                   fmt::format(R"({{"queue":"q{}","promise_s":120,"offer":{{"timeout":86400000,"cooldown":60000,
                     "cooldown_max":600000,"misses_before_away":3,"parallel":1}}}})",
                               i));
  }
  for (int i = 0; i < agents; ++i) add(i);
}

void Floor::available(int agents, std::deque<Offer>* made) {
  for (int i = 0; i < agents; ++i) {
    desk_.now_call("renew", fmt::format(R"({{"agent":"agent-{}","socket":"s"}})", i));
    const auto reply =
        desk_.now_call("presence", fmt::format(R"({{"agent":"agent-{0}","actor":{{"kind":"agent","name":"agent-{0}"}},)"
                                               R"("state":"available"}})",
                                               i));
    offers_in(reply, *made);
  }
}

asio::awaitable<std::string> Floor::arrive() {
  const auto n = ++count_;
  const auto now = desk_.now();
  const auto level = below(3);
  const auto require = level == 0 ? std::string() : fmt::format(R"("require":{{"s{}":{}}},)", below(kSkills), level);
  constexpr std::string_view kKinds[] = {"chat", "email", "form"};
  const auto kind = kKinds[static_cast<std::size_t>(below(3))];
  // Ids of the length that the daemon makes.
  auto arguments = fmt::format(
      R"({{"conversation":"c_{0:016}","message":"m_{0:016}","contact":"p_{0:016}","token":"{0:022}",)"
      R"("delivery_key":"<{0:032}@mail.example>","channel":"support","kind":"{1}","name":"Sara Petrosyan",)"
      R"("subject":"The cooler leaks again","sender":{{"kind":"email","value":"sara.{0}@customers.example"}},)"
      R"("class":{{"queue":"q{2}",{3}"priority":"normal","promise_s":120,"first_reply_by":{4},"resolve_by":{5},)"
      R"("language":"en","rule":"route 3","config_version":"0123456789abcdef"}}}})",
      n, kind, below(kQueues), require, now + 120'000, now + 86'400'000);
  auto reply = co_await desk_.call("receive", std::move(arguments), fmt::format(R"({{"text":"{}"}})", kText));
  co_return std::move(reply);
}

void Floor::add(int number) {
  std::string skills;
  for (int i = 0; i < kSkills; ++i) skills += fmt::format("{}\"s{}\":{}", i == 0 ? "" : ",", i, 1 + below(5));
  std::string queues;
  const int first = below(kQueues);
  for (int i = 0; i < kQueuesOfAgent; ++i) {
    queues += fmt::format("{}\"q{}\"", i == 0 ? "" : ",", (first + 7 * i) % kQueues);
  }
  desk_.now_call("roster_agent", fmt::format(R"({{"agent":"agent-{0}","name":"Agent {0}","skills":{{{1}}},)"
                                             R"("queues":[{2}],"capacity":600}})",
                                             number, skills, queues));
}

asio::awaitable<void> arrivals(Floor& floor, int times, std::deque<Offer>* live) {
  for (int i = 0; i < times; ++i) {
    const auto reply = co_await floor.arrive();
    offers_in(reply, *live);
  }
}

Scene::Scene(int agents, int rounds) : floor(desk, agents) {
  floor.available(agents, &live);
  desk.all({rounds}, cycling());
}

Worker Scene::cycling() {
  return [this](int times) { return cycles(desk, floor, times, &live); };
}

Worker Scene::arriving() {
  return [this](int times) { return arrivals(floor, times, &live); };
}

void Scene::fill(int until) {
  const auto more = until - waiting;
  if (more >= kCallers) desk.all({more}, arriving());
  waiting = until;
}

}  // namespace peyk::bench
