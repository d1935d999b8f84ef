#include "routing/store/runner.h"

#include <optional>
#include <unordered_map>
#include <utility>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "routing/store/scripts.h"
#include "routing/store/whole_text.h"

namespace peyk::routing::store {
namespace {

namespace json = boost::json;

constexpr Milliseconds kClockGrain{1};    // both clocks are read in whole milliseconds
constexpr int kClockSamples = 5;          // of which the quickest counts
constexpr Milliseconds kQuickTrip{10};    // with which no better one is looked for
constexpr Milliseconds kSlow{250};        // of a call, from which it is worth a line in the log
constexpr Milliseconds kClockStep{1000};  // from which a move of the store's clock is worth a line in the log

/// Null when there is none of that name.
const redis::Script* script_of(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const redis::Script*> map;
    for (const auto& script : all_scripts()) map.emplace(script.name, &script);
    return map;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

ErrorCode code_of(std::string_view word) {
  if (word == "not_found") return ErrorCode::not_found;
  if (word == "conflict") return ErrorCode::conflict;
  if (word == "invalid") return ErrorCode::invalid;
  if (word == "late") return ErrorCode::unavailable;
  if (word == "stale") return ErrorCode::stale;
  if (word == "damaged") return ErrorCode::unavailable;
  return ErrorCode::internal;
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::unexpected<Error> script_error(std::string_view script, const json::object& reply) {
  const auto word = text_of(reply, "error");
  const auto why = text_of(reply, "why");
  const auto code = why == "roster" ? ErrorCode::unavailable : code_of(word);  // no desk has been written yet
  auto message = text_of(reply, "message");
  if (code == ErrorCode::internal) spdlog::error("store.script_failed script={} message=\"{}\"", script, message);
  if (word == "late") message = "the store was too slow; nothing was done";
  // The word comes first, once: clients read it there.
  if (!why.empty() && !message.starts_with(why)) message = message.empty() ? why : fmt::format("{}: {}", why, message);
  if (message.empty()) message = word;
  return fail(code, std::move(message));
}

Result<json::object> read_reply(std::string_view script, const redis::Reply& reply) {
  boost::system::error_code error;
  auto value = json::parse(reply.text, error);
  if (error || !value.is_object()) {
    return fail(ErrorCode::internal, fmt::format("script {} answered no JSON object", script));
  }
  auto& object = value.as_object();
  auto* ok = object.if_contains("ok");
  if (ok == nullptr) return script_error(script, object);
  if (ok->is_object()) return std::move(ok->as_object());
  return json::object();  // an empty Lua table, which may be written as an array
}

void tell_offers(const json::object& reply, const std::function<void(const json::object&)>& listener) {
  const auto* shown = reply.if_contains("shown");
  if (shown == nullptr || !shown->is_array()) return;
  for (const auto& offer : shown->get_array()) {
    if (offer.is_object()) listener(offer.get_object());
  }
}

bool is_late(const redis::Reply& reply) {
  return !reply.text.starts_with(R"({"ok")") && reply.text.find(R"("error":"late")") != std::string::npos;
}

/// The store's clock, where the reply tells it.
std::optional<Time> time_told(const redis::Reply& reply) {
  boost::system::error_code error;
  const auto value = json::parse(reply.text, error);
  if (error || !value.is_object()) return std::nullopt;
  const auto* ok = value.get_object().if_contains("ok");
  if (ok == nullptr || !ok->is_object()) return std::nullopt;
  const auto* at = ok->get_object().if_contains("now");
  if (at == nullptr || !at->is_int64()) return std::nullopt;
  return from_unix_ms(at->get_int64());
}

std::size_t size_of(const redis::Reply& reply) {
  auto bytes = reply.text.size();
  for (const auto& item : reply.items) bytes += item.text.size();
  return bytes;
}

/// A call that did not come through: nobody knows more than that the store did not answer.
Error not_reached(Error error) {
  if (error.code == ErrorCode::timeout) {
    error.message = "the store did not answer in time; it may have been done all the same";
    error.code = ErrorCode::unavailable;
  }
  return error;
}

}  // namespace

const std::vector<redis::Script>& all_scripts() {
  static const auto scripts = redis::make_functions(script_names(), script_library());
  return scripts;
}

bool is_damaged(const Error& error) {
  return error.code == ErrorCode::unavailable && error.message.starts_with("damaged: ");
}

struct Runner::Call {
  const redis::Script& script;
  std::string key;
  std::vector<std::string> arguments;
};

Runner::Runner(redis::Client& client, const Clock& clock, RunnerOptions options)
    : client_(client), clock_(clock), options_(std::move(options)) {}

std::string Runner::key(std::string_view name) const {
  return fmt::format("peyk:{{{}}}:{}", options_.desk, name);
}

Time Runner::now() const {
  return clock_.now() + offset_;
}

asio::awaitable<Result<>> Runner::measure_clock() {
  if (options_.own_time) co_return Result<>();
  std::optional<ClockSample> best;
  for (int asked = 0; asked < kClockSamples && (!best || best->trip() > kQuickTrip); ++asked) {
    const auto sample = co_await ask_time();
    if (!sample && !best) co_return std::unexpected(sample.error());
    if (!sample) break;
    if (!best || sample->trip() < best->trip()) best = *sample;
  }
  if (best->trip() > longest_trip()) {
    co_return fail(ErrorCode::unavailable,
                   fmt::format("the store took {} ms to tell its time: what it told is too old", best->trip().count()));
  }
  heard(*best);
  co_return Result<>();
}

asio::awaitable<Result<Runner::ClockSample>> Runner::ask_time() {
  const auto before = clock_.now();
  auto reply = co_await client_.call({"TIME"});
  if (!reply) co_return std::unexpected(not_reached(reply.error()));
  if (reply->items.size() != 2) co_return fail(ErrorCode::internal, "TIME answered no time");
  const Time theirs(std::chrono::seconds(std::stoll(reply->items[0].text)) +
                    Milliseconds(std::stoll(reply->items[1].text) / 1000));
  co_return ClockSample{theirs, before, clock_.now()};
}

/// What is known stands as long as the sample does not contradict it: a slow answer tells less than a quick one told
/// earlier.
void Runner::heard(const ClockSample& sample) {
  const auto least = sample.theirs - sample.after - kClockGrain;
  const auto most = sample.theirs - sample.before + kClockGrain;
  if (offset_ >= least && offset_ <= most) return;
  const auto moved = (least + most) / 2 - offset_;
  if (clock_moves_ > 0 && std::chrono::abs(moved) >= kClockStep) {
    spdlog::warn("store.clock_moved desk={} by_ms={}", options_.desk, moved.count());
  }
  offset_ += moved;
  ++clock_moves_;
}

asio::awaitable<Result<json::object>> Runner::run(std::string_view name, Access access, std::string arguments,
                                                  std::string body) {
  const auto* script = script_of(name);
  if (script == nullptr) co_return fail(ErrorCode::internal, fmt::format("no script is called {}", name));
  const bool writes = access == Access::write;
  Call call{*script, key("meta"), {"", "", "", std::move(arguments)}};
  const bool named = writes && !options_.caller.empty();
  if (named || !body.empty()) call.arguments.push_back(std::move(body));
  if (named) call.arguments.push_back(options_.caller);
  auto result = co_await send_twice(name, std::move(call), writes);
  if (result && named && offer_listener_) tell_offers(*result, offer_listener_);
  co_return result;
}

/// A late call is made again when the store's clock had moved, a stale one without the comparison.
asio::awaitable<Result<json::object>> Runner::send_twice(std::string_view name, Call call, bool writes) {
  const auto known = clock_moves_;
  auto reply = co_await attempt(call, writes);
  if (reply && is_late(*reply)) {
    const bool moved = co_await clock_had_moved(known);
    if (moved) reply = co_await attempt(call, writes);
  }
  if (!reply) co_return std::unexpected(not_reached(reply.error()));
  auto result = read_reply(name, *reply);
  if (result || result.error().code != ErrorCode::stale) co_return result;
  if (!std::exchange(stale_, true)) spdlog::warn("desk.stale_configuration desk={}", options_.desk);
  reply = co_await attempt(call, writes);
  if (!reply) co_return std::unexpected(not_reached(reply.error()));
  co_return read_reply(name, *reply);
}

/// One sending of a call, with its times of now.
asio::awaitable<Result<redis::Reply>> Runner::attempt(Call& call, bool writes) {
  const auto before = clock_.now();
  const auto at = to_unix_ms(now());
  call.arguments[0] = options_.own_time ? std::to_string(at) : std::string();
  call.arguments[1] = writes ? std::to_string(at + options_.timeout.count()) : std::string();
  call.arguments[2] = writes && !stale_ ? config_ : std::string();
  auto reply = co_await send(call, writes);
  if (const auto took = clock_.now() - before; took >= kSlow) log_slow(call, took, reply ? size_of(*reply) : 0);
  if (reply) *reply = whole_text(std::move(*reply));
  if (reply && !options_.own_time && call.script.name == "timers") {
    const auto theirs = time_told(*reply);
    const ClockSample sample{theirs.value_or(Time()), before, clock_.now()};
    if (theirs && sample.trip() <= longest_trip()) heard(sample);
  }
  co_return reply;
}

/// What holds the store up is the call with the many bytes, or the one that comes again and again; when one is slow, so
/// are those behind it.
void Runner::log_slow(const Call& call, Milliseconds took, std::size_t reply_bytes) {
  const auto suppressed = slow_lines_.open(clock_.now());
  if (!suppressed) return;
  spdlog::warn("store.slow_call desk={} script={} ms={} reply_bytes={} suppressed={}", options_.desk, call.script.name,
               took.count(), reply_bytes, *suppressed);
}

/// After a `late`: whether the store's clock is not where it was taken to be at `known` moves. Others that came late
/// with this call may have found it out already.
asio::awaitable<bool> Runner::clock_had_moved(std::uint64_t known) {
  if (clock_moves_ == known) co_await measure_clock();
  co_return clock_moves_ != known;
}

asio::awaitable<Result<json::object>> Runner::write(std::string_view script, std::string arguments, std::string body) {
  return run(script, Access::write, std::move(arguments), std::move(body));
}

asio::awaitable<Result<json::object>> Runner::read(std::string_view script, std::string arguments) {
  return run(script, Access::read, std::move(arguments));
}

asio::awaitable<Result<redis::Reply>> Runner::send(const Call& call, bool writes) {
  if (writes && options_.replicas > 0) return send_replicated(call);
  return client_.eval(call.script, {call.key}, call.arguments);
}

/// The script and WAIT on one connection, so that WAIT counts that write. What is on this server but not on enough
/// others is not acknowledged; the same key again finds it stored, and waits again.
asio::awaitable<Result<redis::Reply>> Runner::send_replicated(const Call& call) {
  redis::Command function{"FCALL", call.script.function, "1", call.key};
  function.insert(function.end(), call.arguments.begin(), call.arguments.end());
  const redis::Command wait{"WAIT", std::to_string(options_.replicas), std::to_string(options_.timeout.count() / 2)};
  auto replies = co_await client_.pipeline({function, wait});
  if (replies && replies->size() == 2 && replies->front().text.find("Function not found") != std::string::npos) {
    replies = co_await client_.pipeline({{"FUNCTION", "LOAD", *call.script.library}, function, wait});
    if (replies && !replies->empty()) replies->erase(replies->begin());
  }
  if (!replies) co_return std::unexpected(replies.error());
  if (replies->size() != 2) co_return fail(ErrorCode::internal, "the store answered fewer replies than calls");
  if (replies->front().is_error()) co_return fail(ErrorCode::unavailable, replies->front().text);
  if (replies->back().integer < options_.replicas) {
    co_return fail(ErrorCode::unavailable,
                   fmt::format("stored, but on {} of {} replicas", replies->back().integer, options_.replicas));
  }
  co_return std::move(replies->front());
}

}  // namespace peyk::routing::store
