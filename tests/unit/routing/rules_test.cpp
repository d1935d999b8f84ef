// Routing rules: their conditions, their order and the demands that come of them.
#include "routing/rules.h"

#include <doctest/doctest.h>

namespace peyk::routing {
namespace {

using config::SkillLevels;

const Time kNow = parse_rfc3339("2026-07-15T09:00:00Z").value();  // a Wednesday in summer

/// Two queues, three skills, an hour's span that never opens, and a last route to "service".
class Desk {
 public:
  Desk() {
    config_->timezone = "Asia/Tehran";
    config_->skills = {SkillName("cooling"), SkillName("hy"), SkillName("fa")};
    for (const auto* name : {"service", "billing"}) {
      config::Queue queue;
      queue.name = QueueName(name);
      queue.promise = {std::chrono::minutes(2), std::chrono::hours(48)};
      config_->queues.emplace(queue.name, queue);
    }
    config::Hours closed;
    closed.name = HoursName("never");
    closed.timezone = "UTC";
    config_->hours.emplace(closed.name, closed);
  }

  config::Route& route(const std::string& queue) {
    auto& added = config_->routes.emplace_back();
    added.name = "route " + std::to_string(config_->routes.size());
    added.queue = QueueName(queue);
    return added;
  }

  config::Queue& queue(const std::string& name) { return config_->queues.at(QueueName(name)); }

  const Routing& classify(const Subject& subject) {
    if (!rules_) {
      route("service");
      hours_ = std::make_unique<HoursBook>(config_);
      rules_ = create_rules(config_, *hours_);
    }
    return *rules_->classify(subject);
  }
  int rule(const Subject& subject) { return classify(subject).rule; }

 private:
  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  std::unique_ptr<HoursBook> hours_;
  std::unique_ptr<Rules> rules_;
};

Subject form() {
  Subject subject;
  subject.channel = ChannelName("contact-form");
  subject.kind = ChannelKind::form;
  subject.language = "en";
  subject.now = kNow;
  return subject;
}

config::Pattern pattern(const std::string& text) {
  return config::Pattern::compile(text).value();
}

}  // namespace

TEST_CASE("each condition of a rule decides once") {
  Desk desk;
  desk.route("billing").when.channels = {ChannelName("site-chat")};
  desk.route("billing").when.kinds = {ChannelKind::email};
  desk.route("billing").when.fields = {{"product", {"cooler", "heater"}}};
  desk.route("billing").when.subject = pattern("(?i)invoice|صورتحساب");
  desk.route("billing").when.text = pattern("refund");
  desk.route("billing").when.sender = pattern("@bank\\.example$");
  desk.route("billing").when.languages = {"hy", "ru"};
  desk.route("billing").when.contact_tags = {"vip"};

  auto chat = form();
  chat.channel = ChannelName("site-chat");
  CHECK(desk.rule(chat) == 1);
  auto mail = form();
  mail.kind = ChannelKind::email;
  CHECK(desk.rule(mail) == 2);
  const std::map<std::string, std::string> heater{{"product", "heater"}};
  const std::map<std::string, std::string> blender{{"product", "blender"}};
  auto fields = form();
  fields.fields = &heater;
  CHECK(desk.rule(fields) == 3);
  fields.fields = &blender;
  CHECK(desk.rule(fields) == 9);
  auto subject = form();
  subject.subject = "درباره صورتحساب";
  CHECK(desk.rule(subject) == 4);
  auto text = form();
  text.text = "I want a refund.";
  CHECK(desk.rule(text) == 5);
  auto sender = form();
  sender.sender = "ani@bank.example";
  CHECK(desk.rule(sender) == 6);
  auto language = form();
  language.language = "ru";
  CHECK(desk.rule(language) == 7);
  auto tagged = form();
  tagged.contact_tags = {"old", "vip"};
  CHECK(desk.rule(tagged) == 8);
  CHECK(desk.rule(form()) == 9);
}

TEST_CASE("all conditions of a rule must hold, and the first rule that holds wins") {
  Desk desk;
  auto& both = desk.route("billing").when;
  both.subject = pattern("invoice");
  both.languages = {"fa"};
  desk.route("billing").when.subject = pattern("invoice");
  auto subject = form();
  subject.subject = "invoice 7";
  CHECK(desk.rule(subject) == 2);
  subject.language = "fa";
  CHECK(desk.rule(subject) == 1);
}

TEST_CASE("a rule may hold in its season only, and while hours are open or closed") {
  Desk desk;
  desk.route("billing").when.dates = {config::parse_date_range("06-01..09-30").value()};
  auto closed = form();
  CHECK(desk.rule(closed) == 1);
  closed.now = parse_rfc3339("2026-12-15T09:00:00Z").value();
  CHECK(desk.rule(closed) == 2);

  Desk hours;
  hours.route("billing").when.hours = {{HoursName("never"), true}};
  hours.route("billing").when.hours = {{HoursName("never"), false}};
  CHECK(hours.rule(form()) == 2);
}

TEST_CASE("a route's demand stands on top of its queue's") {
  Desk desk;
  desk.queue("billing").demand.require = {{SkillName("cooling"), 1}, {SkillName("fa"), 2}};
  auto& route = desk.route("billing");
  route.demand.require = {{SkillName("cooling"), 3}};
  route.priority = Priority::high;
  route.first_reply = std::chrono::minutes(1);
  const auto& routing = desk.classify(form());
  CHECK(routing.queue == QueueName("billing"));
  CHECK(routing.demand.require == SkillLevels{{SkillName("cooling"), 3}, {SkillName("fa"), 2}});
  CHECK(routing.priority == Priority::high);
  CHECK(routing.promise.first_reply == std::chrono::minutes(1));
  CHECK(routing.promise.resolve == std::chrono::hours(48));
}

TEST_CASE("`language` in a demand stands for the conversation's own, where agents have it as a skill") {
  Desk desk;
  desk.queue("service").demand.require = {{SkillName("language"), 3}};
  auto armenian = form();
  armenian.language = "hy";
  CHECK(desk.classify(armenian).demand.require == SkillLevels{{SkillName("hy"), 3}});
  auto finnish = form();
  finnish.language = "fi";
  CHECK(desk.classify(finnish).demand.require.empty());
}

TEST_CASE(
    "`language` in bands stands for the conversation's own language too, and a band of that skill's own goes first") {
  Desk desk;
  desk.queue("service").demand.bands = {{SkillName("language"), {4, 2}}, {SkillName("fa"), {5}}};
  auto subject = form();
  subject.language = "hy";
  CHECK(desk.classify(subject).demand.bands == config::Bands{{SkillName("fa"), {5}}, {SkillName("hy"), {4, 2}}});
  subject.language = "fa";
  CHECK(desk.classify(subject).demand.bands == config::Bands{{SkillName("fa"), {5}}});
  subject.language = "fi";
  CHECK(desk.classify(subject).demand.bands == config::Bands{{SkillName("fa"), {5}}});
}

}  // namespace peyk::routing
