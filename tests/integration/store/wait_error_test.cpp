// The published error of the estimated waits, against one that is worked out by hand from the events of a day.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "routing/wait_estimate.h"
#include "tests/support/store.h"
#include "tests/support/stream.h"

namespace peyk::test {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kAcceptAfter = 2'000;

double seconds(Milliseconds duration) {
  return static_cast<double>(duration.count()) / 1000;
}

/// The mean in which each of the newest weighs a twentieth of what is left, and the first twenty share the rest.
double remembered(const std::vector<double>& values) {
  const auto first = std::min<std::size_t>(values.size(), 20);
  double mean = 0;
  double left = 1;
  for (auto at = values.size(); at > first; --at) {
    mean += values[at - 1] * left * 0.05;
    left *= 0.95;
  }
  for (std::size_t at = 0; at < first; ++at) mean += values[at] * left / static_cast<double>(first);
  return mean;
}

/// One kind of a queue.
struct Line {
  int waiting = 0;
  int served = 0;
  std::vector<double> handled, in_queue, left;
  std::optional<double> last_wait;

  std::optional<double> median_of_the_last() const {
    if (handled.size() < 10 || served == 0) return last_wait >= 1.0 ? last_wait : std::nullopt;
    const double leaves = in_queue.empty() ? 0 : remembered(left) / remembered(in_queue);
    return routing::estimate_wait({static_cast<double>(served), 1 / remembered(handled), leaves}, waiting)->p50;
  }
};

struct Case {
  std::string queue, kind;
  Time came;
  std::optional<Time> served;  // by an agent who considers it, or has it
  std::optional<double> said;
  double considered = 0;  // before that
  bool taken = false;
  bool waits = false;
  bool in_line = false;  // and not under an offer
};

/// What was said to each who joined the end of a line, what came true, and their means.
struct ByHand {
  std::map<std::string, Line> lines;
  std::map<std::string, Case> cases;
  std::map<std::string, std::vector<double>> waits, told, errors;

  void observe(const routing::Event& event) {
    const auto type = event.type;
    if (type == "conversation.created") {
      cases[event.conversation.str()] = {.queue = std::string(event.get("queue")),
                                         .kind = std::string(event.get("kind")),
                                         .came = event.at,
                                         .served = {},
                                         .said = {}};
      return;
    }
    const auto found = cases.find(event.conversation.str());
    if (found == cases.end()) return;
    auto& one = found->second;
    if (one.queue != event.get("queue")) move(one, event);
    auto& line = lines[one.queue + one.kind];
    const auto state = event.get("state");
    stand(one, line, state == "waiting");
    if (type == "conversation.resolved" && one.taken) {
      line.handled.push_back(one.considered + seconds(event.at - *one.served));
    }
    serve(one, line, event.at, state == "offered" || state == "active");
    if (type == "conversation.queued" && !one.waits) {
      one.waits = true;
      if (event.cause == "arrived" && one.came == event.at) one.said = line.median_of_the_last();
    } else if (type == "conversation.assigned") {
      if (one.waits) came_true(one, line, event.at);
      one.taken = true;
    } else if (type == "conversation.resolved") {
      end(one, line, event);
      cases.erase(found);
    }
  }

  /// It stops waiting in one line, and whether it waits in the other is still to come.
  void move(Case& one, const routing::Event& event) {
    auto& left = lines[one.queue + one.kind];
    stand(one, left, false);
    serve(one, left, event.at, false);
    one.considered = 0;
    if (one.waits) stop_waiting(one, left, event.at, 0);
    one.queue = std::string(event.get("queue"));
    one.came = event.at;
    one.said.reset();
  }
  static void stand(Case& one, Line& line, bool in_line) {
    line.waiting += static_cast<int>(in_line) - static_cast<int>(one.in_line);
    one.in_line = in_line;
  }
  static void serve(Case& one, Line& line, Time at, bool serves) {
    line.served += static_cast<int>(serves) - static_cast<int>(one.served.has_value());
    if (one.served && !serves) one.considered += seconds(at - *one.served);
    if (!serves) one.served.reset();
    if (serves && !one.served) one.served = at;
  }
  static void stop_waiting(Case& one, Line& line, Time at, double left) {
    line.in_queue.push_back(seconds(at - one.came));
    line.left.push_back(left);
    one.waits = false;
  }
  void came_true(Case& one, Line& line, Time at) {
    const double waited = seconds(at - one.came);
    line.last_wait = waited;
    waits[one.queue].push_back(waited);
    if (one.said) {
      told[one.queue].push_back(waited);
      errors[one.queue].push_back(std::abs(*one.said - waited));
    }
    stop_waiting(one, line, at, 0);
  }
  static void end(Case& one, Line& line, const routing::Event& event) {
    if (one.waits) stop_waiting(one, line, event.at, event.actor.starts_with("customer") ? 1 : 0);
  }
  double error_ratio(const std::string& queue) { return remembered(errors[queue]) / remembered(told[queue]); }
};

/// Three hours of mails and chats: at first more come than two agents can take; some give up, some overflow to a third.
struct Day : StoreFixture {
  enum class Deed { arrive, leave, accept, resolve };
  struct Planned {
    Deed deed;
    int which = 0;  // of the customers
    std::string agent{}, offer{};
  };
  struct Customer {
    std::string kind;
    std::int64_t handling = 0, patience = 0;
    std::optional<std::int64_t> came, taken;
    bool queued = false, moved = false;
  };

  std::unique_ptr<routing::WaitEstimator> estimator = routing::create_wait_estimator();
  ByHand hand;
  std::vector<Customer> customers;
  std::multimap<std::int64_t, Planned> agenda;
  std::string last_event;

  Day() {
    auto settings = standard_settings();
    settings["presence"].as_object()["lease"] = 24 * kHour;
    settings["kinds"] = json::object{{"chat", {{"weight", 100}, {"dormant_weight", 100}}},
                                     {"email", {{"weight", 100}, {"dormant_weight", 100}}}};
    store.call("roster_settings", settings);
    auto queue = standard_queue("service");
    queue["overflow"] = json::array{json::object{{"after", 90'000}, {"to", {{"queue", "billing"}}}}};
    store.call("roster_queue", queue);
    for (const auto* agent : {"ani", "bela"}) available({.name = agent, .capacity = 100});
    available({.name = "cora", .queues = {"billing"}, .capacity = 100});
    draw();
  }

  void draw() {
    std::mt19937 random(20261122);
    const auto upto = [&random](std::int64_t limit) { return static_cast<std::int64_t>(random()) % limit; };
    for (int i = 0; i < 320; ++i) {
      const auto at = store.now + upto(i % 4 == 0 ? 3 * kHour : kHour * 3 / 2);
      customers.push_back(
          {.kind = upto(3) == 0 ? "email" : "chat", .handling = 5'000 + upto(90'000), .came = {}, .taken = {}});
      if (upto(3) > 0) customers.back().patience = 1'000 + upto(600'000);
      agenda.emplace(at, Planned{Deed::arrive, i});
    }
  }

  void live() {
    while (!agenda.empty()) {
      const auto next = agenda.begin()->first;
      while (store.now < next) {
        store.pass(std::min<std::int64_t>(5'000, next - store.now));
        listen();
      }
      const auto planned = agenda.extract(agenda.begin()).mapped();
      run(planned);
      listen();
    }
  }

  void run(const Planned& planned) {
    auto& customer = customers[static_cast<std::size_t>(planned.which)];
    const auto id = "c_" + std::to_string(planned.which);
    const auto address = "customer-" + std::to_string(planned.which) + "@x.example";
    const json::object sender{{"kind", "email"}, {"value", address}};
    if (planned.deed == Deed::arrive) {
      arrive(customer.kind, {}, {{"conversation", id}, {"sender", sender}});
      customer.came = store.now;
      if (customer.patience > 0) agenda.emplace(store.now + customer.patience, Planned{Deed::leave, planned.which});
    } else if (planned.deed == Deed::leave && !customer.taken) {
      store.call("end", {{"conversation", id}, {"sender", sender}});
    } else if (planned.deed == Deed::accept) {
      // Gone with a customer who left.
      store.raw("accept", {{"agent", planned.agent}, {"actor", actor(planned.agent)}, {"offer", planned.offer}}, "{}");
    } else if (planned.deed == Deed::resolve) {
      by_owner("resolve", id);
    }
  }

  void listen() {
    for (const auto& event : read_stream(store, last_event)) {
      last_event = event.id;
      estimator->observe(event);
      hand.observe(event);
      plan_after(event);
    }
  }

  void plan_after(const routing::Event& event) {
    if (event.type.starts_with("agent.") || event.type.starts_with("roster.")) return;
    const int which = std::stoi(event.conversation.str().substr(2));
    auto& customer = customers[static_cast<std::size_t>(which)];
    if (event.type == "conversation.queued") customer.queued = true;
    if (event.type == "conversation.overflowed") customer.moved = true;
    if (event.type == "offer.made") {
      agenda.emplace(store.now + kAcceptAfter,
                     Planned{Deed::accept, which, std::string(event.get("to")), std::string(event.get("offer"))});
    } else if (event.type == "conversation.assigned") {
      customer.taken = store.now;
      agenda.emplace(store.now + customer.handling, Planned{Deed::resolve, which});
    }
  }

  double error_of(const char* queue) const { return estimator->error_ratio(QueueName(queue)); }
};

}  // namespace

TEST_CASE_FIXTURE(Day, "the error of the estimated waits is what a calculation by hand from a day's events gives") {
  live();
  CHECK(hand.waits["service"].size() > 60);
  CHECK(hand.errors["service"].size() > 50);
  CHECK(hand.waits["billing"].size() > 20);
  CHECK(error_of("service") == doctest::Approx(hand.error_ratio("service")).epsilon(1e-9));
  // Who came by overflow stood anywhere in the line: nothing was said to him, so that no error is known.
  CHECK(hand.errors["billing"].empty());
  CHECK(error_of("billing") == 0);
  // And what came true is what the customers had who were not moved.
  std::vector<double> had;
  for (const auto& customer : customers) {
    if (customer.taken && customer.queued && !customer.moved) {
      had.push_back(static_cast<double>(*customer.taken - *customer.came) / 1000);
    }
  }
  std::ranges::sort(had);
  std::ranges::sort(hand.waits["service"]);
  CHECK(had == hand.waits["service"]);
}

}  // namespace peyk::test
