// Mails taken in for each recipient, once for each conversation.
#include "channels/email/mail_intake.h"

#include <doctest/doctest.h>

#include "config/loader.h"
#include "tests/support/customer_http.h"

namespace peyk::channels::email {
namespace {

constexpr auto kConfig = R"(
version: 1
desk: test
state_dir: /tmp
redis: {embedded: true}
channels:
  support-mail: {kind: email, address: support@kouh.example, smtp: {url: "maildir:/tmp/never"}}
queues:
  service: {promise: {first_reply: 2m, resolve: 2d}}
routes:
  - queue: service
agents: {}
)";

struct Side : test::CustomerSide {
  config::ConfigPtr config = load();
  ChannelContext parts = context();
  MailIntake intake{parts, config, config->channels.at(ChannelName("support-mail"))};

  static config::ConfigPtr load() {
    const auto loaded = config::load_text(kConfig, "test.yaml", {});
    REQUIRE(loaded.ok());
    return loaded.config;
  }
  static std::string mail(const std::string& from, const std::string& to) {
    return "From: " + from + "\r\nTo: " + to + "\r\nSubject: A leak\r\nMessage-ID: <1@x>\r\n\r\nIt drips.\r\n";
  }
  Delivered deliver(const std::string& bytes, std::vector<std::string> recipients,
                    const std::string& sender = "sara@x.example") {
    return loop.run(intake.deliver({sender, std::move(recipients)}, bytes));
  }
  std::string token(const std::string& id) { return intake.tokens().address_of(routing::ConversationId(id)); }
};

}  // namespace

TEST_CASE_FIXTURE(Side, "two tokens among the recipients are two messages, each recipient told of its own") {
  const auto one = token("c_one");
  const auto two = token("c_two");
  const auto bytes = mail("sara@x.example", one + ", " + two);
  const auto delivered = deliver(bytes, {one, two, "support@kouh.example"});
  REQUIRE(delivered.size() == 3);
  REQUIRE(desk.received.size() == 2);
  CHECK(desk.received[0].thread.conversation.str() == "c_one");
  CHECK(desk.received[1].thread.conversation.str() == "c_two");
  CHECK(delivered[0].value() != delivered[1].value());
  CHECK(delivered[2].value() == delivered[0].value());
}

TEST_CASE_FIXTURE(Side, "one mail in deliveries of its own for each recipient is stored once for each conversation") {
  const auto one = token("c_one");
  const auto two = token("c_two");
  const auto bytes = mail("sara@x.example", one + ", " + two);
  const auto plain = deliver(bytes, {"support@kouh.example"});
  const auto second = deliver(bytes, {two});
  const auto first = deliver(bytes, {one});
  CHECK(desk.received.size() == 2);
  CHECK(first[0].value() == plain[0].value());
  CHECK(second[0].value() != plain[0].value());
  CHECK(deliver(bytes, {two})[0].value() == second[0].value());
}

TEST_CASE_FIXTURE(Side, "mails whose sender cannot be read are each from a person of their own, who gets no mail") {
  deliver(mail("nobody", "support@kouh.example"), {"support@kouh.example"}, "");
  deliver(mail("nothing", "support@kouh.example"), {"support@kouh.example"}, "");
  REQUIRE(desk.received.size() == 2);
  CHECK(desk.received[0].sender.kind == "mail");
  CHECK(desk.received[0].sender.value != desk.received[1].sender.value);
}

TEST_CASE_FIXTURE(Side, "a store that is away is told to every recipient") {
  desk.down = true;
  const auto delivered =
      deliver(mail("sara@x.example", "support@kouh.example"), {"support@kouh.example", token("c_1")});
  REQUIRE(delivered.size() == 2);
  for (const auto& result : delivered) CHECK(result.error().code == ErrorCode::unavailable);
}

TEST_CASE("a mail is the same by whichever way, though a line more ends what it says") {
  ParsedMail mail;
  mail.message_id = "1@x";
  mail.text = "It drips.\nMuch.";
  mail.html = "<p>It drips.</p>";
  mail.files.push_back({.name = "a.csv", .type = "text/csv", .content = "1;2\r\n"});
  auto other = mail;
  other.text += "\n";
  other.html += "\r\n";
  other.files.front().content += "\r\n";
  CHECK(delivery_key_of(other) == delivery_key_of(mail));
  auto third = mail;
  third.text = "It drips.\nLittle.";
  CHECK(delivery_key_of(third) != delivery_key_of(mail));
  third = mail;
  third.files.front().content = "1;3\r\n";
  CHECK(delivery_key_of(third) != delivery_key_of(mail));
}

}  // namespace peyk::channels::email
