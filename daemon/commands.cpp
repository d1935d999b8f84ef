#include "daemon/commands.h"

#include <array>

#include <fmt/format.h>

#include "base/json_input.h"
#include "daemon/detail.h"
#include "routing/json.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;
using routing::ConversationId;

constexpr TextRule kTextRule{1, 100'000, true};
constexpr TextRule kNoteRule{1, 20'000, true};
constexpr TextRule kTagRule{1, 60, false};
constexpr std::size_t kMaxTags = 50;
constexpr TextRule kReasonRule{0, 200, false};
constexpr TextRule kSubjectRule{0, 500, false};
constexpr std::size_t kMaxAttachments = 20;
constexpr std::size_t kMaxRequired = 20;
constexpr std::int64_t kMaxLevel = 10;
constexpr auto kFarthest = std::chrono::hours(24 * 366);

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
  /// A supervisor who names nobody acts at the owner's desk (nobody's, when it waits).
  static routing::Actor at_owner(routing::Actor actor, const Caller& caller, const routing::Conversation& conversation);
  /// The conversation, when the caller may do `action` to it.
  asio::awaitable<Result<routing::Conversation>> permitted(Caller caller, ConversationId id, Action action);
  /// The last message that the caller has seen; empty: he does not say.
  static routing::MessageId seen(Call& call);
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

routing::MessageId DeskCommands::seen(Call& call) {
  return routing::MessageId(call.input.optional_text("seen", kIdRule).value_or(""));
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
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
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
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
  if (!who) co_return std::unexpected(who.error());
  const auto conversation = co_await desk_.work().accept(std::move(*who), std::move(offer));
  if (!conversation) co_return std::unexpected(conversation.error());
  co_return json::object{{"conversation", conversation->str()}};
}

asio::awaitable<Answer> DeskCommands::decline(Call call) {
  auto who = actor(call);
  const routing::OfferId offer(call.input.text("offer", kIdRule));
  auto reason = call.input.optional_text("reason", kReasonRule).value_or("");
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
  if (!who) co_return std::unexpected(who.error());
  const auto declined = co_await desk_.work().decline(std::move(*who), offer, std::move(reason));
  if (!declined) co_return std::unexpected(declined.error());
  co_return json::object{{"offer", offer.str()}};
}

asio::awaitable<Answer> DeskCommands::reply(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  routing::Reply reply{call.input.text("key", kIdRule), call.input.text("text", kTextRule), {}, seen(call)};
  auto files = call.input.texts("attachments", kIdRule, kMaxAttachments);
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
  if (!who) co_return std::unexpected(who.error());
  const auto conversation = co_await permitted(call.caller, id, Action::work);
  if (!conversation) co_return std::unexpected(conversation.error());
  auto attachments = co_await uploads_.find_all(call.caller.name, std::move(files));
  if (!attachments) co_return std::unexpected(attachments.error());
  reply.attachments = std::move(*attachments);
  const auto message =
      co_await desk_.work().reply(at_owner(std::move(*who), call.caller, *conversation), id, std::move(reply));
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
  auto text = call.input.text("text", kNoteRule);
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
  if (!who) co_return std::unexpected(who.error());
  const auto conversation = co_await permitted(call.caller, id, Action::note);
  if (!conversation) co_return std::unexpected(conversation.error());
  const auto message = co_await desk_.work().note(std::move(*who), id, std::move(text));
  if (!message) co_return std::unexpected(message.error());
  co_return json::object{{"conversation", id.str()}, {"message", message->id.str()}, {"at", to_rfc3339(message->at)}};
}

routing::SkillLevels levels(JsonInput& input) {
  routing::SkillLevels required;
  for (const auto& [skill, level] : input.integer_map("require", 1, kMaxLevel, kMaxRequired)) {
    required.emplace(skill, static_cast<int>(level));
  }
  return required;
}

/// The fields of a transfer, with what the configuration knows of them looked up.
routing::Transfer read_transfer(Call& call) {
  routing::Transfer transfer;
  transfer.queue = QueueName(call.input.optional_text("queue", kNameRule).value_or(""));
  transfer.agent = AgentName(call.input.optional_text("agent", kNameRule).value_or(""));
  transfer.require = levels(call.input);
  transfer.note = call.input.optional_text("note", kNoteRule).value_or("");
  if (transfer.queue.empty() == transfer.agent.empty()) call.input.refuse("queue", "give either queue or agent");
  if (!transfer.queue.empty() && !call.config->queues.contains(transfer.queue)) {
    call.input.refuse("queue", "is no queue's name");
  }
  if (!transfer.agent.empty() && !call.config->agents.contains(transfer.agent)) {
    call.input.refuse("agent", "is no agent's name");
  }
  for (const auto& [skill, level] : transfer.require) {
    const bool known = std::ranges::find(call.config->skills, SkillName(skill)) != call.config->skills.end();
    if (!known) call.input.refuse("require." + skill, "is no skill's name");
  }
  return transfer;
}

asio::awaitable<Answer> DeskCommands::transfer(Call call) {
  // `agent` is where it goes, so who is acted for has a name of its own here.
  auto who = actor(call, "acts_for");
  const ConversationId id(call.input.text("conversation", kIdRule));
  auto wanted = read_transfer(call);
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
  if (!who) co_return std::unexpected(who.error());
  const auto conversation = co_await permitted(call.caller, id, Action::work);
  if (!conversation) co_return std::unexpected(conversation.error());
  auto result =
      co_await desk_.work().transfer(at_owner(std::move(*who), call.caller, *conversation), id, std::move(wanted));
  co_return done(std::move(result), id);
}

asio::awaitable<Answer> DeskCommands::resolve(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  const auto word = call.input.optional_choice("outcome", {"solved", "declined", "duplicate", "spam"});
  routing::Resolution resolution;
  if (word) resolution.outcome = routing::parse<routing::Outcome>(*word);
  resolution.note = call.input.optional_text("note", kNoteRule).value_or("");
  resolution.seen = seen(call);
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
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

void check_until(JsonInput& input, std::optional<Time> until, Time now) {
  if (!until || *until == Time()) return;
  if (*until <= now) input.refuse("until", "must be in the future");
  if (*until > now + kFarthest) input.refuse("until", "must be within a year");
}

asio::awaitable<Answer> DeskCommands::snooze(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  const auto until = call.input.time("until");
  auto shown = seen(call);
  check_until(call.input, until, clock_.now());
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
  if (!who) co_return std::unexpected(who.error());
  const auto conversation = co_await permitted(call.caller, id, Action::work);
  if (!conversation) co_return std::unexpected(conversation.error());
  auto result =
      co_await desk_.work().snooze(at_owner(std::move(*who), call.caller, *conversation), id, until, std::move(shown));
  co_return done(std::move(result), id);
}

asio::awaitable<Answer> DeskCommands::pending(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.text("conversation", kIdRule));
  const auto until = call.input.optional_time("until");
  auto shown = seen(call);
  check_until(call.input, until, clock_.now());
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
  if (!who) co_return std::unexpected(who.error());
  const auto conversation = co_await permitted(call.caller, id, Action::work);
  if (!conversation) co_return std::unexpected(conversation.error());
  auto result =
      co_await desk_.work().pending(at_owner(std::move(*who), call.caller, *conversation), id, until, std::move(shown));
  co_return done(std::move(result), id);
}

asio::awaitable<Answer> DeskCommands::start(Call call) {
  auto who = actor(call);
  routing::Start start;
  start.channel = ChannelName(call.input.text("channel", kNameRule));
  start.to = call.input.text("to", {1, 320, false});
  start.subject = call.input.optional_text("subject", kSubjectRule).value_or("");
  start.text = call.input.text("text", kTextRule);
  start.key = call.input.optional_text("key", kIdRule).value_or("");
  if (!start.channel.empty() && !call.config->channels.contains(start.channel)) {
    call.input.refuse("channel", "is no channel's name");
  }
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
  if (!who) co_return std::unexpected(who.error());
  const auto channel = start.channel.str();
  const auto conversation = co_await desk_.work().start(std::move(*who), std::move(start));
  if (!conversation) co_return std::unexpected(conversation.error());
  metrics_.count_message(channel, "out");
  co_return json::object{{"conversation", conversation->str()}};
}

routing::TagChange read_tags(JsonInput& input) {
  routing::TagChange change{input.texts("add", kTagRule, kMaxTags), input.texts("remove", kTagRule, kMaxTags)};
  const bool comma =
      std::ranges::any_of(change.add, [](const auto& tag) { return tag.find(',') != std::string::npos; });
  if (comma) input.refuse("add", "a tag has no comma");
  if (change.add.empty() && change.remove.empty()) input.refuse("add", "name tags to add or to remove");
  return change;
}

asio::awaitable<Answer> DeskCommands::tag(Call call) {
  auto who = actor(call);
  const ConversationId id(call.input.optional_text("conversation", kIdRule).value_or(""));
  const routing::ContactId contact(call.input.optional_text("contact", kIdRule).value_or(""));
  if (id.empty() == contact.empty()) call.input.refuse("conversation", "give either conversation or contact");
  auto change = read_tags(call.input);
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
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
  if (auto finished = call.input.finish(); !finished) co_return std::unexpected(finished.error());
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
