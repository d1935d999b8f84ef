// Tags of contacts and conversations, and rules that look at them.
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

#include "tests/support/desk.h"

namespace peyk::routing {
namespace {

using test::TestDesk;

const AgentName kAni("ani");
const Actor kActor{ActorKind::agent, kAni, kAni};

config::ConfigPtr tagged_desk() {
  return test::desk_config([](config::Config& config) {
    config::Route vip;
    vip.name = "vip";
    vip.queue = QueueName("billing");
    vip.when.contact_tags = {"vip"};
    config.routes.insert(config.routes.begin(), vip);
  });
}

struct Fixture {
  test::RedisServer server;
  test::Loop loop;
  TestDesk desk{loop, server, tagged_desk()};

  Conversation arrive(const std::string& email) {
    const auto accepted = loop.run(desk->intake().receive(TestDesk::form(email, "My cooler leaks.")));
    REQUIRE_MESSAGE(accepted.has_value(), accepted.error().message);
    return loop.run(desk->reader().conversation(accepted->conversation)).value();
  }
  std::vector<std::string> tag(const ContactId& contact, TagChange change) {
    const auto tags = loop.run(desk->work().tag(kActor, contact, std::move(change)));
    REQUIRE_MESSAGE(tags.has_value(), tags.error().message);
    return *tags;
  }
};

using Tags = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a contact's tags decide which rule his next message hits") {
  const auto first = arrive("sara@example.org");
  CHECK(first.queue == QueueName("service"));
  CHECK(tag(first.contact, {{"vip", "old"}, {}}) == Tags{"old", "vip"});
  const auto contact = loop.run(desk->reader().contact(first.contact)).value();
  CHECK(contact.tags == Tags{"old", "vip"});
  CHECK(contact.conversations == std::vector{first.id});
  CHECK(arrive("sara@example.org").queue == QueueName("billing"));
  CHECK(arrive("other@example.org").queue == QueueName("service"));
  CHECK(tag(first.contact, {{}, {"vip"}}) == Tags{"old"});
  CHECK(arrive("sara@example.org").queue == QueueName("service"));
}

TEST_CASE_FIXTURE(Fixture, "an agent who writes first to a tagged contact gets what the rules say of him") {
  const auto first = arrive("sara@example.org");
  tag(first.contact, {{"vip"}, {}});
  const auto started = loop.run(
      desk->work().start({ActorKind::agent, AgentName("mehri"), AgentName("mehri")},
                         {ChannelName("support-mail"), "sara@example.org", "Your cooler", "We have the part.", "key"}));
  REQUIRE_MESSAGE(started.has_value(), started.error().message);
  CHECK(loop.run(desk->reader().conversation(*started)).value().queue == QueueName("billing"));
}

TEST_CASE_FIXTURE(Fixture, "tags that change while his messages come in: each is classified by what he had then") {
  const auto first = arrive("sara@example.org");
  TestDesk other(loop, server, tagged_desk());
  for (int round = 0; round < 10; ++round) {
    const bool vip = round % 2 == 0;
    auto tagging =
        asio::co_spawn(loop.executor(),
                       other->work().tag(kActor, first.contact, vip ? TagChange{{"vip"}, {}} : TagChange{{}, {"vip"}}),
                       asio::use_future);
    arrive("sara@example.org");
    REQUIRE(desk.until([&] { return tagging.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
    CHECK(tagging.get().has_value());
    CHECK(arrive("sara@example.org").queue == QueueName(vip ? "billing" : "service"));
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a conversation's own tags are shown; the events name whom they concern and never the tags") {
  const auto first = arrive("sara@example.org");
  const auto tags = loop.run(desk->work().tag(kActor, first.id, {{"complaint", "legal"}, {}}));
  CHECK(tags.value() == Tags{"complaint", "legal"});
  CHECK(loop.run(desk->reader().conversation(first.id)).value().tags == Tags{"complaint", "legal"});
  tag(first.contact, {{"vip"}, {}});
  REQUIRE(desk.until([&] { return !desk.id_in("contact.tagged", "contact").empty(); }));
  CHECK(desk.id_in("contact.tagged", "contact") == first.contact.str());
  bool seen = false;
  for (const auto& event : desk.events()) {
    if (event.type == "conversation.tagged") {
      seen = true;
      CHECK(event.conversation == first.id);
      CHECK(event.actor == "agent:ani");
    }
    for (const auto& [name, value] : event.ids) CHECK(value.find("vip") == std::string::npos);
  }
  CHECK(seen);
}

TEST_CASE_FIXTURE(Fixture, "what is no tag is refused, and so is a tag for nobody") {
  const auto first = arrive("sara@example.org");
  const auto comma = loop.run(desk->work().tag(kActor, first.contact, {{"a,b"}, {}}));
  REQUIRE_FALSE(comma.has_value());
  CHECK(comma.error().code == ErrorCode::unprocessable);
  Tags many;
  for (int i = 0; i < 51; ++i) many.push_back("t" + std::to_string(i));
  CHECK(loop.run(desk->work().tag(kActor, first.contact, {many, {}})).error().code == ErrorCode::unprocessable);
  CHECK(loop.run(desk->work().tag(kActor, ContactId("p_none"), {{"a"}, {}})).error().code == ErrorCode::not_found);
  CHECK(loop.run(desk->reader().contact(first.contact)).value().tags.empty());
}

}  // namespace peyk::routing
