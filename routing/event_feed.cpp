#include "routing/event_feed.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "routing/listeners.h"

namespace peyk::routing {
namespace {

constexpr auto kBlock = std::chrono::milliseconds(5000);
constexpr auto kReadLimit = kBlock + std::chrono::milliseconds(5000);
constexpr auto kRetry = std::chrono::milliseconds(200);
constexpr auto kPage = "500";
constexpr char kSeparator = '\x1f';  // of an entry's names and values; the scripts let none of these hold it

/// "1795321560123-4": milliseconds and a number within them.
struct EntryId {
  std::uint64_t ms = 0;
  std::uint64_t number = 0;
  friend auto operator<=>(const EntryId&, const EntryId&) = default;
};

EntryId parse_id(std::string_view text) {
  EntryId id;
  const auto dash = std::min(text.find('-'), text.size());
  std::from_chars(text.data(), text.data() + dash, id.ms);
  if (dash < text.size()) std::from_chars(text.data() + dash + 1, text.data() + text.size(), id.number);
  return id;
}

using Word = std::pair<std::string_view, std::string_view>;

/// Names of fields and what types begin with, as the scripts write them and as the API says them (docs/store.md).
constexpr std::array kNames{Word{"n", "seq"},
                            Word{"s", "state"},
                            Word{"q", "queue"},
                            Word{"w", "agent"},
                            Word{"m", "message"},
                            Word{"ms", "message_seq"},
                            Word{"mst", "message_state"},
                            Word{"o", "offer"},
                            Word{"ex", "expires_at"},
                            Word{"dec", "decision"},
                            Word{"ch", "channel"},
                            Word{"rel", "related"},
                            Word{"d", "demand"},
                            Word{"k", "kind"},
                            Word{"pr", "priority"},
                            Word{"na", "next_actor"},
                            Word{"nx", "next_at"},
                            Word{"us", "unanswered_since"},
                            Word{"fr", "first_replied_at"},
                            Word{"du", "due"},
                            Word{"out", "outcome"},
                            Word{"ct", "contact"},
                            Word{"ref", "reference"},
                            Word{"t1", "first_reply_by"},
                            Word{"t2", "resolve_by"}};
constexpr std::array kAreas{Word{"c", "conversation"}, Word{"m", "message"}, Word{"o", "offer"}, Word{"a", "agent"}};

template <std::size_t kCount>
std::string_view whole(const std::array<Word, kCount>& words, std::string_view brief) {
  const auto* found = std::ranges::find(words, brief, &Word::first);
  return found == words.end() ? brief : found->second;
}

/// "c.created" as "conversation.created".
std::string whole_type(std::string_view brief) {
  const auto dot = std::min(brief.find('.'), brief.size());
  return fmt::format("{}{}", whole(kAreas, brief.substr(0, dot)), brief.substr(dot));
}

void take(std::string_view name, std::string_view value, Event& event) {
  if (name == "at") {
    std::int64_t ms = 0;
    std::from_chars(value.data(), value.data() + value.size(), ms);
    event.at = from_unix_ms(ms);
  } else if (name == "v") {
    std::from_chars(value.data(), value.data() + value.size(), event.version);
  } else if (name == "t") {
    event.type = whole_type(value);
  } else if (name == "c") {
    event.conversation = ConversationId(std::string(value));
  } else if (name == "a") {
    event.actor = value;
  } else if (name == "y") {
    event.cause = value;
  } else {
    event.ids.emplace(whole(kNames, name), value);
  }
}

/// Names and values in turn, apart by kSeparator.
void take_all(std::string_view text, Event& event) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto name_end = text.find(kSeparator, at);
    if (name_end == std::string_view::npos) return;
    const auto from = name_end + 1;
    const auto end = std::min(text.find(kSeparator, from), text.size());
    take(text.substr(at, name_end - at), text.substr(from, end - from), event);
    at = end + 1;
  }
}

class RedisEventFeed : public EventFeed {
 public:
  RedisEventFeed(asio::any_io_executor executor, redis::ClientOptions options, std::string desk)
      : key_(fmt::format("peyk:{{{}}}:events", desk)),
        client_(redis::create_client(executor, std::move(options))),
        stands_(executor),
        tasks_(std::move(executor), "event-feed") {}

  void start() override {
    client_->on_disconnected([this] { look_back_ = true; });
    client_->start({});
    tasks_.spawn("read", read());
  }

  asio::awaitable<void> stop() override {
    co_await tasks_.stop();
    co_await client_->stop();
  }

  asio::awaitable<bool> begun(Milliseconds limit) override {
    if (last_.empty()) co_await stands_.wait(limit);
    co_return !last_.empty();
  }

  std::unique_ptr<Subscription> listen(Listener listener) override { return listeners_.add(std::move(listener)); }
  std::unique_ptr<Subscription> on_gap(std::function<void()> listener) override {
    return gap_listeners_.add(std::move(listener));
  }

 private:
  asio::awaitable<void> read() {
    for (;;) {
      const auto progress = co_await read_some();
      if (progress) continue;
      if (progress.error().code == ErrorCode::cancelled) co_return;
      if (std::exchange(trouble_, progress.error().message) != progress.error().message) {
        spdlog::warn("events.unread reason=\"{}\"", trouble_);
      }
      co_await sleep_for(kRetry);
    }
  }

  asio::awaitable<Result<>> read_some() {
    if (last_.empty()) {
      const auto begun = co_await begin();
      if (!begun) co_return begun;
    }
    if (look_back_) {
      const auto looked = co_await find_gap();
      if (!looked) co_return looked;
    }
    auto reply = co_await client_->call(
        {"XREAD", "COUNT", kPage, "BLOCK", std::to_string(kBlock.count()), "STREAMS", key_, last_}, kReadLimit);
    if (!reply) co_return std::unexpected(reply.error());
    trouble_.clear();
    if (reply->items.empty() || reply->items[0].items.size() != 2) co_return Result<>();
    for (const auto& entry : reply->items[0].items[1].items) take(entry);
    co_return Result<>();
  }

  void take(const redis::Reply& entry) {
    const auto events = read_events(entry);
    if (events.empty()) return;
    last_ = events.front().id;
    for (const auto& event : events) listeners_.call(event);
  }

  /// From the stream's end on; whoever listens has read the rest from the store.
  asio::awaitable<Result<>> begin() {
    auto reply = co_await client_->call({"XREVRANGE", key_, "+", "-", "COUNT", "1"});
    if (!reply) co_return std::unexpected(reply.error());
    last_ = reply->items.empty() || reply->items[0].items.empty() ? "0-0" : reply->items[0].items[0].text;
    look_back_ = false;
    stands_.notify();
    co_return Result<>();
  }

  /// After a lost connection: was something trimmed that was not read, or did the store come back with less than it
  /// had?
  asio::awaitable<Result<>> find_gap() {
    auto first = co_await client_->call({"XRANGE", key_, "-", "+", "COUNT", "1"});
    if (!first) co_return std::unexpected(first.error());
    auto newest = co_await client_->call({"XREVRANGE", key_, "+", "-", "COUNT", "1"});
    if (!newest) co_return std::unexpected(newest.error());
    look_back_ = false;
    const auto id_of = [](const redis::Reply& reply) {
      return reply.items.empty() || reply.items[0].items.empty() ? EntryId() : parse_id(reply.items[0].items[0].text);
    };
    const auto read = parse_id(last_);
    const bool fell_back = id_of(*newest) < read;
    if (fell_back) last_ = newest->items.empty() ? "0-0" : newest->items[0].items[0].text;
    const bool trimmed = read != EntryId() && id_of(*first) > read;
    if (fell_back || trimmed) {
      spdlog::warn("events.gap cause={}", fell_back ? "store_fell_back" : "trimmed");
      gap_listeners_.call();
    }
    co_return Result<>();
  }

  std::string key_;
  std::unique_ptr<redis::Client> client_;
  peyk::Event stands_;
  TaskGroup tasks_;
  Listeners<const Event&> listeners_;
  Listeners<> gap_listeners_;
  std::string last_;  // the last entry read; empty: not begun
  std::string trouble_;
  bool look_back_ = false;
};

}  // namespace

std::vector<Event> read_events(const redis::Reply& entry) {
  std::vector<Event> events;
  if (entry.items.size() != 2) return events;
  const auto at = from_unix_ms(static_cast<std::int64_t>(parse_id(entry.items[0].text).ms));
  const auto& fields = entry.items[1].items;
  events.reserve(fields.size() / 2);
  for (std::size_t i = 1; i < fields.size(); i += 2) {
    auto& event = events.emplace_back();
    event.id = entry.items[0].text;
    event.at = at;
    take_all(fields[i].text, event);
    if (event.type == "conversation.created") event.ids.emplace("created_at", std::to_string(to_unix_ms(event.at)));
    if (!event.conversation.str().empty()) event.ids.emplace("agent", "");
  }
  return events;
}

std::string_view Event::get(std::string_view name) const {
  const auto found = ids.find(name);
  return found == ids.end() ? std::string_view() : std::string_view(found->second);
}

asio::awaitable<bool> EventFeed::begun(Milliseconds) {
  co_return true;
}

std::unique_ptr<EventFeed> create_event_feed(asio::any_io_executor executor, redis::ClientOptions options,
                                             std::string desk) {
  return std::make_unique<RedisEventFeed>(std::move(executor), std::move(options), std::move(desk));
}

}  // namespace peyk::routing
