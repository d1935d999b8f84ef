#include "daemon/api_reading.h"

#include <charconv>
#include <functional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "daemon/api_request.h"
#include "daemon/detail.h"
#include "daemon/permissions.h"
#include "routing/json.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostListed = 200;
constexpr std::uint64_t kLastSeq = std::uint64_t{1} << 32U;

/// Whom he turns to for help; null when the configuration names nobody.
json::value supervisor_of(const config::Config& config, const config::Agent& agent) {
  const auto found = agent.supervisor ? config.agents.find(*agent.supervisor) : config.agents.end();
  if (found == config.agents.end()) return nullptr;
  return json::object{{"agent", found->first.str()}, {"name", found->second.display_name}};
}

/// Who turns to him for help.
json::array team_of(const config::Config& config, const AgentName& supervisor) {
  json::array team;
  for (const auto& [name, agent] : config.agents) {
    if (agent.supervisor == supervisor) team.emplace_back(name.str());
  }
  return team;
}

/// A whole number from `least` to `most`; `usual` when it is not given.
Result<std::uint64_t> number_in(const net::Request& request, const std::string& name, std::uint64_t usual,
                                std::uint64_t least, std::uint64_t most) {
  const auto found = request.query.find(name);
  if (found == request.query.end() || found->second.empty()) return usual;
  std::uint64_t value = 0;
  const auto* const last = found->second.data() + found->second.size();
  const auto [end, error] = std::from_chars(found->second.data(), last, value);
  if (error == std::errc() && end == last && value >= least && value <= most) return value;
  const auto rule = fmt::format("must be {} to {}", least, most);
  return fail(ErrorCode::unprocessable, name + " " + rule, {{name, rule}});
}

Result<routing::ConversationFilter> filter_of(const net::Request& request) {
  auto known = only_parameters(request, {"state", "queue", "agent", "after", "limit"});
  if (!known) return std::unexpected(known.error());
  const auto value = [&request](const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
  };
  routing::ConversationFilter filter;
  if (const auto state = value("state"); !state.empty()) {
    filter.state = routing::parse<routing::State>(state);
    if (!filter.state) {
      return fail(ErrorCode::unprocessable, "unknown state",
                  {{"state", "must be waiting, offered, active, pending, snoozed, resolved or closed"}});
    }
  }
  filter.queue = QueueName(value("queue"));
  filter.agent = AgentName(value("agent"));
  filter.after = value("after");
  const auto limit = number_in(request, "limit", filter.limit, 1, kMostListed);
  if (!limit) return std::unexpected(limit.error());
  filter.limit = *limit;
  return filter;
}

}  // namespace

void ReadingApi::attach(net::Routes& routes, LoginGuard& guard) {
  const auto get = [&](std::string pattern, auto method) {
    guard.add(routes, net::Method::get, std::move(pattern), std::bind_front(method, this));
  };
  get("/api/v1/me", &ReadingApi::me);
  get("/api/v1/queues", &ReadingApi::queues);
  get("/api/v1/agents", &ReadingApi::agents);
  get("/api/v1/conversations", &ReadingApi::conversations);
  get("/api/v1/conversations/{id}", &ReadingApi::conversation);
  get("/api/v1/conversations/{id}/messages", &ReadingApi::messages);
  get("/api/v1/conversations/{id}/explain", &ReadingApi::explain);
  get("/api/v1/contacts/{id}", &ReadingApi::contact);
}

asio::awaitable<Answer> ReadingApi::me(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  const auto view = co_await desk_.presence().view(caller.name);
  if (!view) co_return std::unexpected(view.error());
  const auto config = config_();
  auto body = routing::to_json(*view);
  body["agent"] = caller.name.str();
  body["role"] = to_string(caller.role);
  body["queues"] = routing::to_json_array(caller.queues);
  const auto agent = config->agents.find(caller.name);
  if (agent != config->agents.end()) {
    body["name"] = agent->second.display_name;
    body["email"] = agent->second.email;
    body["supervisor"] = supervisor_of(*config, agent->second);
  }
  body["team"] = team_of(*config, caller.name);
  co_return net::Response::json(200, std::move(body));
}

asio::awaitable<Answer> ReadingApi::queues(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  const auto views = co_await desk_.reader().queues();
  if (!views) co_return std::unexpected(views.error());
  json::array array;
  for (const auto& view : *views) {
    if (may_see_queue(caller, view.name)) array.emplace_back(routing::to_json(view));
  }
  co_return net::Response::json(200, json::object{{"queues", std::move(array)}});
}

asio::awaitable<Answer> ReadingApi::agents(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  const auto views = co_await desk_.reader().agents();
  if (!views) co_return std::unexpected(views.error());
  const auto config = config_();
  json::array array;
  for (const auto& view : *views) {
    auto shown = routing::to_json(view);
    const auto agent = config->agents.find(view.name);
    shown["display_name"] = agent == config->agents.end() ? view.name.str() : agent->second.display_name;
    shown["supervisor"] = agent == config->agents.end() ? json::value() : supervisor_of(*config, agent->second);
    if (caller.role == Role::agent && view.name != caller.name) {
      // Colleagues are there to be transferred to; what they have at hand is theirs.
      for (const auto* name : {"offers", "conversations", "reason"}) shown.erase(name);
    }
    array.emplace_back(std::move(shown));
  }
  co_return net::Response::json(200, json::object{{"agents", std::move(array)}});
}

asio::awaitable<Answer> ReadingApi::conversations(Caller caller, net::Request request) {
  auto filter = filter_of(request);
  if (!filter) co_return std::unexpected(filter.error());
  limit_to_visible(caller, *filter);
  const auto page = co_await desk_.reader().conversations(std::move(*filter));
  if (!page) co_return std::unexpected(page.error());
  json::value next = page->next.empty() ? json::value(nullptr) : json::value(page->next);
  co_return net::Response::json(
      200, json::object{{"conversations", routing::to_json_array(page->conversations)}, {"next", std::move(next)}});
}

asio::awaitable<Answer> ReadingApi::conversation(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  auto found = co_await desk_.reader().conversation(routing::ConversationId(std::string(request.capture("id"))));
  if (!found) co_return std::unexpected(found.error());
  if (auto allowed = permit(caller, Action::view, &*found); !allowed) co_return std::unexpected(allowed.error());
  auto detail = co_await load_detail(desk_.reader(), std::move(*found));
  if (!detail) co_return std::unexpected(detail.error());
  co_return net::Response::json(200, std::move(*detail));
}

asio::awaitable<Answer> ReadingApi::messages(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {"after", "limit"}); !known) co_return std::unexpected(known.error());
  const auto after = number_in(request, "after", 0, 0, kLastSeq);
  if (!after) co_return std::unexpected(after.error());
  const auto limit = number_in(request, "limit", kMostListed, 1, kMostListed);
  if (!limit) co_return std::unexpected(limit.error());
  const routing::ConversationId id(std::string(request.capture("id")));
  const auto found = co_await desk_.reader().conversation(id);
  if (!found) co_return std::unexpected(found.error());
  if (auto allowed = permit(caller, Action::view, &*found); !allowed) co_return std::unexpected(allowed.error());
  const auto page = co_await desk_.reader().page(id, *after, *limit);
  if (!page) co_return std::unexpected(page.error());
  json::value next = page->more ? json::value(page->messages.back().seq) : json::value(nullptr);
  json::array shown;
  for (const auto& message : page->messages) shown.emplace_back(routing::to_json(message));
  co_return net::Response::json(200, json::object{{"messages", std::move(shown)}, {"next", std::move(next)}});
}

asio::awaitable<Answer> ReadingApi::explain(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  const routing::ConversationId id(std::string(request.capture("id")));
  const auto found = co_await desk_.reader().conversation(id);
  if (!found) co_return std::unexpected(found.error());
  if (auto allowed = permit(caller, Action::view, &*found); !allowed) co_return std::unexpected(allowed.error());
  auto explanation = co_await desk_.reader().explain(id);
  if (!explanation) co_return std::unexpected(explanation.error());
  co_return net::Response::json(200, std::move(*explanation));
}

asio::awaitable<Answer> ReadingApi::contact(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  routing::ContactId id(std::string(request.capture("id")));
  const auto found = co_await permitted_contact(desk_.reader(), std::move(caller), std::move(id), Action::view);
  if (!found) co_return std::unexpected(found.error());
  auto body = routing::to_json(*found);
  body["conversations"] = routing::to_json_array(found->conversations);
  co_return net::Response::json(200, std::move(body));
}

}  // namespace peyk::daemon
