#include "routing/simulation/batch.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "routing/store/replies.h"
#include "routing/store/writer.h"

namespace peyk::routing::simulation {
namespace {

namespace json = boost::json;

// Scripts of one batch: so many that the way to the store and back costs little, so few that it answers soon.
constexpr int kLimit = 200;

const redis::Script& script() {
  static const auto& found = []() -> const redis::Script& {
    const auto& all = store::all_scripts();
    return *std::ranges::find(all, "batch", &redis::Script::name);
  }();
  return found;
}

redis::Command function_call(const store::Runner& runner, Batch batch) {
  store::ObjectWriter arguments;
  arguments.time("until", batch.until).duration("accept_after", batch.accept_after).number("limit", kLimit);
  arguments.raw("handling", batch.handling);
  redis::Command words{"FCALL", script().function, "1", runner.key("meta"), std::to_string(to_unix_ms(batch.begin)), "",
                       "",      arguments.take()};
  words.reserve(words.size() + 5 * batch.calls.size());
  for (auto& call : batch.calls) {
    words.push_back(std::to_string(to_unix_ms(call.at)));
    words.emplace_back(call.script);
    words.push_back(std::move(call.arguments));
    words.push_back(std::move(call.body));
    words.push_back(call.conversation.str());
  }
  return words;
}

/// Between an offer and its acceptance the agent's shift may have ended, or the customer have left; and what he works
/// on goes to another when his connection is lost for long.
bool is_expected(const json::object& refusal) {
  const auto& reply = store::object_in(refusal, "reply");
  if (store::text(reply, "error") != "conflict") return false;
  const auto script = store::text(refusal, "script");
  const auto why = store::text(reply, "why");
  return script == "accept" || ((script == "reply" || script == "resolve") && (why == "owner" || why == "state"));
}

Result<> check(const json::object& done) {
  for (const auto& item : store::array_in(done, "errors")) {
    if (!item.is_object() || is_expected(item.get_object())) continue;
    return fail(ErrorCode::internal, fmt::format("a script failed in the simulation: {}", json::serialize(item)));
  }
  return {};
}

std::vector<Load> read_loads(const json::array& flat) {
  std::vector<Load> loads;
  loads.reserve(flat.size() / 3);
  for (std::size_t i = 0; i + 2 < flat.size(); i += 3) {
    loads.push_back({from_unix_ms(flat[i].to_number<std::int64_t>()),
                     AgentName(std::string(flat[i + 1].as_string())),
                     {flat[i + 2].to_number<std::int64_t>()}});
  }
  return loads;
}

Result<BatchDone> read(const std::vector<redis::Reply>& replies) {
  if (replies.size() != 3) return fail(ErrorCode::internal, "the store answered fewer replies than calls");
  for (const auto& reply : replies) {
    if (reply.is_error()) return fail(ErrorCode::unavailable, "the store of the simulation failed: " + reply.text);
  }
  boost::system::error_code error;
  const auto value = json::parse(replies[0].text, error);
  const auto* object = error ? nullptr : value.if_object();
  const auto* ok = object != nullptr ? object->if_contains("ok") : nullptr;
  if (ok == nullptr || !ok->is_object()) {
    return fail(ErrorCode::internal, "a batch of the simulation failed: " + replies[0].text);
  }
  const auto& done = ok->get_object();
  if (const auto checked = check(done); !checked) return std::unexpected(checked.error());
  BatchDone read{static_cast<std::size_t>(store::number(done, "done")),
                 store::number(done, "ran"),
                 store::time(done, "at").value_or(Time()),
                 read_loads(store::array_in(done, "loads")),
                 {}};
  read.events.reserve(replies[1].items.size());
  for (const auto& entry : replies[1].items) std::ranges::move(read_events(entry), std::back_inserter(read.events));
  return read;
}

}  // namespace

asio::awaitable<Result<BatchDone>> run_batch(redis::Client& client, const store::Runner& runner, Batch batch) {
  const auto events = runner.key("events");
  std::vector<redis::Command> commands{
      function_call(runner, std::move(batch)), {"XRANGE", events, "-", "+"}, {"XTRIM", events, "MAXLEN", "0"}};
  const auto replies = co_await client.pipeline(std::move(commands));
  if (!replies) co_return std::unexpected(replies.error());
  co_return read(*replies);
}

}  // namespace peyk::routing::simulation
