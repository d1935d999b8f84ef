#include "routing/outbox.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "routing/desk_core.h"
#include "routing/issue_book.h"
#include "routing/loggable.h"
#include "routing/store/arguments.h"
#include "routing/store/replies.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

constexpr std::size_t kAtOnce = 16;                // messages being sent
constexpr auto kLease = std::chrono::seconds(10);  // what a daemon that was killed held is another's after it
constexpr auto kRenewEvery = kLease / 4;
constexpr auto kSendLimit = std::chrono::minutes(5);
constexpr auto kIdle = std::chrono::seconds(1);  // looks without having been woken, since notices may be lost
constexpr auto kFarewell = Milliseconds(1500);   // at the stop, for what is being sent
constexpr auto kStatusEvery = std::chrono::seconds(5);
constexpr auto kSlowest = std::chrono::minutes(5);      // between two attempts to write down what became of a message
constexpr auto kFailureShown = std::chrono::hours(24);  // in /health, since the last one

Outbound read_entry(const json::object& entry) {
  Outbound out;
  const auto message = store::read_message(store::object_in(entry, "message"));
  out.outbox_id = store::text(entry, "id");
  out.conversation = ConversationId(store::text(entry, "conversation"));
  out.message = message.id;
  out.channel = message.channel;
  out.reference = store::text(entry, "reference");
  for (auto& identity : store::read_identities(entry, "to")) {
    if (identity.kind == "email") out.to.push_back(std::move(identity));
  }
  out.contact_name = store::text(entry, "contact_name");
  out.from_name = message.author.name;
  out.subject = store::text(entry, "subject");
  out.text = message.text;
  out.attachments = message.attachments;
  out.in_reply_to = store::text(entry, "in_reply_to");
  out.references = store::texts(entry, "references");
  std::erase(out.references, message.external_id);
  out.status_token = store::text(entry, "status_token");
  out.automatic = message.direction == Direction::system;
  out.at = message.at;
  out.attempt = static_cast<int>(store::number(entry, "attempt"));
  return out;
}

class LeasedOutbox : public OutboxWorker {
 public:
  LeasedOutbox(DeskCore& core, IssueBook& issues)
      : core_(core),
        issues_(issues),
        woken_(core.executor),
        claims_(core.executor, "outbox-claims"),
        sends_(core.executor, "outbox"),
        looks_(core.executor, "outbox-looks"),
        stop_told_(core.executor) {}

  void start(Sender sender) override {
    sender_ = std::move(sender);
    claims_.spawn("claim", claim());
    looks_.spawn("renew", renew());
    looks_.spawn("status", watch());
  }

  asio::awaitable<void> stop() override {
    stopping_ = true;
    stop_told_.notify();
    woken_.notify();
    co_await looks_.stop();
    const auto ended = co_await with_deadline(kFarewell, finish());
    if (!ended) spdlog::warn("outbox.cut sends={}", sends_.size());
    co_await claims_.stop();
    co_await sends_.stop();
  }

  std::optional<OutboxStatus> status() const override { return status_; }
  void wake() override { woken_.notify(); }

 private:
  /// A claim under way is waited for: what it claims would lie there, unsent, until its lease runs out.
  asio::awaitable<Result<>> finish() {
    co_await claims_.join();
    co_await sends_.join();
    co_return Result<>();
  }

  asio::awaitable<void> claim() {
    while (!stopping_) {
      auto pause = Milliseconds(kIdle);
      const auto room = kAtOnce - std::min(kAtOnce, sends_.size() - unmarked_);
      if (room > 0) pause = co_await claim_some(room);
      if (pause > Milliseconds(0) && !stopping_) co_await woken_.wait(pause);
    }
  }

  /// How long until it is worth looking again.
  asio::awaitable<Milliseconds> claim_some(std::size_t room) {
    store::ObjectWriter call;
    call.number("limit", static_cast<std::int64_t>(room)).duration("lease", kLease);
    const auto reply = co_await core_.runner.write("outbox_claim", call.take());
    if (!reply) co_return Milliseconds(kIdle);
    const auto& entries = store::array_in(*reply, "entries");
    for (const auto& entry : entries) {
      if (entry.is_object()) begin(read_entry(entry.get_object()));
    }
    if (entries.size() == room) co_return sends_.size() - unmarked_ < kAtOnce ? Milliseconds(0) : Milliseconds(kIdle);
    const auto next = store::time(*reply, "next_at");
    if (!next) co_return Milliseconds(kIdle);
    co_return std::clamp<Milliseconds>(*next - core_.runner.now(), Milliseconds(1), Milliseconds(kIdle));
  }

  void begin(Outbound out) {
    // Its lease ran out while we could not renew it, and we are still at it.
    const bool anew = under_way_.insert_or_assign(out.outbox_id, out.attempt).second;
    if (anew) sends_.spawn("send", send(std::move(out)));
  }

  /// Forgets a message whose sending has ended, however it ended.
  struct UnderWay {
    std::map<std::string, int>& all;
    std::string id;
    ~UnderWay() { all.erase(id); }
  };

  asio::awaitable<void> send(Outbound out) {
    const UnderWay under_way{under_way_, out.outbox_id};
    const auto at = out.at;
    const bool automatic = out.automatic;
    const auto result = co_await try_to_send(std::move(out));
    const auto became = co_await mark(under_way.id, at, result);
    if (became == SendResult::Kind::failed && !automatic) {
      issues_.report("outbox.failed", fmt::format("answer {} could not be delivered; its agent was told", under_way.id),
                     kFailureShown);
    }
    woken_.notify();
  }

  /// So that nobody else sends what we are sending, for as long as it takes.
  asio::awaitable<void> renew() {
    for (;;) {
      co_await sleep_for(kRenewEvery);
      if (under_way_.empty()) continue;
      store::ArrayWriter entries;
      for (const auto& [id, attempt] : under_way_) {
        store::ObjectWriter entry;
        entries.raw(entry.text("id", id).number("attempt", attempt).take());
      }
      store::ObjectWriter call;
      call.duration("lease", kLease).raw("entries", entries.take());
      const auto reply = co_await core_.runner.write("outbox_renew", call.take());
      if (!reply) continue;
      for (const auto& id : store::texts(*reply, "lost")) {
        if (under_way_.contains(id)) spdlog::warn("outbox.lease_lost message={}", id);
      }
    }
  }

  asio::awaitable<SendResult> try_to_send(Outbound out) {
    const auto settings = core_.settings;
    const auto* channel = settings->channel(out.channel);
    if (channel == nullptr) {
      co_return SendResult{SendResult::Kind::retry, {}, "the configuration has no channel " + out.channel.str()};
    }
    // The channel has become another one since: chats and forms show what is stored.
    if (channel->email() == nullptr) co_return SendResult{};
    if (out.to.empty()) co_return SendResult{SendResult::Kind::failed, {}, "the customer left no address"};
    const auto result = co_await with_deadline(kSendLimit, call_sender(std::move(out)));
    if (result) co_return *result;
    co_return SendResult{SendResult::Kind::retry, {}, result.error().message};
  }

  asio::awaitable<Result<SendResult>> call_sender(Outbound out) { co_return co_await sender_(std::move(out)); }

  /// Says what became of it until the store has heard it: whoever claims it after the lease would send it again.
  asio::awaitable<SendResult::Kind> mark(std::string id, Time written_at, SendResult result) {
    const auto attempt = under_way_.at(id);
    const auto& rules = core_.settings->config().outbox;
    const auto now = core_.runner.now();
    if (result.kind == SendResult::Kind::retry && now - written_at >= rules.give_up_after) {
      result.kind = SendResult::Kind::failed;
      result.detail = "given up: " + result.detail;
    }
    store::ObjectWriter call;
    call.text("id", id).number("attempt", attempt).text("result", word(result.kind));
    call.text("external_id", result.external_id).text("detail", result.detail);
    if (result.kind == SendResult::Kind::retry) call.time("at", now + wait_before(attempt, rules));
    auto arguments = call.take();
    if (result.kind != SendResult::Kind::sent) {
      spdlog::warn("outbox.{} message={} attempt={} detail=\"{}\"", word(result.kind), id, attempt,
                   loggable(result.detail));
    }
    const auto written = co_await core_.runner.write("outbox_mark", arguments);
    if (!written) co_await mark_again(id, std::move(arguments), written.error());
    co_return result.kind;
  }

  /// Until the store has taken it, however often it refuses: the lease is renewed meanwhile, since who claimed the
  /// message after it would send it again. Those do not count among the ones being sent, or a few would stop all.
  asio::awaitable<void> mark_again(std::string id, std::string arguments, Error error) {
    const Unmarked counted(unmarked_);
    Milliseconds pause = kIdle;
    while (!stopping_) {
      if (error.code != ErrorCode::unavailable) {
        spdlog::error("outbox.unmarked message={} error=\"{}\"", id, loggable(error.message));
        issues_.raise("outbox.unmarked", id,
                      fmt::format("what became of message {} cannot be written down: {}", id, error.message));
        pause = std::min<Milliseconds>(pause * 2, kSlowest);
      }
      co_await stop_told_.wait(pause);
      const auto written = co_await core_.runner.write("outbox_mark", arguments);
      if (written) break;
      error = written.error();
    }
    issues_.clear("outbox.unmarked", id);
  }

  struct Unmarked {
    std::size_t& count;
    explicit Unmarked(std::size_t& all) : count(all) { ++count; }
    ~Unmarked() { --count; }
    Unmarked(const Unmarked&) = delete;
    Unmarked& operator=(const Unmarked&) = delete;
  };

  static std::string_view word(SendResult::Kind kind) {
    if (kind == SendResult::Kind::sent) return "sent";
    return kind == SendResult::Kind::retry ? "retry" : "failed";
  }

  static Milliseconds wait_before(int attempt, const config::Outbox& rules) {
    auto wait = rules.retry_after;
    for (int i = 1; i < attempt && wait < rules.retry_limit; ++i) wait *= 2;
    return std::min(wait, rules.retry_limit);
  }

  asio::awaitable<void> watch() {
    for (;;) {
      const auto at = core_.runner.now();
      const auto reply = co_await core_.runner.read("outbox_status", "{}");
      if (reply) {
        const auto oldest = store::time(*reply, "oldest_at");
        const auto age = oldest ? std::max(Milliseconds(0), at - *oldest) : Milliseconds(0);
        status_ = OutboxStatus{at, static_cast<std::size_t>(store::number(*reply, "queued")),
                               static_cast<std::size_t>(store::number(*reply, "retrying")), age};
      }
      co_await sleep_for(kStatusEvery);
    }
  }

  DeskCore& core_;
  IssueBook& issues_;
  Sender sender_;
  peyk::Event woken_;
  TaskGroup claims_;
  TaskGroup sends_;
  TaskGroup looks_;
  std::map<std::string, int> under_way_;  // messages being sent: the attempt
  std::size_t unmarked_ = 0;              // of these, sent, but not yet marked so
  std::optional<OutboxStatus> status_;    // none before the first look
  peyk::Event stop_told_;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<OutboxWorker> create_outbox(DeskCore& core, IssueBook& issues) {
  return std::make_unique<LeasedOutbox>(core, issues);
}

}  // namespace peyk::routing
