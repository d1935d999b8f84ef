#include "channels/email/mail_sender.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "channels/email/maildir.h"
#include "channels/email/smtp_client.h"
#include "routing/loggable.h"

namespace peyk::channels::email {
namespace {

using Kind = routing::SendResult::Kind;

// One attempt may meet a restart; several in a row are trouble that somebody should look at.
constexpr int kRetriesBeforeWarning = 3;

std::string domain_of(const std::string& address) {
  return address.substr(address.rfind('@') + 1);
}

TlsPolicy policy_of(config::SmtpTls tls) {
  switch (tls) {
    case config::SmtpTls::opportunistic: return TlsPolicy::opportunistic;
    case config::SmtpTls::none: return TlsPolicy::none;
    case config::SmtpTls::required: break;
  }
  return TlsPolicy::required;
}

routing::SendResult failed(std::string detail) {
  return {Kind::failed, {}, std::move(detail)};
}

}  // namespace

MailSender::MailSender(const ChannelContext& context, config::ConfigPtr config, const config::Channel& channel,
                       const ReplyTokens& tokens)
    : context_(context), config_(std::move(config)), channel_(channel), tokens_(tokens) {}

asio::awaitable<routing::SendResult> MailSender::send(routing::Outbound message) {
  const auto& smtp = channel_.email()->smtp;
  if (!smtp) co_return failed(fmt::format("channel {} has no smtp: to send by", channel_.name.str()));
  auto mail = co_await mail_of(message);
  if (!mail) {
    const bool passing = mail.error().code == ErrorCode::unavailable || mail.error().code == ErrorCode::timeout;
    co_return routing::SendResult{passing ? Kind::retry : Kind::failed, {}, mail.error().message};
  }
  const auto message_id = mail->message_id;
  routing::SendResult result;
  if (smtp->scheme == config::SmtpScheme::maildir) {
    result = co_await into_maildir(*smtp, std::move(*mail));
  } else {
    result = co_await by_smtp(*smtp, std::move(*mail));
  }
  result.external_id = message_id;
  note(result);
  co_return result;
}

asio::awaitable<Result<OutgoingMail>> MailSender::mail_of(const routing::Outbound& message) const {
  const auto to = std::find_if(message.to.begin(), message.to.end(),
                               [](const routing::Identity& identity) { return identity.kind == "email"; });
  if (to == message.to.end()) co_return fail(ErrorCode::invalid, "the contact has no e-mail address");
  const auto& settings = *channel_.email();
  OutgoingMail mail;
  mail.message_id = message.message.str() + "@" + domain_of(settings.address);
  mail.from_name = message.from_name.empty() ? settings.name : message.from_name;
  mail.from_address = settings.address;
  mail.reply_to = tokens_.address_of(message.conversation);
  mail.to_address = to->value;
  // An address may be typed in by anybody: what nobody read before it goes there carries no words of his.
  if (!message.automatic || to->verified) {
    mail.to_name = message.contact_name;
    mail.subject =
        message.in_reply_to.empty() && message.references.empty() ? message.subject : reply_subject(message.subject);
  }
  if (mail.subject.empty() || mail.subject == "Re: ") mail.subject = message.reference;
  mail.text = message.text;
  mail.in_reply_to = message.in_reply_to;
  mail.references = message.references;
  mail.automatic = message.automatic;
  mail.date = message.at;
  for (const auto& attachment : message.attachments) {
    auto content = co_await context_.blobs.get(attachment.id);
    if (!content) co_return std::unexpected(content.error());
    mail.files.push_back({attachment.name, attachment.type, std::move(*content)});
  }
  co_return mail;
}

asio::awaitable<routing::SendResult> MailSender::by_smtp(const config::Smtp& smtp, OutgoingMail mail) {
  const SmtpServer server{smtp.host, std::to_string(smtp.port), smtp.ca_file, smtp.timeout};
  const SmtpSettings settings{domain_of(channel_.email()->address), policy_of(smtp.tls),
                              smtp.scheme == config::SmtpScheme::smtps, smtp.user, smtp.password};
  SmtpMail envelope{channel_.email()->address, mail.to_address, {}};
  if (mail.files.empty()) {
    envelope.bytes = compose_mail(mail);
  } else {
    auto work = [mail = std::move(mail)] { return compose_mail(mail); };
    envelope.bytes = co_await context_.pool.run(std::move(work));
  }
  co_return co_await send_by_smtp(server, settings, std::move(envelope));
}

asio::awaitable<routing::SendResult> MailSender::into_maildir(const config::Smtp& smtp, OutgoingMail mail) {
  auto work = [folder = smtp.maildir, mail = std::move(mail)] {
    return deliver_to_maildir(folder, mail.message_id, compose_mail(mail));
  };
  const auto delivered = co_await context_.pool.run(std::move(work));
  if (delivered) co_return routing::SendResult{};
  co_return routing::SendResult{Kind::retry, {}, delivered.error().message};
}

void MailSender::note(const routing::SendResult& result) {
  if (result.kind != Kind::retry) {
    retries_in_a_row_ = 0;
    return;
  }
  ++retries_in_a_row_;
  last_detail_ = routing::loggable(result.detail);
  spdlog::warn("mail.not_sent channel={} attempts={} detail=\"{}\"", channel_.name.str(), retries_in_a_row_,
               last_detail_);
}

ChannelHealth MailSender::health() const {
  if (retries_in_a_row_ < kRetriesBeforeWarning) return {};
  return {ChannelHealth::Status::warn, "channel.sending",
          fmt::format("{} attempts in a row to send mail failed, the last with: {}. Answers wait in the outbox and are "
                      "sent when it works again; check smtp: of channel {}",
                      retries_in_a_row_, last_detail_, channel_.name.str())};
}

}  // namespace peyk::channels::email
