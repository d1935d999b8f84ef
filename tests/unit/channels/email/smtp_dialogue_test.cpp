// SMTP's dialogue without a socket: TLS, passwords, refusals and addresses.
#include "channels/email/smtp_dialogue.h"

#include <doctest/doctest.h>

namespace peyk::channels::email {
namespace {

using Kind = routing::SendResult::Kind;
using Next = SmtpDialogue::Next;

const SmtpMail kMail{"support@kouh.example", "sara@example.com", "Subject: x\r\n\r\n.dot\r\n"};

SmtpDialogue plain(const SmtpMail& mail = kMail) {
  return {{"kouh.example", TlsPolicy::none, false, "", {}}, mail};
}

}  // namespace

TEST_CASE("a mail goes out in plain where that is configured") {
  auto smtp = plain();
  CHECK(smtp.on_reply(220, "mx").text == "EHLO kouh.example\r\n");
  CHECK(smtp.on_reply(250, "mx\nSTARTTLS\nSIZE 1000\n8BITMIME").text == "MAIL FROM:<support@kouh.example> SIZE=20\r\n");
  CHECK(smtp.on_reply(250, "ok").text == "RCPT TO:<sara@example.com>\r\n");
  CHECK(smtp.on_reply(250, "ok").text == "DATA\r\n");
  CHECK(smtp.on_reply(354, "go").text == "Subject: x\r\n\r\n..dot\r\n.\r\n");
  const auto end = smtp.on_reply(250, "queued");
  CHECK(end.next == Next::done);
  CHECK(end.result.kind == Kind::sent);
}

TEST_CASE("TLS is started wherever it is offered, and what was offered before counts no more") {
  SmtpDialogue smtp({"kouh.example", TlsPolicy::required, false, "u", Secret("p")}, kMail);
  smtp.on_reply(220, "mx");
  CHECK(smtp.on_reply(250, "mx\nSTARTTLS\nAUTH PLAIN").text == "STARTTLS\r\n");
  CHECK(smtp.on_reply(220, "go").next == Next::start_tls);
  CHECK(smtp.on_tls().text == "EHLO kouh.example\r\n");
  CHECK(smtp.on_reply(250, "mx\nAUTH LOGIN").text == "AUTH LOGIN\r\n");
  CHECK(smtp.on_reply(334, "VXNlcm5hbWU6").text == "dQ==\r\n");
  CHECK(smtp.on_reply(334, "UGFzc3dvcmQ6").text == "cA==\r\n");
  CHECK(smtp.on_reply(235, "ok").text.starts_with("MAIL FROM"));
}

TEST_CASE("without TLS no password and no mail is sent where TLS is required") {
  SmtpDialogue smtp({"kouh.example", TlsPolicy::required, false, "u", Secret("p")}, kMail);
  smtp.on_reply(220, "mx");
  const auto end = smtp.on_reply(250, "mx\nAUTH PLAIN");
  CHECK(end.next == Next::done);
  CHECK(end.result.kind == Kind::retry);
}

TEST_CASE("AUTH PLAIN carries user and password") {
  SmtpDialogue smtp({"kouh.example", TlsPolicy::required, true, "u", Secret("p")}, kMail);
  smtp.on_reply(220, "mx");
  CHECK(smtp.on_reply(250, "mx\nAUTH PLAIN LOGIN").text == "AUTH PLAIN AHUAcA==\r\n");
  CHECK(smtp.on_reply(535, "bad credentials").result.kind == Kind::retry);
}

TEST_CASE("a refusal for good ends it, a passing one is tried again") {
  const auto at_recipient = [](int code) {
    auto smtp = plain();
    smtp.on_reply(220, "mx");
    smtp.on_reply(250, "mx");
    smtp.on_reply(250, "ok");
    return smtp.on_reply(code, "5.1.1 no such\nuser").result;
  };
  CHECK(at_recipient(550).kind == Kind::failed);
  CHECK(at_recipient(550).detail == "550 5.1.1 no such user");
  CHECK(at_recipient(450).kind == Kind::retry);
  CHECK(plain().on_reply(554, "go away").result.kind == Kind::retry);
}

TEST_CASE("an address that would break the command is never written") {
  const SmtpMail evil{"support@kouh.example", "a@b>\r\nRCPT TO:<c@d", ""};
  auto smtp = plain(evil);
  CHECK(smtp.on_reply(220, "mx").result.kind == Kind::failed);
}

TEST_CASE("addresses beyond ASCII need SMTPUTF8") {
  const SmtpMail mail{"support@kouh.example", "سارا@example.com", ""};
  auto without = plain(mail);
  without.on_reply(220, "mx");
  CHECK(without.on_reply(250, "mx").result.kind == Kind::failed);
  auto with = plain(mail);
  with.on_reply(220, "mx");
  CHECK(with.on_reply(250, "mx\nSMTPUTF8").text == "MAIL FROM:<support@kouh.example> SMTPUTF8\r\n");
}

}  // namespace peyk::channels::email
