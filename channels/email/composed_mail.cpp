#include "channels/email/composed_mail.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "channels/email/gmime_objects.h"

namespace peyk::channels::email {
namespace {

// RFC 5322 bounds a line, not the number of ids; readers thread by the first and the last ones.
constexpr std::size_t kMostReferences = 20;

bool is_id(std::string_view id) {
  return !id.empty() && id.size() < 500 &&
         std::all_of(
             id.begin(), id.end(),
             [](char letter) { return letter > ' ' && letter < 0x7f && letter != '<' && letter != '>'; });
}

std::vector<std::string> kept_references(const OutgoingMail& mail) {
  std::vector<std::string> ids;
  for (const auto& id : mail.references) {
    if (is_id(id) && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  if (is_id(mail.in_reply_to)) {
    std::erase(ids, mail.in_reply_to);
    ids.push_back(mail.in_reply_to);
  }
  if (ids.size() > kMostReferences) {
    ids.erase(ids.begin() + 1, ids.end() - static_cast<std::ptrdiff_t>(kMostReferences - 1));
  }
  return ids;
}

/// RFC 5322 date of UTC, whatever the locale.
std::string date_header(Time time) {
  static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - days));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday(days).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

Owned<GMimePart> content_part(const char* type, const char* subtype, std::string_view content) {
  Owned<GMimePart> part(g_mime_part_new_with_type(type, subtype));
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(content.data(), content.size()));
  const Owned<GMimeDataWrapper> wrapper(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), wrapper.get());
  return part;
}

Owned<GMimePart> text_part(const std::string& text) {
  auto part = content_part("text", "plain", text);
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  const auto best = g_mime_part_get_best_content_encoding(part.get(), GMIME_ENCODING_CONSTRAINT_7BIT);
  // Seven-bit lines may still be longer than the 998 bytes of RFC 5321.
  g_mime_part_set_content_encoding(part.get(),
                                   best == GMIME_CONTENT_ENCODING_DEFAULT || best == GMIME_CONTENT_ENCODING_7BIT
                                       ? GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE
                                       : best);
  return part;
}

Owned<GMimePart> file_part(const OutgoingFile& file) {
  const auto slash = file.type.find('/');
  const bool known =
      slash != std::string::npos && !file.type.starts_with("multipart/") && !file.type.starts_with("message/");
  const auto type = known ? file.type.substr(0, slash) : std::string("application");
  const auto subtype = known ? file.type.substr(slash + 1) : std::string("octet-stream");
  auto part = content_part(type.c_str(), subtype.c_str(), file.content);
  g_mime_object_set_disposition(GMIME_OBJECT(part.get()), GMIME_DISPOSITION_ATTACHMENT);
  g_mime_part_set_filename(part.get(), clean_line(file.name).c_str());
  g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_BASE64);
  return part;
}

void set_header(GMimeMessage* message, const char* name, const std::string& value) {
  g_mime_object_set_header(GMIME_OBJECT(message), name, value.c_str(), "utf-8");
}

void set_headers(GMimeMessage* message, const OutgoingMail& mail) {
  const auto line = [](const std::string& text) { return clean_line(text); };
  g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, line(mail.from_name).c_str(),
                             line(mail.from_address).c_str());
  if (!mail.reply_to.empty()) {
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_REPLY_TO, line(mail.from_name).c_str(),
                               line(mail.reply_to).c_str());
  }
  g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, line(mail.to_name).c_str(), line(mail.to_address).c_str());
  g_mime_message_set_subject(message, line(mail.subject).c_str(), "utf-8");
  set_header(message, "Date", date_header(mail.date));
  g_mime_message_set_message_id(message, mail.message_id.c_str());
  if (is_id(mail.in_reply_to)) set_header(message, "In-Reply-To", "<" + mail.in_reply_to + ">");
  std::string references;
  for (const auto& id : kept_references(mail)) references += (references.empty() ? "<" : " <") + id + ">";
  if (!references.empty()) set_header(message, "References", references);
  if (mail.automatic) set_header(message, "Auto-Submitted", "auto-replied");
}

/// The boundary depends on the mail alone, so that a retry sends the same bytes.
Owned<GMimeMultipart> with_files(Owned<GMimePart> text, const OutgoingMail& mail) {
  Owned<GMimeMultipart> multipart(g_mime_multipart_new_with_subtype("mixed"));
  g_mime_multipart_set_boundary(multipart.get(), ("=_" + sha256_hex(mail.message_id).substr(0, 32)).c_str());
  g_mime_multipart_add(multipart.get(), GMIME_OBJECT(text.get()));
  for (const auto& file : mail.files) {
    const auto part = file_part(file);
    g_mime_multipart_add(multipart.get(), GMIME_OBJECT(part.get()));
  }
  return multipart;
}

}  // namespace

std::string compose_mail(const OutgoingMail& mail) {
  initialise_gmime();
  const Owned<GMimeMessage> message(g_mime_message_new(TRUE));
  set_headers(message.get(), mail);
  auto text = text_part(clean_text(mail.text) + "\n");
  if (mail.files.empty()) {
    g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(text.get()));
  } else {
    const auto multipart = with_files(std::move(text), mail);
    g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(multipart.get()));
  }
  const OwnedFormatOptions options(g_mime_format_options_new());
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  const OwnedText bytes(g_mime_object_to_string(GMIME_OBJECT(message.get()), options.get()));
  return text_or_empty(bytes.get());
}

std::string reply_subject(std::string_view subject) {
  static constexpr std::array<std::string_view, 6> kPrefixes{"re:", "aw:", "sv:", "antw:", "پاسخ:", "Պատ․"};
  auto rest = trim(subject);
  for (bool again = true; again;) {
    again = false;
    for (const auto prefix : kPrefixes) {
      if (rest.size() < prefix.size() || ascii_lower(rest.substr(0, prefix.size())) != prefix) continue;
      rest = trim(rest.substr(prefix.size()));
      again = true;
    }
  }
  return "Re: " + std::string(rest);
}

}  // namespace peyk::channels::email
