// From a mail's bytes to the message that routing stores.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "channels/context.h"
#include "channels/email/lmtp_listener.h"
#include "channels/email/parsed_mail.h"
#include "channels/email/reply_token.h"

namespace peyk::channels::email {

/// Takes mails of one channel in: parses (large ones on the pool), keeps raw mail and files as blobs, then Intake.
class MailIntake {
 public:
  /// `channel` stands in `config`, which is kept.
  MailIntake(const ChannelContext& context, config::ConfigPtr config, const config::Channel& channel);

  const ReplyTokens& tokens() const { return tokens_; }

  /// One message for each conversation that the recipients name; those that name none are served with the one that the
  /// mail's own To or Cc names, if any. For each recipient the id of its stored message; also when the same mail was
  /// stored before.
  asio::awaitable<Delivered> deliver(LmtpEnvelope envelope, std::string bytes);

 private:
  struct Read {
    ParsedMail mail;
    std::string key;  // delivery_key_of(mail)
  };
  asio::awaitable<Result<Read>> read(std::shared_ptr<const std::string> bytes);
  asio::awaitable<Result<>> keep_files(std::vector<MailFile> files, std::string raw, routing::Inbound& message);
  asio::awaitable<Delivered> deliver_to_each(std::vector<std::string> recipients, Read read, routing::Inbound message);
  asio::awaitable<Result<std::string>> store(routing::Inbound message);
  routing::Inbound inbound_of(const Read& read, const LmtpEnvelope& envelope) const;
  routing::ConversationId named_by(const std::vector<Mailbox>& recipients) const;
  std::optional<routing::Identity> answer_address(const ParsedMail& mail, const std::string& sender) const;

  const ChannelContext& context_;
  config::ConfigPtr config_;
  const config::Channel& channel_;
  ReplyTokens tokens_;
};

/// The same for the same mail, by whichever way and however often it comes: over what its sender wrote, not over what
/// the way added.
std::string delivery_key_of(const ParsedMail& mail);

}  // namespace peyk::channels::email
