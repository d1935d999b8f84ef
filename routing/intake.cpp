#include "routing/intake.h"

#include <ranges>

#include <fmt/format.h>

#include "routing/desk_core.h"
#include "routing/owed_texts.h"
#include "routing/store/arguments.h"
#include "routing/store/replies.h"
#include "routing/system_texts.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

constexpr std::size_t kDeliveryKeyBytes = 200;
constexpr std::size_t kCommentBytes = 4000;
constexpr int kClassifications = 5;  // of one message, while its contact's tags change under it

Result<> check(const Inbound& message) {
  std::vector<FieldError> errors;
  if (message.delivery_key.empty() || message.delivery_key.size() > kDeliveryKeyBytes) {
    errors.push_back({"delivery_key", fmt::format("must have 1 to {} bytes", kDeliveryKeyBytes)});
  }
  if (message.sender.kind.empty() || message.sender.value.empty()) {
    errors.push_back({"sender", "must say who writes"});
  }
  if (errors.empty()) return {};
  return fail(ErrorCode::unprocessable, "the message lacks what every message needs", std::move(errors));
}

const Identity* mail_identity(const Inbound& message) {
  if (message.sender.kind == "email") return &message.sender;
  for (const auto& identity : message.also_known_as) {
    if (identity.kind == "email") return &identity;
  }
  return nullptr;
}

class ScriptIntake : public Intake {
 public:
  explicit ScriptIntake(DeskCore& core) : core_(core) {}

  asio::awaitable<Result<Accepted>> receive(Inbound message) override {
    if (const auto checked = check(message); !checked) co_return std::unexpected(checked.error());
    const auto settings = core_.settings;
    const auto* channel = settings->channel(message.channel);
    if (channel == nullptr) {
      co_return fail(ErrorCode::not_found, fmt::format("there is no channel {}", message.channel.str()));
    }
    const auto kept = co_await keep_attachments(core_.blobs, message.attachments);
    if (!kept) co_return std::unexpected(kept.error());
    auto subject = subject_of(message, *channel, *settings);
    auto reply = co_await store_classified(message, subject, *settings);
    if (!reply) co_return std::unexpected(reply.error());
    // Where it is: an overflow may have moved it, and an open conversation stays where it was.
    const QueueName queue(store::text(*reply, "queue"));
    auto accepted = read(*reply, queue);
    if (!accepted.duplicate && !message.automatic) {
      const auto* via = mail_identity(message) == nullptr ? nullptr : settings->sender_for(channel->name);
      const Customer customer{*settings, subject.language, via};
      const bool answered = tell_overflow(customer, *reply, queue, accepted);
      const bool reopened = store::flag(*reply, "reopened");
      const auto key = accepted.created ? "received" : fmt::format("received:{}", accepted.message.str());
      if ((accepted.created || reopened) && !answered) tell_next_step(customer, queue, accepted, key);
    }
    co_return accepted;
  }

  asio::awaitable<Result<>> end(ConversationId conversation, Identity sender) override {
    store::ObjectWriter call;
    call.text("conversation", conversation).raw("sender", store::identity_json(sender));
    const auto reply = co_await core_.runner.write("end", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return Result<>();
  }

  asio::awaitable<Result<>> rate(ConversationId conversation, Identity sender, int score,
                                 std::string comment) override {
    std::vector<FieldError> errors;
    if (score < 1 || score > 5) errors.push_back({"score", "must be 1 to 5"});
    if (comment.size() > kCommentBytes) errors.push_back({"comment", "is too long"});
    if (!errors.empty()) co_return fail(ErrorCode::unprocessable, "that is no rating", std::move(errors));
    store::ObjectWriter call;
    call.text("conversation", conversation).raw("sender", store::identity_json(sender));
    call.number("score", score).text("comment", comment);
    const auto reply = co_await core_.runner.write("rate", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    co_return Result<>();
  }

 private:
  /// One call, but for desks whose rules look at tags: there the store says when the contact has others than were
  /// assumed (none, at first), and nothing is stored. `subject` has in the end
  /// what it was stored by.
  asio::awaitable<Result<json::object>> store_classified(const Inbound& message, Subject& subject, Settings& settings) {
    const auto body = store::body_json(message.text, message.html, message.attachments);
    for (int attempt = 0; attempt < kClassifications; ++attempt) {
      auto reply = co_await core_.runner.write("receive", arguments(message, subject, settings), body);
      if (!reply || !store::flag(*reply, "reclassify")) co_return reply;
      subject.contact_tags = store::texts(*reply, "contact_tags");
    }
    co_return fail(ErrorCode::unavailable, "the contact's tags keep changing: send it again");
  }

  Subject subject_of(const Inbound& message, const config::Channel& channel, const Settings& settings) const {
    Subject subject;
    subject.channel = message.channel;
    subject.kind = message.kind;
    subject.fields = &message.fields;
    subject.subject = message.subject;
    subject.text = message.text;
    const auto* mail = mail_identity(message);
    subject.sender = mail != nullptr ? mail->value : message.sender_name;
    subject.language = settings.language_of(channel, message.text, message.locale);
    subject.now = core_.runner.now();
    return subject;
  }

  std::string arguments(const Inbound& message, const Subject& subject, Settings& settings) const {
    store::ObjectWriter call;
    call.text("conversation", core_.random.id("c_")).text("message", core_.random.id("m_"));
    call.text("contact", core_.random.id("p_")).text("token", core_.random.token());
    call.text("delivery_key", message.channel.str() + ":" + message.delivery_key).text("digest", message.body_digest);
    call.text("channel", message.channel).text("kind", to_string(message.kind));
    call.raw("sender", store::identity_json(message.sender));
    call.raw("also", store::identities_json(message.also_known_as)).text("name", message.sender_name);
    if (message.reply_to) call.raw("reply_to", store::identity_json(*message.reply_to));
    call.text("hint", message.thread.conversation).raw("references", store::text_array(message.thread.references));
    call.text("external_id", message.external_id).text("subject", message.subject);
    call.flag("automatic", message.automatic)
        .flag("tell", may_tell(message, settings))
        .flag("tell_again", !message.automatic && !settings.config().hours.empty())
        .raw("blobs", store::blobs_json(message.attachments, message.raw));
    store::add_tags(call, settings.rules(), subject.contact_tags);
    call.raw("class", settings.classify(subject, message.fields));
    return call.take();
  }

  /// Whether a new conversation's customer may be owed a text about it: who is killed before it is said leaves that to
  /// others.
  static bool may_tell(const Inbound& message, const Settings& settings) {
    if (message.automatic) return false;
    const bool sent = mail_identity(message) != nullptr && settings.sender_for(message.channel) != nullptr;
    return sent || !settings.config().hours.empty();
  }

  Accepted read(const json::object& reply, const QueueName& queue) const {
    Accepted accepted;
    accepted.conversation = ConversationId(store::text(reply, "conversation"));
    accepted.message = MessageId(store::text(reply, "message"));
    accepted.reference = store::text(reply, "reference");
    accepted.status_token = store::text(reply, "status_token");
    accepted.state = store::spelled<State>(reply, "state").value_or(State::waiting);
    accepted.at = store::time(reply, "at").value_or(core_.runner.now());
    accepted.created = store::flag(reply, "created");
    accepted.duplicate = store::flag(reply, "duplicate");
    const auto position = static_cast<int>(store::number(reply, "position"));
    if (position > 0) {
      accepted.position = position;
      const auto kind = store::spelled<ChannelKind>(reply, "kind").value_or(ChannelKind::email);
      accepted.wait = core_.waits.estimate(queue, kind, position);
    }
    return accepted;
  }

  /// How a customer is told something.
  struct Customer {
    Settings& settings;
    Language language;
    const config::Channel* via;  // null: shown where he looks, not sent
  };

  /// What happens next and when. A chat that is answered now needs no such text, nor does who writes again to what was
  /// solved: he was told that it is taken up again.
  void tell_next_step(const Customer& customer, const QueueName& queue, const Accepted& accepted,
                      const std::string& key) {
    const bool sent = customer.via != nullptr && accepted.created;
    auto [text, cause] =
        next_step_text(customer.settings, queue, customer.language, accepted.reference, sent, accepted.at);
    if (text.empty()) return;
    core_.texts.announce({accepted.conversation, key, std::move(text), customer.via, std::move(cause)});
  }

  /// The configured answers to what overflows. True when the new message got one: it says what happens next, as the
  /// built-in text would; that is said in place of an answer which this daemon's file has not, or no longer.
  bool tell_overflow(const Customer& customer, const json::object& reply, const QueueName& queue,
                     const Accepted& accepted) {
    bool told = false;
    for (const auto& item : store::array_in(reply, "overflow")) {
      if (!item.is_object()) continue;
      const ConversationId conversation(store::text(item.get_object(), "conversation"));
      const bool newest = conversation == accepted.conversation;
      told = told || newest;
      const auto key = answer_key(item.get_object());
      const auto* answer = customer.settings.answer(store::text(item.get_object(), "answer"));
      if (answer == nullptr) {
        if (newest) tell_next_step(customer, queue, accepted, key);
        continue;
      }
      const auto& text = config::pick_text(*answer, customer.language, customer.settings.config().locale);
      core_.texts.announce({conversation, key, text, customer.via, "overflow"});
    }
    return told;
  }

  DeskCore& core_;
};

}  // namespace

asio::awaitable<Result<>> keep_attachments(Blobs& blobs, const std::vector<Attachment>& attachments) {
  if (attachments.empty()) co_return Result<>();
  const auto ids = std::views::transform(attachments, &Attachment::id);
  co_return co_await blobs.keep({ids.begin(), ids.end()});
}

std::unique_ptr<Intake> create_intake(DeskCore& core) {
  return std::make_unique<ScriptIntake>(core);
}

}  // namespace peyk::routing
