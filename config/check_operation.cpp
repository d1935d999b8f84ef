#include <map>

#include <fmt/format.h>

#include "config/checks.h"
#include "config/url.h"

namespace peyk::config {
namespace {

void check_redis_url(Context& context, const Node& root, const Redis& redis) {
  const auto mark = mark_of(root, {"redis", "url"});
  const auto url = parse_url(redis.url);
  const bool known = url && (url->scheme == "redis" || url->scheme == "rediss" || url->scheme == "unix");
  const bool placed = known && (url->scheme == "unix" ? url->host.empty() && url->path.size() > 1 : !url->host.empty());
  if (!placed) {
    context.error(mark, "expected redis://HOST:PORT/DB, rediss://HOST:PORT/DB or unix:///PATH");
  } else if (url->user.find(':') != std::string::npos) {
    context.error(mark, "a password does not belong here: put it into a file and name that in \"password_file\"");
  }
  if (placed && !redis.ca_file.empty() && url->scheme != "rediss") {
    context.warning(mark_of(root, {"redis", "ca_file"}), "\"ca_file\" counts only with rediss://");
  }
}

void check_redis(Context& context, const Node& root, const Redis& redis) {
  const auto* section = root.find("redis");
  if (section == nullptr || section->value->kind != Node::Kind::map) return;
  const bool url = section->value->find("url") != nullptr;
  if (redis.embedded && url) {
    context.error(mark_of(root, {"redis", "url"}), "either \"url\" or \"embedded: true\", not both");
  } else if (!redis.embedded && !url) {
    context.error(section->mark, "\"url\" is missing (or \"embedded: true\")");
  } else if (url && !redis.url.empty()) {
    check_redis_url(context, root, redis);
  }
  if (redis.embedded && redis.durability == Durability::replicated) {
    context.error(mark_of(root, {"redis", "durability"}), "an embedded store has no replicas");
  }
  if (redis.durability != Durability::replicated && section->value->find("replicas") != nullptr) {
    context.warning(mark_of(root, {"redis", "replicas"}), "\"replicas\" counts only with durability: replicated");
  }
}

}  // namespace

Mark mark_of(const Member& member, std::initializer_list<std::string_view> path) {
  const auto* found = &member;
  for (const auto key : path) {
    const auto* next = found->value->find(key);
    if (next == nullptr) break;
    found = next;
  }
  return found->value->kind == Node::Kind::scalar ? found->value->mark : found->mark;
}

Mark mark_of(const Node& root, std::initializer_list<std::string_view> path) {
  const auto* node = &root;
  auto mark = root.mark;
  for (const auto key : path) {
    const auto* member = node->find(key);
    if (member == nullptr) break;
    node = member->value.get();
    mark = node->kind == Node::Kind::scalar ? node->mark : member->mark;
  }
  return mark;
}

void check_operation(Context& context, const Node& root, const Config& config) {
  check_redis(context, root, config.redis);
  if (config.http.listen.empty()) {
    context.warning(mark_of(root, {"http"}), "without \"http.listen\" no agent can log in");
  }
  const auto& outbox = config.outbox;
  if (outbox.retry_after > outbox.retry_limit) {
    context.error(mark_of(root, {"outbox", "retry_after"}), "\"retry_after\" is longer than \"retry_limit\"");
  }
  if (config.promise_clock == PromiseClock::open_hours && root.find("promise_clock") != nullptr &&
      config.hours.empty()) {
    context.warning(mark_of(root, {"promise_clock"}), "no hours are declared: every promise runs always");
  }
}

}  // namespace peyk::config
