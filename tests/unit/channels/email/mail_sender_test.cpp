// Which words go out to which address.
#include "channels/email/mail_sender.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "config/loader.h"
#include "tests/support/customer_http.h"
#include "tests/support/temp_folder.h"

namespace peyk::channels::email {
namespace {

namespace fs = std::filesystem;

struct Side : test::CustomerSide {
  test::TempFolder folder;
  config::ConfigPtr config = load(folder.path() / "mail");
  ChannelContext parts = context();
  ReplyTokens tokens{Secret("key"), "support@kouh.example"};
  MailSender sender{parts, config, config->channels.at(ChannelName("support-mail")), tokens};

  static config::ConfigPtr load(const fs::path& maildir) {
    const auto text =
        "version: 1\ndesk: test\nstate_dir: /tmp\nredis: {embedded: true}\nchannels:\n"
        "  support-mail: {kind: email, address: support@kouh.example, smtp: {url: \"maildir:" +
        maildir.string() +
        "\"}}\nqueues:\n  service: {promise: {first_reply: 2m, resolve: 2d}}\nroutes:\n"
        "  - queue: service\nagents: {}\n";
    const auto loaded = config::load_text(text, "test.yaml", {});
    REQUIRE(loaded.ok());
    return loaded.config;
  }
  routing::Outbound outbound(bool automatic, bool verified) const {
    routing::Outbound out;
    out.conversation = routing::ConversationId("c_1");
    out.message = routing::MessageId("m_1");
    out.reference = "PK-7F3K2";
    out.to = {{"email", "victim@x.example", verified}};
    out.contact_name = "You won";
    out.subject = "Click http://evil.example";
    out.text = "Your message is with us.";
    out.automatic = automatic;
    out.at = clock.now();
    return out;
  }
  std::string sent(const routing::Outbound& out) {
    REQUIRE(loop.run(sender.send(out)).kind == routing::SendResult::Kind::sent);
    const auto first = fs::directory_iterator(folder.path() / "mail" / "new");
    std::ifstream file(first->path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

}  // namespace

TEST_CASE_FIXTURE(Side, "a text of our own to an address nobody has verified carries no words of whoever typed it in") {
  const auto mail = sent(outbound(true, false));
  CHECK(mail.find("won") == std::string::npos);
  CHECK(mail.find("evil") == std::string::npos);
  CHECK(mail.find("Subject: PK-7F3K2\r\n") != std::string::npos);
  CHECK(mail.find("To: victim@x.example\r\n") != std::string::npos);
}

TEST_CASE_FIXTURE(Side, "an agent's answer carries the subject and the name") {
  const auto mail = sent(outbound(false, false));
  CHECK(mail.find("Subject: Click http://evil.example\r\n") != std::string::npos);
  CHECK(mail.find("You won") != std::string::npos);
}

}  // namespace peyk::channels::email
