#include "routing/agent_work.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "routing/desk_core.h"
#include "routing/owed_texts.h"
#include "routing/store/arguments.h"
#include "routing/store/replies.h"
#include "routing/system_texts.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

constexpr int kClassifications = 5;  // of one message, while its contact's tags change under it

Result<> ended(const Result<json::object>& reply) {
  if (!reply) return std::unexpected(reply.error());
  return {};
}

/// What every call of an agent begins with.
store::ObjectWriter call_of(const Actor& actor) {
  store::ObjectWriter call;
  call.text("agent", actor.acts_for.empty() ? actor.name : actor.acts_for).raw("actor", store::actor_json(actor));
  return call;
}

config::SkillLevels typed(const SkillLevels& levels) {
  config::SkillLevels typed;
  for (const auto& [skill, level] : levels) typed.emplace(SkillName(skill), level);
  return typed;
}

const Identity* mail_of(const std::vector<Identity>& participants) {
  const auto found = std::find_if(participants.begin(), participants.end(),
                                  [](const auto& identity) { return identity.kind == "email"; });
  return found == participants.end() ? nullptr : &*found;
}

class ScriptAgentWork : public AgentWork {
 public:
  explicit ScriptAgentWork(DeskCore& core) : core_(core) {}

  asio::awaitable<Result<ConversationId>> accept(Actor actor, OfferId offer) override {
    auto call = call_of(actor);
    call.text("offer", offer);
    const auto reply = co_await core_.runner.write("accept", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return ConversationId(store::text(*reply, "conversation"));
  }

  asio::awaitable<Result<>> decline(Actor actor, OfferId offer, std::string reason) override {
    auto call = call_of(actor);
    call.text("offer", offer).text("reason", reason);
    const auto reply = co_await core_.runner.write("decline", call.take());
    co_return ended(reply);
  }

  asio::awaitable<Result<Message>> reply(Actor actor, ConversationId id, Reply reply) override {
    if (reply.text.empty() && reply.attachments.empty()) {
      co_return fail(ErrorCode::unprocessable, "a reply needs a text", {{"text", "is empty"}});
    }
    const auto conversation = co_await read(id);
    if (!conversation) co_return std::unexpected(conversation.error());
    const auto kept = co_await keep_attachments(core_.blobs, reply.attachments);
    if (!kept) co_return std::unexpected(kept.error());
    const auto settings = core_.settings;
    const MessageId message(core_.random.id("m_"));
    const auto body = store::body_json(reply.text, "", reply.attachments);
    auto call = call_of(actor);
    call.text("conversation", id).text("key", reply.key).text("message", message).text("seen", reply.seen);
    call.text("name", shown_name(*settings, actor)).text("digest", sha256_hex(body));
    call.raw("blobs", store::blobs_json(reply.attachments, {}));
    const auto* via = sender_of(*settings, *conversation);
    call.text("channel", via != nullptr ? via->name : conversation->channel);
    if (via != nullptr) {
      call.text("external_id", external_id_of(message, *via));
    } else {
      call.truth("send", false);  // a chat's socket and the status page show what is stored
    }
    const auto answer = co_await core_.runner.write("reply", call.take(), body);
    if (!answer) co_return std::unexpected(answer.error());
    co_return store::read_message(store::object_in(*answer, "message"));
  }

  asio::awaitable<Result<Message>> note(Actor actor, ConversationId id, std::string text) override {
    if (text.empty()) co_return fail(ErrorCode::unprocessable, "a note needs a text", {{"text", "is empty"}});
    auto call = call_of(actor);
    call.text("conversation", id).text("message", core_.random.id("m_"));
    call.text("name", shown_name(*core_.settings, actor));
    const auto answer = co_await core_.runner.write("note", call.take(), store::body_json(text, "", {}));
    if (!answer) co_return std::unexpected(answer.error());
    co_return store::read_message(store::object_in(*answer, "message"));
  }

  asio::awaitable<Result<>> transfer(Actor actor, ConversationId id, Transfer transfer) override {
    if (transfer.queue.empty() == transfer.agent.empty()) {
      co_return fail(ErrorCode::unprocessable, "a transfer goes to a queue or to an agent",
                     {{"queue", "one of queue and agent must be given"}});
    }
    auto call = call_of(actor);
    call.text("conversation", id);
    std::optional<Conversation> moved;  // to another queue, which may have an answer for its customer
    if (transfer.queue.empty()) {
      call.text("to", transfer.agent);
    } else {
      auto conversation = co_await read(id);
      if (!conversation) co_return std::unexpected(conversation.error());
      const auto klass = class_for(*conversation, transfer);
      if (!klass) co_return std::unexpected(klass.error());
      call.raw("class", *klass);
      moved = std::move(*conversation);
    }
    auto note = note_in(call, actor, transfer.note);
    const auto reply = co_await core_.runner.write("transfer", call.take(), std::move(note));
    if (reply && moved) tell_overflow(*moved, *reply);
    co_return ended(reply);
  }

  asio::awaitable<Result<>> resolve(Actor actor, ConversationId id, Resolution resolution) override {
    const auto conversation = co_await read(id);
    if (!conversation) co_return std::unexpected(conversation.error());
    store::ObjectWriter call;
    const bool nobodys = conversation->agent.empty() && conversation->state != State::resolved;
    if (nobodys) {  // a supervisor clears it from the queue
      call.raw("actor", store::actor_json(actor));
    } else {
      call = call_of(actor);
    }
    call.text("conversation", id).text("seen", resolution.seen);
    if (resolution.outcome) call.text("outcome", to_string(*resolution.outcome));
    auto note = note_in(call, actor, resolution.note);
    const auto reply = co_await core_.runner.write("resolve", call.take(), std::move(note));
    if (const auto owed = reply ? store::text(*reply, "text") : std::string(); !owed.empty()) {
      tell_resolved(*conversation, owed);
    }
    co_return ended(reply);
  }

  asio::awaitable<Result<>> snooze(Actor actor, ConversationId id, Time until, MessageId seen) override {
    if (until <= core_.runner.now()) {
      co_return fail(ErrorCode::unprocessable, "a snooze ends in the future", {{"until", "is past"}});
    }
    auto call = call_of(actor);
    call.text("conversation", id).time("until", until).text("seen", seen);
    const auto reply = co_await core_.runner.write("snooze", call.take());
    co_return ended(reply);
  }

  asio::awaitable<Result<>> pending(Actor actor, ConversationId id, std::optional<Time> until,
                                    MessageId seen) override {
    if (until && *until <= core_.runner.now()) {
      co_return fail(ErrorCode::unprocessable, "waiting ends in the future", {{"until", "is past"}});
    }
    auto call = call_of(actor);
    call.text("conversation", id).time("until", until).text("seen", seen);
    const auto reply = co_await core_.runner.write("pending", call.take());
    co_return ended(reply);
  }

  asio::awaitable<Result<ConversationId>> start(Actor actor, Start start) override {
    const auto settings = core_.settings;
    const auto* channel = settings->channel(start.channel);
    if (channel == nullptr || channel->email() == nullptr) {
      co_return fail(ErrorCode::unprocessable, "an agent can write first by mail only",
                     {{"channel", "must be a channel of kind email"}});
    }
    if (start.text.empty()) co_return fail(ErrorCode::unprocessable, "a message needs a text", {{"text", "is empty"}});
    const auto body = store::body_json(start.text, "", {});
    auto subject = subject_of(*settings, *channel, start);
    for (int attempt = 0; attempt < kClassifications; ++attempt) {
      const auto call = start_call(*settings, actor, start, subject);
      if (!call) co_return std::unexpected(call.error());
      const auto reply = co_await core_.runner.write("start", *call, body);
      if (!reply) co_return std::unexpected(reply.error());
      if (!store::flag(*reply, "reclassify")) co_return ConversationId(store::text(*reply, "conversation"));
      subject.contact_tags = store::texts(*reply, "contact_tags");
    }
    co_return fail(ErrorCode::unavailable, "the contact's tags keep changing: try again");
  }

  asio::awaitable<Result<std::vector<std::string>>> tag(Actor actor, ConversationId id, TagChange change) override {
    auto call = call_of(actor);
    call.text("conversation", id);
    co_return co_await tag(std::move(call), std::move(change));
  }

  asio::awaitable<Result<std::vector<std::string>>> tag(Actor actor, ContactId id, TagChange change) override {
    auto call = call_of(actor);
    call.text("contact", id);
    co_return co_await tag(std::move(call), std::move(change));
  }

 private:
  asio::awaitable<Result<std::vector<std::string>>> tag(store::ObjectWriter call, TagChange change) {
    call.raw("add", store::text_array(change.add)).raw("remove", store::text_array(change.remove));
    const auto reply = co_await core_.runner.write("tag", call.take());
    if (reply) co_return store::texts(*reply, "tags");
    if (reply.error().code != ErrorCode::invalid) co_return std::unexpected(reply.error());
    co_return fail(ErrorCode::unprocessable, reply.error().message, {{"add", reply.error().message}});
  }

  asio::awaitable<Result<Conversation>> read(ConversationId id) {
    store::ObjectWriter call;
    call.text("conversation", id);
    const auto reply = co_await core_.runner.read("read_conversation", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return store::read_conversation(store::object_in(*reply, "conversation"));
  }

  /// A note that goes with a call: who writes it into `call`; returns its body, empty when there is none.
  std::string note_in(store::ObjectWriter& call, const Actor& actor, const std::string& text) const {
    if (text.empty()) return {};
    call.text("message", core_.random.id("m_")).text("name", shown_name(*core_.settings, actor));
    return store::body_json(text, "", {});
  }

  /// The class of a transfer: the queue's own demand, or what the agent asks for, at the old priority.
  Result<std::string> class_for(const Conversation& conversation, const Transfer& transfer) const {
    const auto settings = core_.settings;
    if (settings->queue(transfer.queue) == nullptr) {
      return fail(ErrorCode::not_found, fmt::format("there is no queue {}", transfer.queue.str()));
    }
    auto routing = settings->rules().for_queue(transfer.queue, conversation.language);
    routing.priority = conversation.priority;
    routing.route = "transfer";
    if (!transfer.require.empty()) {
      const auto unknown = unknown_skill(*settings, transfer.require);
      if (!unknown.empty()) {
        return fail(ErrorCode::unprocessable, "the demand names no skill of this desk", {{"require", unknown}});
      }
      routing.demand = {typed(transfer.require), {}, {}, {}};
    }
    return settings->class_of(routing, conversation.language, core_.runner.now());
  }

  void tell_overflow(const Conversation& moved, const json::object& reply) {
    for (const auto& item : store::array_in(reply, "overflow")) {
      if (item.is_object()) announce_answer(core_, moved, item.get_object());
    }
  }

  static std::string unknown_skill(const Settings& settings, const SkillLevels& levels) {
    const auto& known = settings.config().skills;
    for (const auto& [skill, level] : levels) {
      if (std::find(known.begin(), known.end(), SkillName(skill)) == known.end()) return "there is no skill " + skill;
      if (level < 1 || level > 10) return "a level is 1 to 10";
    }
    return {};
  }

  Subject subject_of(Settings& settings, const config::Channel& channel, const Start& start) const {
    Subject subject;
    subject.channel = channel.name;
    subject.kind = channel.kind();
    subject.subject = start.subject;
    subject.text = start.text;
    subject.sender = start.to;
    subject.language = settings.language_of(channel, start.text, {});
    subject.now = core_.runner.now();
    return subject;
  }

  Result<std::string> start_call(Settings& settings, const Actor& actor, const Start& start, const Subject& subject) {
    const auto& channel = *settings.channel(start.channel);
    const MessageId message(core_.random.id("m_"));
    auto call = call_of(actor);
    const auto addressed = address(start.to, call);
    if (!addressed) return std::unexpected(addressed.error());
    call.text("conversation", core_.random.id("c_")).text("message", message).text("contact", core_.random.id("p_"));
    call.text("token", core_.random.token()).text("key", start.key.empty() ? message.str() : start.key);
    call.text("name", shown_name(settings, actor)).text("external_id", external_id_of(message, channel));
    call.text("channel", channel.name).text("kind", to_string(channel.kind())).text("subject", start.subject);
    store::add_tags(call, settings.rules(), subject.contact_tags);
    call.raw("class", class_for_start(settings, actor, subject));
    return call.take();
  }

  /// The class that the rules give to such a message, if its queue is the agent's; else his first queue's own.
  static std::string class_for_start(Settings& settings, const Actor& actor, const Subject& subject) {
    const auto* agent = settings.agent(actor.acts_for.empty() ? actor.name : actor.acts_for);
    const auto& queue = settings.rules().classify(subject)->queue;
    const bool his = agent == nullptr || agent->queues.empty() ||
                     std::find(agent->queues.begin(), agent->queues.end(), queue) != agent->queues.end();
    if (his) return settings.classify(subject, {});
    auto routing = settings.rules().for_queue(agent->queues.front(), subject.language);
    routing.route = "started";
    return settings.class_of(routing, subject.language, subject.now);
  }

  static Result<> address(const std::string& to, store::ObjectWriter& call) {
    if (to.starts_with("p_")) {
      call.text("to_contact", to);
      return {};
    }
    auto email = normalise_email(to);
    if (!email) return fail(ErrorCode::unprocessable, email.error().message, {{"to", email.error().message}});
    call.raw("to", store::identity_json({"email", std::move(*email), false}));
    return {};
  }

  static const config::Channel* sender_of(const Settings& settings, const Conversation& conversation) {
    return mail_of(conversation.participants) == nullptr ? nullptr : settings.sender_for(conversation.channel);
  }

  static std::string shown_name(const Settings& settings, const Actor& actor) {
    const auto* agent = settings.agent(actor.name);
    return agent == nullptr || agent->display_name.empty() ? actor.name.str() : agent->display_name;
  }

  /// Whoever was passed on is told that the matter has come to its end.
  void tell_resolved(Conversation conversation, const std::string& key) {
    conversation.state = State::resolved;
    auto announcement = announcement_of(*core_.settings, conversation, key, core_.runner.now());
    if (announcement) core_.texts.announce(std::move(*announcement));
  }

  DeskCore& core_;
};

}  // namespace

std::string external_id_of(const MessageId& message, const config::Channel& channel) {
  const auto* mail = channel.email();
  if (mail == nullptr) return {};
  return message.str() + "@" + mail->address.substr(mail->address.find('@') + 1);
}

std::unique_ptr<AgentWork> create_agent_work(DeskCore& core) {
  return std::make_unique<ScriptAgentWork>(core);
}

}  // namespace peyk::routing
