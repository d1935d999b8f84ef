#include "channels/email/mail_intake.h"

#include <utility>

#include <spdlog/spdlog.h>

#include "base/text.h"

namespace peyk::channels::email {
namespace {

// Smaller mail is parsed faster than a thread is woken.
constexpr std::size_t kParsedOnLoop = std::size_t{32} << 10U;

/// An address that identifies nobody still belongs to a message that must not be lost.
constexpr std::string_view kUnknownSender = "unknown@invalid";

void add_field(std::string& key, std::string_view field) {
  key.append(std::to_string(field.size())).append(":").append(field);
}

}  // namespace

std::string delivery_key_of(const ParsedMail& mail) {
  std::string content;
  for (const std::string_view field :
       {std::string_view(mail.message_id), std::string_view(mail.from.address), std::string_view(mail.date),
        std::string_view(mail.subject), std::string_view(mail.text), std::string_view(mail.html)}) {
    add_field(content, field);
  }
  for (const auto& file : mail.files) add_field(content, sha256_hex(file.content));
  return sha256_hex(content);
}

MailIntake::MailIntake(const ChannelContext& context, config::ConfigPtr config, const config::Channel& channel)
    : context_(context),
      config_(std::move(config)),
      channel_(channel),
      tokens_(derive_key(context.key, "mail.reply"), channel.email()->address) {}

asio::awaitable<Result<std::string>> MailIntake::deliver(LmtpEnvelope envelope, std::string bytes) {
  const auto raw = std::make_shared<const std::string>(std::move(bytes));
  auto mail = co_await parse(raw);
  if (!mail) co_return std::unexpected(mail.error());
  auto message = inbound_of(*mail, envelope);
  const auto kept = co_await keep_files(std::move(*mail), *raw, message);
  if (!kept) co_return std::unexpected(kept.error());
  auto accepted = co_await context_.intake.receive(std::move(message));
  if (!accepted) co_return std::unexpected(accepted.error());
  spdlog::info("mail.received channel={} conversation={} message={} duplicate={}", channel_.name.str(),
               accepted->conversation.str(), accepted->message.str(), accepted->duplicate);
  co_return accepted->message.str();
}

asio::awaitable<Result<ParsedMail>> MailIntake::parse(std::shared_ptr<const std::string> bytes) {
  const auto& limits = channel_.email()->limits;
  const ParseLimits parse_limits{limits.parts, limits.nesting};
  if (bytes->size() <= kParsedOnLoop) co_return parse_mail(*bytes, parse_limits);
  auto work = [bytes, parse_limits] { return parse_mail(*bytes, parse_limits); };
  co_return co_await context_.pool.run(std::move(work));
}

asio::awaitable<Result<>> MailIntake::keep_files(ParsedMail mail, std::string raw, routing::Inbound& message) {
  auto raw_id = co_await context_.blobs.put(std::move(raw));
  if (!raw_id) co_return std::unexpected(raw_id.error());
  message.raw = *raw_id;
  for (auto& file : mail.files) {
    routing::Attachment attachment{{}, file.name, file.type, file.content.size(), file.inlined};
    auto id = co_await context_.blobs.put(std::move(file.content));
    if (!id) co_return std::unexpected(id.error());
    attachment.id = *id;
    message.attachments.push_back(std::move(attachment));
  }
  co_return Result<>();
}

routing::Inbound MailIntake::inbound_of(const ParsedMail& mail, const LmtpEnvelope& envelope) const {
  routing::Inbound message;
  message.channel = channel_.name;
  message.kind = routing::ChannelKind::email;
  message.delivery_key = delivery_key_of(mail);
  const auto address = normalise_email(mail.from.address);
  const auto envelope_address = normalise_email(envelope.sender);
  message.sender = {"email",
                    address            ? *address
                    : envelope_address ? *envelope_address
                                       : std::string(kUnknownSender),
                    false};
  message.sender_name = mail.from.name;
  for (const auto& recipient : envelope.recipients) {
    const auto match = tokens_.read(recipient);
    if (match.match == ReplyTokens::Match::signed_token) message.thread.conversation = match.conversation;
  }
  message.thread.references = mail.references;
  message.subject = mail.subject;
  message.text = mail.text;
  message.html = mail.html;
  message.external_id = mail.message_id;
  message.locale = channel_.locale;
  message.automatic = mail.automatic || envelope.sender.empty();
  return message;
}

}  // namespace peyk::channels::email
