#include "channels/email/mail_intake.h"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/text.h"

namespace peyk::channels::email {
namespace {

// Smaller mail is parsed faster than a thread is woken.
constexpr std::size_t kParsedOnLoop = std::size_t{32} << 10U;

void add_field(std::string& key, std::string_view field) {
  key.append(std::to_string(field.size())).append(":").append(field);
}

/// Where a broken part ends, to a line end more or less, depends on how long the header before it is.
std::string without_space(std::string text) {
  std::erase_if(text, [](char letter) { return letter == ' ' || letter == '\r' || letter == '\n' || letter == '\t'; });
  return text;
}

std::string_view without_last_line_ends(std::string_view content) {
  return content.substr(0, content.find_last_not_of("\r\n") + 1);
}

}  // namespace

std::string delivery_key_of(const ParsedMail& mail) {
  std::string content;
  for (const std::string_view field : {std::string_view(mail.message_id), std::string_view(mail.from.address),
                                       std::string_view(mail.date), std::string_view(mail.subject)}) {
    add_field(content, field);
  }
  add_field(content, without_space(mail.text));
  add_field(content, without_space(mail.html));
  for (const auto& file : mail.files) add_field(content, sha256_hex(without_last_line_ends(file.content)));
  return sha256_hex(content);
}

MailIntake::MailIntake(const ChannelContext& context, config::ConfigPtr config, const config::Channel& channel)
    : context_(context),
      config_(std::move(config)),
      channel_(channel),
      tokens_(derive_key(context.key, "mail.reply"), channel.email()->address) {}

asio::awaitable<Delivered> MailIntake::deliver(LmtpEnvelope envelope, std::string bytes) {
  const auto recipients = envelope.recipients.size();
  const auto raw = std::make_shared<std::string>(std::move(bytes));
  auto read = co_await this->read(raw);
  if (!read) co_return Delivered(recipients, std::unexpected(read.error()));
  auto message = inbound_of(*read, envelope);
  const auto kept = co_await keep_files(std::exchange(read->mail.files, {}), std::move(*raw), message);
  if (!kept) co_return Delivered(recipients, std::unexpected(kept.error()));
  co_return co_await deliver_to_each(std::move(envelope.recipients), std::move(*read), std::move(message));
}

asio::awaitable<Result<MailIntake::Read>> MailIntake::read(std::shared_ptr<const std::string> bytes) {
  const auto& limits = channel_.email()->limits;
  auto work = [bytes, parse_limits = ParseLimits{limits.parts, limits.nesting}]() -> Result<Read> {
    auto mail = parse_mail(*bytes, parse_limits);
    if (!mail) return std::unexpected(mail.error());
    auto key = delivery_key_of(*mail);
    return Read{std::move(*mail), std::move(key)};
  };
  if (bytes->size() <= kParsedOnLoop) co_return work();
  co_return co_await context_.pool.run(std::move(work));
}

asio::awaitable<Result<>> MailIntake::keep_files(std::vector<MailFile> files, std::string raw,
                                                 routing::Inbound& message) {
  auto raw_id = co_await context_.blobs.put(std::move(raw));
  if (!raw_id) co_return std::unexpected(raw_id.error());
  message.raw = *raw_id;
  for (auto& file : files) {
    routing::Attachment attachment{{}, file.name, file.type, file.content.size(), file.inlined};
    auto id = co_await context_.blobs.put(std::move(file.content));
    if (!id) co_return std::unexpected(id.error());
    attachment.id = *id;
    message.attachments.push_back(std::move(attachment));
  }
  co_return Result<>();
}

asio::awaitable<Delivered> MailIntake::deliver_to_each(std::vector<std::string> recipients, Read read,
                                                       routing::Inbound message) {
  // The mail's own header says which conversation it is about, the same for each of its recipients and however many
  // deliveries a mail server makes of them: that message has the mail's key, and further conversations have their own.
  const auto main = named_by(read.mail.recipients);
  std::vector<std::pair<routing::ConversationId, Result<std::string>>> stored;
  Delivered delivered;
  for (const auto& recipient : recipients) {
    const auto match = tokens_.read(recipient);
    const auto& target = match.match == ReplyTokens::Match::signed_token ? match.conversation : main;
    auto done = std::ranges::find(stored, target, [](const auto& entry) { return entry.first; });
    if (done == stored.end()) {
      auto copy = message;
      copy.thread.conversation = target;
      if (target != main) copy.delivery_key = sha256_hex(read.key + " " + target.str());
      auto result = co_await store(std::move(copy));
      done = stored.emplace(stored.end(), target, std::move(result));
    }
    delivered.push_back(done->second);
  }
  co_return delivered;
}

asio::awaitable<Result<std::string>> MailIntake::store(routing::Inbound message) {
  const auto accepted = co_await context_.intake.receive(std::move(message));
  if (!accepted) co_return std::unexpected(accepted.error());
  spdlog::info("mail.received channel={} conversation={} message={} duplicate={}", channel_.name.str(),
               accepted->conversation.str(), accepted->message.str(), accepted->duplicate);
  co_return accepted->message.str();
}

routing::ConversationId MailIntake::named_by(const std::vector<Mailbox>& recipients) const {
  for (const auto& recipient : recipients) {
    const auto match = tokens_.read(recipient.address);
    if (match.match == ReplyTokens::Match::signed_token) return match.conversation;
  }
  return {};
}

routing::Inbound MailIntake::inbound_of(const Read& read, const LmtpEnvelope& envelope) const {
  const auto& mail = read.mail;
  routing::Inbound message;
  message.channel = channel_.name;
  message.kind = routing::ChannelKind::email;
  message.delivery_key = read.key;
  auto address = normalise_email(mail.from.address);
  if (!address) address = normalise_email(envelope.sender);
  // Nobody we could know again, nor answer: each such mail is from a person of its own.
  message.sender = address ? routing::Identity{"email", *address, false} : routing::Identity{"mail", read.key, false};
  message.sender_name = mail.from.name;
  message.reply_to = answer_address(mail, message.sender.value);
  message.thread.references = mail.references;
  message.subject = mail.subject;
  message.text = mail.text;
  message.html = mail.html;
  message.external_id = mail.message_id;
  message.locale = channel_.locale;
  message.automatic = mail.automatic || envelope.sender.empty();
  return message;
}

/// Where the answers shall go instead; never to an address of this desk, which would talk to itself.
std::optional<routing::Identity> MailIntake::answer_address(const ParsedMail& mail, const std::string& sender) const {
  const auto wanted = normalise_email(mail.reply_to.address);
  if (!wanted || *wanted == sender) return std::nullopt;
  for (const auto& [name, channel] : config_->channels) {
    const auto* own = channel.email();
    if (own != nullptr && ReplyTokens::belongs_to(*wanted, own->address)) return std::nullopt;
  }
  return routing::Identity{"email", *wanted, false};
}

}  // namespace peyk::channels::email
