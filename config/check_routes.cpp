#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "config/checks.h"
#include "config/roster.h"

namespace peyk::config {
namespace {

std::set<std::string> form_fields(const Config& config) {
  std::set<std::string> names{"name", "email", "subject", "message"};
  for (const auto& [name, channel] : config.channels) {
    if (channel.form() == nullptr) continue;
    for (const auto& field : channel.form()->fields) names.insert(field.name);
  }
  return names;
}

void check_fields(Context& context, const Node& when, const std::set<std::string>& known) {
  for (const auto& member : when.members) {
    if (!member.key.starts_with("field.")) continue;
    const auto name = member.key.substr(6);
    if (!known.contains(name)) context.unknown(member.mark, "form field", name, {known.begin(), known.end()});
  }
}

/// A choice that the form never sends can never match.
void check_choices(Context& context, const Node& when, const Config& config) {
  for (const auto& [name, channel] : config.channels) {
    if (channel.form() == nullptr) continue;
    for (const auto& field : channel.form()->fields) {
      const auto* member = when.find("field." + field.name);
      if (member == nullptr || field.choices.empty() || member->value->kind != Node::Kind::scalar) continue;
      const auto& value = member->value->text;
      const bool offered = std::find(field.choices.begin(), field.choices.end(), value) != field.choices.end();
      if (!offered)
        context.warning(member->value->mark, fmt::format("\"{}\" is no choice of field \"{}\"", value, field.name));
    }
  }
}

class Routes {
 public:
  Routes(Context& context, const Config& config) : context_(context), config_(config), fields_(form_fields(config)) {}

  void check(const Node& node, const Route& route) {
    if (const auto* when = node.find("when")) {
      check_fields(context_, *when->value, fields_);
      check_choices(context_, *when->value, config_);
    }
    if (swallowed_by_ != 0 && !told_) {
      told_ = true;
      context_.warning(node.mark, fmt::format("never reached: the route at line {} matches everything", swallowed_by_));
    }
    if (route.when.matches_everything() && swallowed_by_ == 0) swallowed_by_ = node.mark.line;
    check_promise(node, route);
    check_prefer(node, route);
  }

 private:
  void check_promise(const Node& node, const Route& route) {
    const auto queue = config_.queues.find(route.queue);
    if (queue == config_.queues.end()) return;
    const auto first = route.first_reply.value_or(queue->second.promise.first_reply);
    const auto resolve = route.resolve.value_or(queue->second.promise.resolve);
    const bool own = route.first_reply || route.resolve;
    if (own && first > resolve) {
      context_.error(mark_of(node, {"promise", "first_reply"}), "the first reply is promised after the solution");
    }
  }

  void check_prefer(const Node& node, const Route& route) {
    const auto required = required_levels(config_, route);
    for (const auto& step : route.demand.prefer) {
      const bool asks_more = std::any_of(step.skills.begin(), step.skills.end(), [&required](const auto& skill) {
        const auto needed = required.find(skill.first);
        return needed == required.end() || needed->second < skill.second;
      });
      if (!asks_more && !step.skills.empty()) {
        context_.warning(mark_of(node, {"prefer"}), "asks for no more than is required anyway");
      }
    }
    check_rings(context_, mark_of(node, {"rings"}), route.queue, route.demand.rings);
  }

  Context& context_;
  const Config& config_;
  std::set<std::string> fields_;
  int swallowed_by_ = 0;  // the line of the first route that matches everything
  bool told_ = false;
};

}  // namespace

void check_routes(Context& context, const Node& root, const Config& config) {
  const auto* section = root.find("routes");
  if (section == nullptr || section->value->kind != Node::Kind::list) return;
  const auto& items = section->value->items;
  if (items.empty()) {
    context.error(section->mark, "no route: add one at the end that matches everything");
    return;
  }
  const auto* when = items.back()->find("when");
  const bool everything = when == nullptr || (when->value->kind == Node::Kind::map && when->value->members.empty()) ||
                          when->value->kind == Node::Kind::null;
  if (!everything) {
    context.error(items.back()->mark, "the last route must match everything: add one with a queue and no \"when\"");
  }
  Routes routes(context, config);
  for (std::size_t at = 0; at < items.size() && at < config.routes.size(); ++at) {
    routes.check(*items[at], config.routes[at]);
  }
}

}  // namespace peyk::config
