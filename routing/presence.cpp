#include "routing/presence.h"

#include <algorithm>

#include "base/text.h"
#include "routing/desk_core.h"
#include "routing/offer_book.h"
#include "routing/store/arguments.h"
#include "routing/store/replies.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

constexpr std::size_t kPreview = 200;  // characters
// The event of an offer may be read before the reply of the call that made it: by moments, unless the reply is lost.
constexpr auto kReplyLimit = Milliseconds(250);

Result<> ended(const Result<json::object>& reply) {
  if (!reply) return std::unexpected(reply.error());
  return {};
}

/// "route 2: sticky; 3 of 12 passed over (skill 2, room 1)".
std::string why(const json::object& decision) {
  std::string text = store::text(decision, "rule");
  const auto demand = store::text(decision, "demand");
  const auto by = store::text(decision, "by");
  if (!demand.empty()) text += (text.empty() ? "" : "; ") + demand;
  if (by == "sticky") text += "; you know this customer";
  if (by == "own") text += "; handed to you";
  if (by == "room") text += "; the most urgent of your lanes";
  if (by == "order") text += "; you come first among " + std::to_string(store::number(decision, "of"));
  return text;
}

class ScriptPresence : public Presence {
 public:
  explicit ScriptPresence(DeskCore& core) : core_(core), book_(core.executor) {
    core_.runner.on_offer([this](const json::object& shown) { book_.put(read_offer(shown)); });
  }

  asio::awaitable<Result<AgentView>> set(Actor actor, PresenceState state, std::string reason) override {
    const auto& reasons = core_.settings->config().presence.break_reasons;
    if (state == PresenceState::on_break && !reasons.empty() &&
        std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) {
      co_return fail(ErrorCode::unprocessable, "that is no reason for a break here",
                     {{"reason", "must be one of the configured reasons"}});
    }
    store::ObjectWriter call;
    call.text("agent", actor.acts_for.empty() ? actor.name : actor.acts_for).raw("actor", store::actor_json(actor));
    call.text("state", to_string(state)).text("reason", reason);
    const auto reply = co_await core_.runner.write("presence", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return store::read_agent(agent_in(*reply));
  }

  asio::awaitable<Result<>> renew(AgentName agent, std::string socket) override {
    store::ObjectWriter call;
    call.text("agent", agent).text("socket", socket);
    const auto reply = co_await core_.runner.write("renew", call.take());
    co_return ended(reply);
  }

  asio::awaitable<Result<>> socket_gone(AgentName agent, std::string socket) override {
    store::ObjectWriter call;
    call.text("agent", agent).text("socket", socket);
    const auto reply = co_await core_.runner.write("socket_gone", call.take());
    co_return ended(reply);
  }

  asio::awaitable<Result<AgentView>> view(AgentName agent) override {
    store::ObjectWriter call;
    call.text("agent", agent);
    const auto reply = co_await core_.runner.read("read_agent", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return store::read_agent(agent_in(*reply));
  }

  asio::awaitable<Result<OfferView>> offer(OfferId id) override {
    store::ObjectWriter call;
    call.text("offer", id);
    const auto reply = co_await core_.runner.read("read_offer", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return read_offer(*reply);
  }

  asio::awaitable<Result<OfferView>> made(OfferId id, std::string via) override {
    if (!via.empty() && via == core_.runner.caller()) {
      auto known = co_await book_.take(id, kReplyLimit);
      if (known) co_return std::move(*known);
    }
    co_return co_await offer(std::move(id));
  }

 private:
  /// The agent himself, whether the reply is he or holds him.
  static const json::object& agent_in(const json::object& reply) {
    const auto& inner = store::object_in(reply, "agent");
    return inner.empty() ? reply : inner;
  }

  OfferView read_offer(const json::object& reply) const {
    const auto& offer = store::object_in(reply, "offer");
    OfferView view;
    view.id = OfferId(store::text(offer, "offer"));
    view.agent = AgentName(store::text(offer, "agent"));
    view.conversation = store::read_conversation(store::object_in(reply, "conversation"));
    view.contact_name = store::text(store::object_in(reply, "contact"), "name");
    view.preview = shorten(store::read_message(store::object_in(reply, "preview_message")).text, kPreview);
    const auto since = view.conversation.unanswered_since.value_or(view.conversation.created_at);
    view.waited = std::max(Milliseconds(0), core_.runner.now() - since);
    view.expires_at = store::time(offer, "expires_at").value_or(Time());
    view.why = why(store::object_in(offer, "decision"));
    view.history_count = static_cast<int>(store::number(reply, "history_count"));
    view.history = store::read_all(store::array_in(reply, "history"), store::read_conversation);
    return view;
  }

  DeskCore& core_;
  OfferBook book_;
};

}  // namespace

std::unique_ptr<Presence> create_presence(DeskCore& core) {
  return std::make_unique<ScriptPresence>(core);
}

}  // namespace peyk::routing
