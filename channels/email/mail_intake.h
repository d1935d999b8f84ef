// From a mail's bytes to the message that routing stores.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "channels/context.h"
#include "channels/email/lmtp_dialogue.h"
#include "channels/email/parsed_mail.h"
#include "channels/email/reply_token.h"

namespace peyk::channels::email {

/// Takes mails of one channel in: parses (large ones on the pool), keeps raw mail and files as blobs, then Intake.
class MailIntake {
 public:
  /// `channel` stands in `config`, which is kept.
  MailIntake(const ChannelContext& context, config::ConfigPtr config, const config::Channel& channel);

  const ReplyTokens& tokens() const { return tokens_; }

  /// Success: the id of the stored message; also when the same mail was stored before.
  asio::awaitable<Result<std::string>> deliver(LmtpEnvelope envelope, std::string bytes);

 private:
  asio::awaitable<Result<ParsedMail>> parse(std::shared_ptr<const std::string> bytes);
  asio::awaitable<Result<>> keep_files(ParsedMail mail, std::string raw, routing::Inbound& message);
  routing::Inbound inbound_of(const ParsedMail& mail, const LmtpEnvelope& envelope) const;

  const ChannelContext& context_;
  config::ConfigPtr config_;
  const config::Channel& channel_;
  ReplyTokens tokens_;
};

/// The same for the same mail, by whichever way and however often it comes: over what its sender wrote, not over what
/// the way added.
std::string delivery_key_of(const ParsedMail& mail);

}  // namespace peyk::channels::email
