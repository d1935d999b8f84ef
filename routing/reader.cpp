#include "routing/reader.h"

#include <algorithm>
#include <iterator>

#include "routing/desk_core.h"
#include "routing/explain.h"
#include "routing/last_messages.h"
#include "routing/roster.h"
#include "routing/store/arguments.h"
#include "routing/store/replies.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

constexpr std::size_t kPage = 200;
// Of messages in one reading: the store does nothing else while it reads them, half a millisecond, or five.
constexpr std::int64_t kFewBytes = std::int64_t{256} << 10U;
constexpr std::int64_t kManyBytes = std::int64_t{2} << 20U;
constexpr int kAgentsPage = 100;        // 2 ms of the store: others come in between
constexpr int kAuditBatches = 100'000;  // of 200 each: an audit ends, whatever the store says

std::optional<int> position_in(const json::object& reply) {
  const auto position = static_cast<int>(store::number(reply, "position"));
  return position > 0 ? std::optional(position) : std::nullopt;
}

bool names_code(const json::array& findings, std::string_view code) {
  return std::ranges::any_of(findings, [code](const json::value& finding) {
    return finding.is_object() && store::text(finding.get_object(), "code") == code;
  });
}

class ScriptReader : public Reader {
 public:
  explicit ScriptReader(DeskCore& core) : core_(core) {}

  asio::awaitable<Result<Conversation>> conversation(ConversationId id) override {
    store::ObjectWriter call;
    call.text("conversation", id);
    const auto reply = co_await core_.runner.read("read_conversation", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return store::read_conversation(store::object_in(*reply, "conversation"));
  }

  asio::awaitable<Result<MessagePage>> page(ConversationId id, std::uint64_t after, std::size_t limit) override {
    const bool few = after >= kFew && after != kLastMessages;
    store::ObjectWriter call;
    call.text("conversation", id);
    if (after >= kFewLastMessages) {
      call.flag("last", true);
    } else if (few) {
      call.number("before", static_cast<std::int64_t>(after - kFew));
    } else {
      call.number("after", static_cast<std::int64_t>(after));
    }
    call.number("limit", static_cast<std::int64_t>(limit)).number("bytes", few ? kFewBytes : kManyBytes);
    const auto reply = co_await core_.runner.read("read_messages", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return MessagePage{store::read_all(store::array_in(*reply, "messages"), store::read_message),
                          store::flag(*reply, "more")};
  }

  asio::awaitable<Result<Message>> message(ConversationId id, MessageId message) override {
    store::ObjectWriter call;
    call.text("conversation", id).text("message", message);
    const auto reply = co_await core_.runner.read("read_message", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return store::read_message(store::object_in(*reply, "message"));
  }

  asio::awaitable<Result<Contact>> contact(ContactId id) override {
    store::ObjectWriter call;
    call.text("contact", id);
    const auto reply = co_await core_.runner.read("read_contact", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return store::read_contact(store::object_in(*reply, "contact"));
  }

  asio::awaitable<Result<ConversationPage>> conversations(ConversationFilter filter) override {
    store::ObjectWriter call;
    if (filter.state) call.text("state", to_string(*filter.state));
    call.text("queue", filter.queue).text("agent", filter.agent).text("after", filter.after);
    call.raw("visible_queues", store::text_array(filter.visible_queues)).text("visible_agent", filter.visible_agent);
    call.number("limit", static_cast<std::int64_t>(std::clamp<std::size_t>(filter.limit, 1, kPage)));
    const auto reply = co_await core_.runner.read("read_list", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return ConversationPage{store::read_all(store::array_in(*reply, "conversations"), store::read_conversation),
                               store::text(*reply, "next")};
  }

  asio::awaitable<Result<std::vector<QueueView>>> queues() override {
    const auto reply = co_await core_.runner.read("read_queues", "{}");
    if (!reply) co_return std::unexpected(reply.error());
    std::vector<QueueView> views;
    for (const auto& value : store::array_in(*reply, "queues")) {
      if (!value.is_object()) continue;
      auto view = store::read_queue(value.get_object(), core_.runner.now());
      add_waits(view);
      views.push_back(std::move(view));
    }
    co_return views;
  }

  asio::awaitable<Result<std::vector<AgentView>>> agents() override {
    std::vector<AgentView> views;
    std::string after;
    do {
      store::ObjectWriter call;
      call.text("after", after).number("limit", kAgentsPage);
      const auto reply = co_await core_.runner.read("read_agents", call.take());
      if (!reply) co_return std::unexpected(reply.error());
      std::ranges::move(store::read_all(store::array_in(*reply, "agents"), store::read_agent),
                        std::back_inserter(views));
      after = store::text(*reply, "next");
    } while (!after.empty());
    co_return views;
  }

  asio::awaitable<Result<std::map<PresenceState, std::size_t>>> agent_states() override {
    const auto reply = co_await core_.runner.read("read_states", "{}");
    if (!reply) co_return std::unexpected(reply.error());
    const auto& counts = store::object_in(*reply, "agents");
    std::map<PresenceState, std::size_t> states;
    for (const auto state :
         {PresenceState::available, PresenceState::busy, PresenceState::on_break, PresenceState::away}) {
      states[state] = static_cast<std::size_t>(store::number(counts, to_string(state)));
    }
    co_return states;
  }

  asio::awaitable<Result<std::optional<Conversation>>> conversation_of(Identity identity,
                                                                       ChannelName channel) override {
    store::ObjectWriter call;
    call.raw("identity", store::identity_json(identity)).text("channel", channel);
    const auto reply = co_await core_.runner.read("read_conversation_of", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    const auto& found = store::object_in(*reply, "conversation");
    if (found.empty()) co_return std::optional<Conversation>();
    co_return std::optional(store::read_conversation(found));
  }

  asio::awaitable<Result<StatusView>> status(std::string token) override {
    store::ObjectWriter call;
    call.text("token", token).duration("lifetime", core_.settings->config().status_page.lifetime);
    call.number("bytes", kFewBytes);
    const auto reply = co_await core_.runner.read("read_status", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    StatusView view;
    view.ended = store::flag(*reply, "ended");
    if (view.ended) co_return view;
    view.conversation = store::read_conversation(store::object_in(*reply, "conversation"));
    view.agent_name = store::text(*reply, "agent_name");
    view.position = position_in(*reply);
    view.wait = wait_at(view.conversation.queue, view.conversation.kind, view.position);
    view.messages = store::read_all(store::array_in(*reply, "messages"), store::read_message);
    view.truncated = store::flag(*reply, "more");
    co_return view;
  }

  asio::awaitable<Result<std::pair<std::optional<int>, std::optional<WaitEstimate>>>> position(
      ConversationId id) override {
    store::ObjectWriter call;
    call.text("conversation", id);
    const auto reply = co_await core_.runner.read("read_position", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    const auto place = position_in(*reply);
    const auto kind = store::spelled<ChannelKind>(*reply, "kind").value_or(ChannelKind::email);
    co_return std::pair(place, wait_at(QueueName(store::text(*reply, "queue")), kind, place));
  }

  asio::awaitable<Result<std::vector<ConversationId>>> conversations_of_blob(BlobId blob) override {
    store::ObjectWriter call;
    call.text("blob", blob);
    const auto reply = co_await core_.runner.read("read_blob", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return store::ids<ConversationId>(*reply, "conversations");
  }

  asio::awaitable<Result<json::object>> explain(ConversationId id) override {
    store::ObjectWriter call;
    call.text("conversation", id);
    auto reply = co_await core_.runner.read("read_explain", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return routing::explain(std::move(*reply));
  }

  asio::awaitable<Result<json::object>> audit(bool repair) override {
    json::array findings;
    auto looked = co_await look_through(repair, findings);
    if (looked && repair && names_code(findings, "roster.lost") && !core_.runner.stale()) {
      // What the audit cannot know of the roster the configuration does; then the rest can be looked at.
      looked = co_await write_roster(core_.runner, core_.settings);
      if (looked) looked = co_await look_through(repair, findings);
    }
    if (!looked) co_return std::unexpected(looked.error());
    co_return json::object{{"findings", std::move(findings)}};
  }

 private:
  asio::awaitable<Result<>> look_through(bool repair, json::array& findings) {
    std::string cursor;
    for (int batch = 0; batch < kAuditBatches; ++batch) {
      store::ObjectWriter call;
      call.text("cursor", cursor).flag("repair", repair);
      auto reply = co_await core_.runner.run("audit", repair ? store::Access::write : store::Access::read, call.take());
      if (!reply) co_return std::unexpected(reply.error());
      for (const auto& finding : store::array_in(*reply, "findings")) findings.push_back(finding);
      cursor = store::text(*reply, "cursor");
      if (cursor.empty()) break;
    }
    co_return Result<>();
  }

  void add_waits(QueueView& view) {
    for (const auto& counted : view.kinds) {
      core_.waits.count(counted);
      const auto wait = core_.waits.newcomer(view.name, counted.kind);
      if (!wait) continue;
      view.waits.emplace(counted.kind, *wait);
      if (!view.wait || view.wait->p50 < wait->p50) view.wait = wait;
    }
    view.wait_error_ratio = core_.waits.error_ratio(view.name);
  }

  std::optional<WaitEstimate> wait_at(const QueueName& queue, ChannelKind kind,
                                      const std::optional<int>& position) const {
    return position ? core_.waits.estimate(queue, kind, *position) : std::nullopt;
  }

  DeskCore& core_;
};

}  // namespace

asio::awaitable<Result<std::vector<Message>>> Reader::messages(ConversationId id, std::uint64_t after,
                                                               std::size_t limit) {
  auto found = co_await page(std::move(id), after, limit);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return std::move(found->messages);
}

std::unique_ptr<Reader> create_reader(DeskCore& core) {
  return std::make_unique<ScriptReader>(core);
}

}  // namespace peyk::routing
