// The keys of channels, one table a kind.
#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "config/tables.h"
#include "config/types.h"
#include "config/url.h"

namespace peyk::config {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kKiB = std::uint64_t{1} << 10U;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

/// The fields every form has.
constexpr std::array<std::string_view, 4> kOwnFields{"name", "email", "subject", "message"};

/// "smtp://host:587", "smtps://host", "maildir:folder"; false when it is none of them.
bool read_smtp_url(const std::string& given, Smtp& smtp) {
  if (given.starts_with("maildir:")) {
    smtp.scheme = SmtpScheme::maildir;
    smtp.maildir = given.substr(given.starts_with("maildir://") ? 10 : 8);
    return !smtp.maildir.empty();
  }
  const auto url = parse_url(given);
  if (!url || url->host.empty() || !url->user.empty() || url->path.size() > 1) return false;
  if (url->scheme != "smtp" && url->scheme != "smtps") return false;
  smtp.scheme = url->scheme == "smtp" ? SmtpScheme::smtp : SmtpScheme::smtps;
  smtp.host = url->host;
  smtp.port = url->port.value_or(smtp.scheme == SmtpScheme::smtp ? 587 : 465);
  return true;
}

/// "imaps://host/MAILBOX", "imap://host:143/MAILBOX".
bool read_imap_url(const std::string& given, Imap& imap) {
  const auto url = parse_url(given);
  if (!url || url->host.empty() || !url->user.empty()) return false;
  if (url->scheme != "imap" && url->scheme != "imaps") return false;
  imap.tls = url->scheme == "imaps";
  imap.host = url->host;
  imap.port = url->port.value_or(imap.tls ? 993 : 143);
  if (url->path.size() > 1) imap.mailbox = url->path.substr(1);
  return true;
}

template <typename T>
void add_url(Table<T>& table, bool (*read)(const std::string&, T&), const std::string& meaning) {
  table.custom(
      KeyInfo{"url", "URL", "required", meaning, true, {}, {}},
      [read, meaning](Context& context, const Node& node, T& into) {
        const auto* given = scalar(context, node, "a URL");
        if (given == nullptr || read(*given, into)) return;
        context.error(node.mark, fmt::format("\"{}\" is not such a URL: {}", given->substr(0, 100), meaning));
      },
      true);
}

const Table<Smtp>& smtp_table() {
  static const auto kTable = [] {
    Table<Smtp> table("How answers leave.");
    add_url<Smtp>(table, read_smtp_url,
                  "smtp://HOST:587, smtps://HOST:465, or maildir:FOLDER (below state_dir), which writes into a "
                  "folder instead of sending");
    table.key("user", text(), &Smtp::user, "to log in with; empty: no log-in");
    table.key("password_file", secret_file(), &Smtp::password, "the password").by_default("none");
    table.key(
        "tls",
        choice<SmtpTls>(
            {{"required", SmtpTls::required}, {"opportunistic", SmtpTls::opportunistic}, {"none", SmtpTls::none}}),
        &Smtp::tls,
        "with `smtp:` — `required` sends by STARTTLS alone, `opportunistic` also without where it is not offered, "
        "`none` never asks for it");
    table.key("ca_file", file_path(), &Smtp::ca_file, "PEM roots; empty: the system's");
    table.key("timeout", duration(seconds(1), minutes(10)), &Smtp::timeout, "of one step of sending");
    return table;
  }();
  return kTable;
}

const Table<Imap>& imap_table() {
  static const auto kTable = [] {
    Table<Imap> table("A mailbox that mail is fetched from.");
    add_url<Imap>(table, read_imap_url, "imaps://HOST:993/MAILBOX or imap://HOST:143/MAILBOX");
    table.required("user", text(), &Imap::user, "to log in with");
    table.required("password_file", secret_file(), &Imap::password, "the password");
    table.custom(
        KeyInfo{
            "after", "`seen` \\| `move:FOLDER`", "seen", "what becomes of a message that was taken in", true, {}, {}},
        [](Context& context, const Node& node, Imap& into) {
          const auto* given = scalar(context, node, "seen or move:FOLDER");
          if (given == nullptr || *given == "seen") return;
          if (given->starts_with("move:") && given->size() > 5) {
            into.move_to = given->substr(5);
            return;
          }
          context.error(node.mark, fmt::format("\"{}\": expected seen or move:FOLDER", given->substr(0, 60)));
        });
    return table;
  }();
  return kTable;
}

const Table<Lmtp>& lmtp_table() {
  static const auto kTable = [] {
    Table<Lmtp> table("A mail server hands messages over here.");
    table.required("listen", socket_address(), &Lmtp::listen, "where to listen");
    return table;
  }();
  return kTable;
}

const Table<EmailLimits>& email_limits_table() {
  static const auto kTable = [] {
    Table<EmailLimits> table;
    table.key("message", size(kKiB, 1024 * kMiB), &EmailLimits::message_bytes, "of one mail");
    table.key("parts", integer(1, 10'000), &EmailLimits::parts, "of one mail");
    table.key("nesting", integer(1, 100), &EmailLimits::nesting, "of parts in parts");
    return table;
  }();
  return kTable;
}

const Table<ChatLimits>& chat_limits_table() {
  static const auto kTable = [] {
    Table<ChatLimits> table;
    table.key("text", size(64, kMiB), &ChatLimits::text_bytes, "of one message");
    table.key("attachment", size(kKiB, 1024 * kMiB), &ChatLimits::attachment_bytes, "of one attachment");
    table.key("messages", rate(), &ChatLimits::messages, "of one visitor").by_default("unlimited");
    table.key("visitors", rate(), &ChatLimits::visitors, "new ones from one address").by_default("unlimited");
    return table;
  }();
  return kTable;
}

const Table<FormLimits>& form_limits_table() {
  static const auto kTable = [] {
    Table<FormLimits> table;
    table.key("text", size(64, 4 * kMiB), &FormLimits::text_bytes, "of the field `message`");
    table.key("attachments", integer(0, 100), &FormLimits::attachments, "of one form");
    table.key("submissions", rate(), &FormLimits::submissions, "from one address").by_default("unlimited");
    return table;
  }();
  return kTable;
}

const Table<FormField>& form_field_table() {
  static const auto kTable = [] {
    Table<FormField> table;
    table.key("label", texts(), &FormField::label, "what the customer reads").by_default("the field's name");
    table.key("choices", list(text(200)), &FormField::choices, "what may be chosen; empty: free text");
    table.key("required", boolean(), &FormField::required, "must be filled in");
    table.key("max_length", integer(1, 100'000), &FormField::max_length, "characters of free text");
    return table;
  }();
  return kTable;
}

Type<std::vector<FormField>> form_fields() {
  Type<std::vector<FormField>> type;
  type.name = "map of name to keys";
  type.tables = {form_field_table().info()};
  type.inside = ".NAME";
  type.read = [](Context& context, const Node& node) -> std::optional<std::vector<FormField>> {
    if (node.kind != Node::Kind::map) {
      context.error(node.mark, "expected names of fields, each with its keys");
      return std::nullopt;
    }
    std::vector<FormField> fields;
    for (const auto& member : node.members) {
      FormField field;
      field.name = member.key;
      const bool own = std::find(kOwnFields.begin(), kOwnFields.end(), member.key) != kOwnFields.end();
      if (own) context.error(member.mark, fmt::format("every form has the field \"{}\" by itself", member.key));
      if (!is_name(member.key)) context.error(member.mark, fmt::format("\"{}\" is no name", member.key.substr(0, 60)));
      form_field_table().read(context, *member.value, field);
      fields.push_back(std::move(field));
    }
    return fields;
  };
  return type;
}

template <typename Settings, typename Member>
auto in_settings(Member Settings::* member) {
  return [member](Channel& channel) -> Member& { return std::get<Settings>(channel.settings).*member; };
}

Table<Channel> channel_head(Channel prototype) {
  const auto kind = std::string(to_string(prototype.kind()));
  Table<Channel> table({}, std::move(prototype));
  table.labelled("kind: " + kind);
  table.custom(
      KeyInfo{"kind", "`" + kind + "`", "required", "what kind of channel it is", true, {}, {}},
      [](Context&, const Node&, Channel&) {}, true);
  table.key("locale", language(), &Channel::locale, "of its texts, and of a message whose language is not clear")
      .by_default("the top-level `locale`");
  table.custom(KeyInfo{"language",
                       "`auto` or a language",
                       "auto",
                       "every message's language; `auto`: found from its text",
                       true,
                       {},
                       {}},
               [](Context& context, const Node& node, Channel& into) {
                 if (node.kind == Node::Kind::scalar && node.text == "auto") return;
                 auto value = language().read(context, node);
                 if (value) into.language = std::move(*value);
               });
  return table;
}

const Table<Channel>& email_table() {
  static const auto kTable = [] {
    auto table = channel_head(Channel{{}, {}, {}, EmailChannel{}, {}});
    table.required("address", email_address(), in_settings(&EmailChannel::address),
                   "customers write to it; answers ask for replies to `local+TOKEN@domain`");
    table.key("name", text(200), in_settings(&EmailChannel::name), "the sender's name in answers");
    table.key("lmtp", object(lmtp_table()), in_settings(&EmailChannel::lmtp), "takes mail from a mail server")
        .by_default("none");
    table.key("imap", object(imap_table()), in_settings(&EmailChannel::imap), "fetches mail").by_default("none");
    table.key("smtp", object(smtp_table()), in_settings(&EmailChannel::smtp), "sends answers").by_default("required");
    table.key("limits", object(email_limits_table()), in_settings(&EmailChannel::limits), "what one mail may be");
    return table;
  }();
  return kTable;
}

const Table<Channel>& chat_table() {
  static const auto kTable = [] {
    auto table = channel_head(Channel{{}, {}, {}, ChatChannel{}, {}});
    table.key("origins", list(origin()), in_settings(&ChatChannel::origins),
              "web sites that may show the chat, besides `public_url`'s own");
    table.key("visitor_lifetime", duration(seconds(1), days(3650)), in_settings(&ChatChannel::visitor_lifetime),
              "a visitor is known again within this, from his last visit");
    table.key("limits", object(chat_limits_table()), in_settings(&ChatChannel::limits), "what one visitor may do");
    return table;
  }();
  return kTable;
}

const Table<Channel>& form_table() {
  static const auto kTable = [] {
    auto table = channel_head(Channel{{}, {}, {}, FormChannel{}, {}});
    table
        .key("reply_via", channel_name(), in_settings(&FormChannel::reply_via),
             "the mail channel that answers go through")
        .by_default("the only mail channel");
    table.key("origins", list(origin()), in_settings(&FormChannel::origins),
              "web sites whose scripts may send the form, besides `public_url`'s own");
    table
        .key("fields", form_fields(), in_settings(&FormChannel::fields),
             "besides `name`, `email`, `subject` and `message`")
        .by_default("none");
    table.key("limits", object(form_limits_table()), in_settings(&FormChannel::limits), "what one form may be");
    return table;
  }();
  return kTable;
}

const Table<Channel>& table_of(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::email: return email_table();
    case ChannelKind::chat: return chat_table();
    case ChannelKind::form: return form_table();
  }
  return email_table();
}

}  // namespace

Type<std::map<ChannelName, Channel>> channels_type() {
  Type<Channel> one;
  one.name = "keys";
  one.tables = {email_table().info(), chat_table().info(), form_table().info()};
  one.read = [](Context& context, const Node& node) -> std::optional<Channel> {
    const auto* kind = node.find("kind");
    if (kind == nullptr) {
      context.error(node.mark, "\"kind\" is missing: email, chat or form");
      return std::nullopt;
    }
    const auto which = channel_kind().read(context, *kind->value);
    if (!which) return std::nullopt;
    return object(table_of(*which)).read(context, node);
  };
  return named<ChannelName, Channel>(one, Reference::channel,
                                     [](Channel& channel, const ChannelName& name, const Mark& mark) {
                                       channel.name = name;
                                       channel.place = to_place(mark);
                                     });
}

}  // namespace peyk::config
