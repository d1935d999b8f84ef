#include "daemon/commands.h"

#include <array>

#include <fmt/format.h>

#include "daemon/command_fields.h"
#include "daemon/detail.h"
#include "routing/json.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;
using routing::ConversationId;

using Answer = Result<json::object>;

/// One call: who, what, and at whose desk.
struct Call {
  Caller caller;
  config::ConfigPtr config;
  JsonInput input;
};

class DeskCommands : public Commands {
 public:
  explicit DeskCommands(CommandsDependencies dependencies)
      : desk_(dependencies.desk),
        uploads_(dependencies.uploads),
        metrics_(dependencies.metrics),
        clock_(dependencies.clock),
        config_(std::move(dependencies.config)) {}

  asio::awaitable<Answer> run(Caller caller, std::string command, json::object fields) override;

  using Method = asio::awaitable<Answer> (DeskCommands::*)(Call);
  struct Entry {
    std::string_view name;
    Method method;
  };
  static const Entry* find(std::string_view command);

 private:
  asio::awaitable<Answer> presence(Call call);
  asio::awaitable<Answer> accept(Call call);
  asio::awaitable<Answer> decline(Call call);
  asio::awaitable<Answer> reply(Call call);
  asio::awaitable<Answer> note(Call call);
  asio::awaitable<Answer> transfer(Call call);
  asio::awaitable<Answer> resolve(Call call);
  asio::awaitable<Answer> snooze(Call call);
  asio::awaitable<Answer> pending(Call call);
  asio::awaitable<Answer> start(Call call);
  asio::awaitable<Answer> tag(Call call);
  asio::awaitable<Answer> typing(Call call);
  asio::awaitable<Answer> read(Call call);

  asio::awaitable<Answer> signal(Call call, std::string type);

  /// At whose desk, from the field `agent`; to be asked before `finish()`.
  static Result<routing::Actor> actor(Call& call, std::string_view field = "agent");
  /// `who`, when all fields that were read are right and none is left.
  static Result<routing::Actor> finished(Call& call, Result<routing::Actor> who);
  /// A supervisor who names nobody acts at the owner's desk (nobody's, when it waits).
  static routing::Actor at_owner(routing::Actor actor, const Caller& caller, const routing::Conversation& conversation);
  /// The conversation, when the caller may do `action` to it.
  asio::awaitable<Result<routing::Conversation>> permitted(Caller caller, ConversationId id, Action action);
  /// When all fields are read: who works on the conversation, if he may and they are right.
  asio::awaitable<Result<routing::Actor>> worker(Call& call, Result<routing::Actor> who, ConversationId id);
  /// The contact, when the caller may do `action` to one of his last conversations.
  asio::awaitable<Result<routing::Contact>> permitted(Caller caller, routing::ContactId id, Action action);
  static Answer done(Result<> result, const ConversationId& id);

  routing::Desk& desk_;
  Uploads& uploads_;
  Metrics& metrics_;
  const Clock& clock_;
  ConfigSource config_;
};

const DeskCommands::Entry* DeskCommands::find(std::string_view command) {
  static constexpr std::array kEntries{
      Entry{"presence", &DeskCommands::presence}, Entry{"accept", &DeskCommands::accept},
      Entry{"decline", &DeskCommands::decline},   Entry{"reply", &DeskCommands::reply},
      Entry{"note", &DeskCommands::note},         Entry{"transfer", &DeskCommands::transfer},
      Entry{"resolve", &DeskCommands::resolve},   Entry{"snooze", &DeskCommands::snooze},
      Entry{"pending", &DeskCommands::pending},   Entry{"start", &DeskCommands::start},
      Entry{"typing", &DeskCommands::typing},     Entry{"read", &DeskCommands::read},
      Entry{"tag", &DeskCommands::tag},
  };
  const auto* found = std::ranges::find(kEntries, command, &Entry::name);
  return found == kEntries.end() ? nullptr : found;
}

asio::awaitable<Answer> DeskCommands::run(Caller caller, std::string command, json::object fields) {
  const auto* entry = find(command);
  if (entry == nullptr) co_return fail(ErrorCode::invalid, "unknown command: see docs/api.md for those there are");
  Call call{std::move(caller), config_(), JsonInput(std::move(fields))};
  co_return co_await (this->*entry->method)(std::move(call));
}

Result<routing::Actor> DeskCommands::actor(Call& call, std::string_view field) {
  const auto acts_for = call.input.optional_text(field, kNameRule).value_or("");
  return actor_of(*call.config, call.caller, AgentName(acts_for));
}

Result<routing::Actor> DeskCommands::finished(Call& call, Result<routing::Actor> who) {
  if (auto done = call.input.finish(); !done) return std::unexpected(done.error());
  return who;
}

routing::Actor DeskCommands::at_owner(routing::Actor actor, const Caller& caller,
                                      const routing::Conversation& conversation) {
  const bool himself = actor.acts_for == actor.name;
  if (caller.role == Role::agent || !himself || conversation.agent == caller.name) return actor;
  actor.acts_for = conversation.agent;
  actor.kind = caller.role == Role::admin ? routing::ActorKind::admin : routing::ActorKind::supervisor;
  return actor;
}

asio::awaitable<Result<routing::Conversation>> DeskCommands::permitted(Caller caller, ConversationId id,
                                                                       Action action) {
  auto conversation = co_await desk_.reader().conversation(std::move(id));
  if (!conversation) co_return std::unexpected(conversation.error());
  if (auto allowed = permit(caller, action, &*conversation); !allowed) co_return std::unexpected(allowed.error());
  co_return conversation;
}

asio::awaitable<Result<routing::Actor>> DeskCommands::worker(Call& call, Result<routing::Actor> who,
                                                             ConversationId id) {
  who = finished(call, std::move(who));
  if (!who) co_return who;
  const auto conversation = co_await permitted(call.caller, std::move(id), Action::work);
  if (!conversation) co_return std::unexpected(conversation.error());
  co_return at_owner(std::move(*who), call.caller, *conversation);
}

asio::awaitable<Result<routing::Contact>> DeskCommands::permitted(Caller caller, routing::ContactId id, Action action) {
  co_return co_await permitted_contact(desk_.reader(), std::move(caller), std::move(id), action);
}

Answer DeskCommands::done(Result<> result, const ConversationId& id) {
  if (!result) return std::unexpected(result.error());
  return json::object{{"conversation", id.str()}};
}

asio::awaitable<Answer> DeskCommands::presence(Call call) {
  auto who = actor(call);
  const auto state = call.input.choice("state", {"available", "busy", "break", "away"});
  auto reason = call.input.optional_text("reason", kReasonRule).value_or("");
  who = finished(call, std::move(who));
  if (!who) co_return std::unexpected(who.error());
  const auto wanted = routing::parse<routing::PresenceState>(state).value_or(routing::PresenceState::away);
  const auto& reasons = call.config->presence.break_reasons;
  const bool listed = reasons.empty() || std::ranges::find(reasons, reason) != reasons.end();
  if (wanted == routing::PresenceState::on_break && !listed) {
    co_return fail(ErrorCode::unprocessable, "a break needs one of the configured reasons",
                   {{"reason", fmt::format("must be one of {}", fmt::join(reasons, ", "))}});
  }
  const auto view = co_await desk_.presence().set(std::move(*who), wanted, std::move(reason));
  if (!view) co_return std::unexpected(view.error());
  auto answer = routing::to_json(*view);
  answer["state"] = answer["presence"];
  co_return answer;
}

asio::awaitable<Answer> DeskCommands::accept(Call call) {
  auto who = actor(call);
  routing::OfferId offer(call.input.text("offer", kIdRule));
  who = finished(call, std::move(who));
  if (!who) co_return std::unexpected(who.error());
  const auto conversation = co_await desk_.work().accept(std::move(*who), std::move(offer));
  if (!conversation) co_return std::unexpected(conversation.error());
  co_return json::object{{"conversation", conversation->str()}};
}

asio::awaitable<Answer> DeskCommands::decline(Call call) {
  auto who = actor(call);
  const routing::OfferId offer(call.input.text("offer", kIdRule));
  auto reason = call.input.optional_text("reason", kReasonRule).value_or("");
  who = finished(call, std::move(who));
  if (!who) co_return std::unexpected(who.error());
  const auto declined = co_await desk_.work().decline(std::move(*who), offer, std::move(reason));
  if (!declined) co_return std::unexpected(declined.error());
  co_return json::object{{"offer", offer.str()}};
}

asio::awaitable<Answer> DeskCommands::reply(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  auto reply = read_reply(call.input);
  auto files = call.input.texts("attachments", kIdRule, kMaxAttachments);
  who = co_await worker(call, std::move(who), id);
  if (!who) co_return std::unexpected(who.error());
  auto attachments = co_await uploads_.find_all(call.caller.name, std::move(files));
  if (!attachments) co_return std::unexpected(attachments.error());
  reply.attachments = std::move(*attachments);
  const auto message = co_await desk_.work().reply(std::move(*who), id, std::move(reply));
  if (!message) co_return std::unexpected(message.error());
  metrics_.count_message(message->channel.str(), "out");
  co_return json::object{{"conversation", id.str()},
                         {"message", message->id.str()},
                         {"at", to_rfc3339(message->at)},
                         {"state", routing::to_string(message->state)}};
}

asio::awaitable<Answer> DeskCommands::note(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  auto text = read_note(call.input);
  who = finished(call, std::move(who));
  if (!who) co_return std::unexpected(who.error());
  const auto conversation = co_await permitted(call.caller, id, Action::note);
  if (!conversation) co_return std::unexpected(conversation.error());
  const auto message = co_await desk_.work().note(std::move(*who), id, std::move(text));
  if (!message) co_return std::unexpected(message.error());
  co_return json::object{{"conversation", id.str()}, {"message", message->id.str()}, {"at", to_rfc3339(message->at)}};
}

asio::awaitable<Answer> DeskCommands::transfer(Call call) {
  // `agent` is where it goes, so who is acted for has a name of its own here.
  auto who = actor(call, "acts_for");
  const ConversationId id(call.input.text("conversation", kIdRule));
  auto wanted = read_transfer(call.input, *call.config);
  who = co_await worker(call, std::move(who), id);
  if (!who) co_return std::unexpected(who.error());
  auto result = co_await desk_.work().transfer(std::move(*who), id, std::move(wanted));
  co_return done(std::move(result), id);
}

asio::awaitable<Answer> DeskCommands::resolve(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  auto resolution = read_resolution(call.input);
  who = finished(call, std::move(who));
  if (!who) co_return std::unexpected(who.error());
  // What is resolved has no owner: whoever may see it may ask for it again, which changes nothing.
  auto conversation = co_await permitted(call.caller, id, Action::view);
  if (!conversation) co_return std::unexpected(conversation.error());
  if (conversation->state != routing::State::resolved) {
    const auto allowed = permit(call.caller, Action::work, &*conversation);
    if (!allowed) co_return std::unexpected(allowed.error());
  }
  auto result =
      co_await desk_.work().resolve(at_owner(std::move(*who), call.caller, *conversation), id, std::move(resolution));
  co_return done(std::move(result), id);
}

asio::awaitable<Answer> DeskCommands::snooze(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  const auto until = read_until(call.input, clock_.now());
  auto seen = read_seen(call.input);
  who = co_await worker(call, std::move(who), id);
  if (!who) co_return std::unexpected(who.error());
  auto result = co_await desk_.work().snooze(std::move(*who), id, until, std::move(seen));
  co_return done(std::move(result), id);
}

asio::awaitable<Answer> DeskCommands::pending(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  const auto until = read_optional_until(call.input, clock_.now());
  auto seen = read_seen(call.input);
  who = co_await worker(call, std::move(who), id);
  if (!who) co_return std::unexpected(who.error());
  auto result = co_await desk_.work().pending(std::move(*who), id, until, std::move(seen));
  co_return done(std::move(result), id);
}

asio::awaitable<Answer> DeskCommands::start(Call call) {
  auto who = actor(call);
  auto start = read_start(call.input, *call.config);
  who = finished(call, std::move(who));
  if (!who) co_return std::unexpected(who.error());
  const auto channel = start.channel.str();
  const auto conversation = co_await desk_.work().start(std::move(*who), std::move(start));
  if (!conversation) co_return std::unexpected(conversation.error());
  metrics_.count_message(channel, "out");
  co_return json::object{{"conversation", conversation->str()}};
}

asio::awaitable<Answer> DeskCommands::tag(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.optional_text("conversation", kIdRule).value_or(""));
  const routing::ContactId contact(call.input.optional_text("contact", kIdRule).value_or(""));
  if (id.empty() == contact.empty()) call.input.refuse("conversation", "give either conversation or contact");
  auto change = read_tags(call.input);
  who = finished(call, std::move(who));
  if (!who) co_return std::unexpected(who.error());
  Result<std::vector<std::string>> tags;
  if (contact.empty()) {
    const auto found = co_await permitted(call.caller, id, Action::tag);
    if (!found) co_return std::unexpected(found.error());
    tags = co_await desk_.work().tag(std::move(*who), id, std::move(change));
  } else {
    const auto found = co_await permitted(call.caller, contact, Action::tag);
    if (!found) co_return std::unexpected(found.error());
    tags = co_await desk_.work().tag(std::move(*who), contact, std::move(change));
  }
  if (!tags) co_return std::unexpected(tags.error());
  json::object answer{{"tags", json::value_from(*tags)}};
  answer[contact.empty() ? "conversation" : "contact"] = contact.empty() ? id.str() : contact.str();
  co_return answer;
}

asio::awaitable<Answer> DeskCommands::typing(Call call) {
  return signal(std::move(call), "typing");
}

asio::awaitable<Answer> DeskCommands::read(Call call) {
  return signal(std::move(call), "read");
}

asio::awaitable<Answer> DeskCommands::signal(Call call, std::string type) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  const auto message = type == "read" ? call.input.optional_text("message", kIdRule) : std::nullopt;
  who = finished(call, std::move(who));
  if (!who) co_return std::unexpected(who.error());
  const auto conversation = co_await permitted(call.caller, id, Action::work);
  if (!conversation) co_return std::unexpected(conversation.error());
  desk_.signals().send({std::move(type), id, false, who->acts_for.str(), message.value_or("")});
  co_return json::object{{"conversation", id.str()}};
}

}  // namespace

bool Commands::known(std::string_view command) {
  return DeskCommands::find(command) != nullptr;
}

std::unique_ptr<Commands> create_commands(CommandsDependencies dependencies) {
  return std::make_unique<DeskCommands>(std::move(dependencies));
}

}  // namespace peyk::daemon
