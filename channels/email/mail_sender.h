// From an answer in the outbox to a mail on its way.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "channels/channel.h"
#include "channels/context.h"
#include "channels/email/composed_mail.h"
#include "channels/email/reply_token.h"

namespace peyk::channels::email {

/// Sends one channel's answers by SMTP or into a maildir, as its configuration says.
class MailSender {
 public:
  MailSender(const ChannelContext& context, config::ConfigPtr config, const config::Channel& channel,
             const ReplyTokens& tokens);

  asio::awaitable<routing::SendResult> send(routing::Outbound message);

  /// What the last attempts say.
  ChannelHealth health() const;

 private:
  asio::awaitable<Result<OutgoingMail>> mail_of(const routing::Outbound& message) const;
  asio::awaitable<routing::SendResult> by_smtp(const config::Smtp& smtp, OutgoingMail mail);
  asio::awaitable<routing::SendResult> into_maildir(const config::Smtp& smtp, OutgoingMail mail);
  void note(const routing::SendResult& result);

  const ChannelContext& context_;
  config::ConfigPtr config_;
  const config::Channel& channel_;
  const ReplyTokens& tokens_;
  int retries_in_a_row_ = 0;
  std::string last_detail_;
};

}  // namespace peyk::channels::email
