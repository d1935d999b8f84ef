#include <set>

#include <fmt/format.h>

#include "config/checks.h"

namespace peyk::config {
namespace {

class Overflows {
 public:
  Overflows(Context& context, const Node& root, const Config& config)
      : context_(context), root_(root), config_(config) {}

  /// Follows every overflow from `queue`; a queue met again on the way is a cycle, reported once.
  void follow(const Queue& queue) {
    if (done_.contains(queue.name)) return;
    way_.push_back(queue.name);
    for (const auto& rule : queue.overflow) {
      if (rule.to.empty()) continue;
      const auto met = std::find(way_.begin(), way_.end(), rule.to);
      if (met != way_.end()) {
        report(queue.name, met);
        continue;
      }
      const auto next = config_.queues.find(rule.to);
      if (next != config_.queues.end()) follow(next->second);
    }
    way_.pop_back();
    done_.insert(queue.name);
  }

 private:
  void report(const QueueName& at, std::vector<QueueName>::const_iterator from) {
    std::string cycle;
    for (auto step = from; step != way_.end(); ++step) cycle += step->str() + " → ";
    context_.error(mark_of(root_, {"queues", at.str(), "overflow"}),
                   fmt::format("a cycle of overflows: {}{}", cycle, from->str()));
  }

  Context& context_;
  const Node& root_;
  const Config& config_;
  std::vector<QueueName> way_;
  std::set<QueueName> done_;
};

void check_hours_overflow(Context& context, const Member& member, const Queue& queue) {
  for (const auto& rule : queue.overflow) {
    if (!rule.when.hours_closed || !queue.hours.empty()) continue;
    context.error(mark_of(member, {"overflow"}),
                  fmt::format("queue \"{}\" has no hours, so \"hours: closed\" never holds", queue.name.str()));
  }
}

void check_retired(Context& context, const Node& root, const Config& config) {
  for (const auto& [name, to] : config.retired_queues) {
    const auto mark = mark_of(root, {"retired_queues", name.str()});
    if (config.queues.contains(name)) {
      context.error(mark, fmt::format("\"{}\" is among \"queues\" too: it is either there or retired", name.str()));
    }
  }
}

void check_queue(Context& context, const Member& member, const Queue& queue) {
  const auto& promise = queue.promise;
  if (promise.resolve > Duration::zero() && promise.first_reply > promise.resolve) {
    context.error(mark_of(member, {"promise", "first_reply"}), "longer than \"resolve\"");
  }
  if (queue.offer.cooldown > queue.offer.cooldown_max) {
    context.error(mark_of(member, {"offer", "cooldown"}), "longer than \"cooldown_max\"");
  }
  check_rings(context, mark_of(member, {"rings"}), queue.name, queue.demand.rings);
  check_hours_overflow(context, member, queue);
}

}  // namespace

void check_rings(Context& context, const Mark& mark, const QueueName& queue, const std::vector<Ring>& rings) {
  Duration last = Duration::zero();
  for (const auto& ring : rings) {
    if (!queue.empty() && ring.queue == queue) {
      context.error(mark, fmt::format("a ring to its own queue \"{}\"", queue.str()));
    }
    if (ring.after <= last && ring.after > Duration::zero()) {
      context.error(mark, "each ring comes after the one before it: let \"after\" rise");
    }
    last = ring.after;
  }
}

void check_queues(Context& context, const Node& root, const Config& config) {
  Overflows overflows(context, root, config);
  in_file_order(root, "queues", config.queues, [&](const Queue& queue, const Member& member) {
    check_queue(context, member, queue);
    overflows.follow(queue);
  });
  const auto* section = root.find("queues");
  if (section != nullptr && section->value->kind == Node::Kind::map && section->value->members.empty()) {
    context.error(section->mark, "no queue: nothing could wait anywhere");
  }
  check_retired(context, root, config);
}

}  // namespace peyk::config
