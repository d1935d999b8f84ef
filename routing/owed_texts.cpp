#include "routing/owed_texts.h"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "routing/store/arguments.h"
#include "routing/store/replies.h"

namespace peyk::routing {
namespace {

constexpr auto kEvery = std::chrono::seconds(5);
constexpr int kAtOnce = 50;

const config::Channel* mail_channel(const Settings& settings, const Conversation& conversation) {
  const auto& known = conversation.participants;
  const bool by_mail = std::ranges::any_of(known, [](const auto& identity) { return identity.kind == "email"; });
  return by_mail ? settings.sender_for(conversation.channel) : nullptr;
}

bool is_over(const Conversation& conversation) {
  return conversation.state == State::resolved || conversation.state == State::closed;
}

/// NAME of "overflow:NAME:SEQ".
std::string_view answer_in(std::string_view key) {
  key.remove_prefix(std::min(key.size(), key.find(':') + 1));
  return key.substr(0, key.rfind(':'));
}

/// The text of `key`, and why it is said, for the conversation's customer; empty: none.
NextStepText text_of(Settings& settings, const Conversation& conversation, std::string_view key, Time now) {
  const auto& config = settings.config();
  const auto& language = conversation.language;
  const auto kind = key.substr(0, key.find(':'));
  const bool again = kind.size() < key.size();
  const bool waits = again ? conversation.unanswered_since.has_value() : !conversation.first_replied_at;
  if (kind == "received" && !is_over(conversation) && waits) {
    const bool sent = !again && mail_channel(settings, conversation) != nullptr;
    return next_step_text(settings, conversation.queue, language, conversation.reference, sent, now);
  }
  if (kind == "overflow" && !is_over(conversation)) {
    const auto* texts = settings.answer(std::string(answer_in(key)));
    if (texts != nullptr) return {config::pick_text(*texts, language, config.locale), "overflow"};
    return next_step_text(settings, conversation.queue, language, conversation.reference, false, now);
  }
  if (kind == "reassigned" && !is_over(conversation)) {
    return {system_text(config, SystemText::reassigned, language), "reassigned"};
  }
  if (kind == "resolved" && is_over(conversation)) {
    return {fill_in(system_text(config, SystemText::resolved, language), conversation.reference, ""), "resolved"};
  }
  return {};
}

class AskingTexts : public OwedTexts {
 public:
  explicit AskingTexts(DeskCore& core) : core_(core), tasks_(core.executor, "owed-texts") {}

  void start() override { tasks_.spawn("ask", ask_regularly()); }
  asio::awaitable<void> stop() override { co_await tasks_.stop(); }

 private:
  asio::awaitable<void> ask_regularly() {
    for (;;) {
      const bool waited = co_await sleep_for(kEvery);
      if (!waited) co_return;
      co_await ask();
    }
  }

  asio::awaitable<void> ask() {
    store::ObjectWriter call;
    call.number("limit", kAtOnce).raw("drop", out_of_place_.take());
    const auto reply = co_await core_.runner.write("texts_due", call.take());
    if (!reply) co_return;  // what is out of place is told again, and found so again
    for (const auto& item : store::array_in(*reply, "due")) {
      if (item.is_object()) say(item.get_object());
    }
  }

  void say(const boost::json::object& owed) {
    const auto settings = core_.settings;
    const auto key = store::text(owed, "key");
    const auto conversation = store::read_conversation(store::object_in(owed, "conversation"));
    auto announcement = announcement_of(*settings, conversation, key, core_.runner.now());
    if (announcement) {
      spdlog::info("texts.owed conversation={} text={}", conversation.id.str(), key);
      core_.texts.announce(std::move(*announcement));
      return;
    }
    store::ObjectWriter dropped;
    out_of_place_.raw(dropped.text("conversation", conversation.id).text("key", key).take());
  }

  DeskCore& core_;
  store::ArrayWriter out_of_place_;  // to be told with the next call
  TaskGroup tasks_;
};

}  // namespace

NextStepText next_step_text(Settings& settings, const QueueName& queue, const Language& language,
                            const std::string& reference, bool sent, Time now) {
  const auto& config = settings.config();
  const auto* rules = settings.queue(queue);
  if (rules == nullptr) return {};
  auto& hours = settings.hours().clock(rules->hours);
  const auto opens = hours.is_open(now) ? std::nullopt : hours.next_open(now);
  if (!opens && !sent) return {};
  const auto found = config.hours.find(rules->hours);
  const auto& timezone = found == config.hours.end() ? config.timezone : found->second.timezone;
  const auto shown = opens ? show_time(*opens, language, timezone) : std::string();
  auto text = system_text(config, opens ? SystemText::closed : SystemText::received, language);
  return {fill_in(std::move(text), reference, shown), opens ? "closed" : "received"};
}

std::optional<Announcement> announcement_of(Settings& settings, const Conversation& conversation,
                                            const std::string& key, Time now) {
  auto [text, cause] = text_of(settings, conversation, key, now);
  if (text.empty()) return std::nullopt;
  return Announcement{conversation.id, key, std::move(text), mail_channel(settings, conversation), std::move(cause)};
}

std::string answer_key(const boost::json::object& listed) {
  return fmt::format("overflow:{}:{}", store::text(listed, "answer"), store::number(listed, "seq"));
}

void announce_answer(DeskCore& core, const Conversation& conversation, const boost::json::object& listed) {
  const auto settings = core.settings;
  auto announcement = announcement_of(*settings, conversation, answer_key(listed), core.runner.now());
  if (announcement) core.texts.announce(std::move(*announcement));
}

std::unique_ptr<OwedTexts> create_owed_texts(DeskCore& core) {
  return std::make_unique<AskingTexts>(core);
}

}  // namespace peyk::routing
