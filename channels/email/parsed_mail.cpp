#include "channels/email/parsed_mail.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "channels/email/gmime_objects.h"
#include "channels/email/html_text.h"
#include "channels/email/mail_bounds.h"

namespace peyk::channels::email {
namespace {

// A thread's ids beyond these add nothing that the nearest ones do not say.
constexpr std::size_t kMostReferences = 50;
constexpr std::size_t kLongestId = 500;
// What is kept beside the conversation; the whole mail is in the blob folder.
constexpr std::size_t kMostTextBytes = 1U << 20U;
constexpr std::size_t kLongestName = 200;

OwnedParserOptions parser_options() {
  OwnedParserOptions options(g_mime_parser_options_new());
  static const std::array<const char*, 4> kFallbackCharsets{"utf-8", "windows-1252", "iso-8859-1", nullptr};
  auto charsets = kFallbackCharsets;
  g_mime_parser_options_set_fallback_charsets(options.get(), charsets.data());
  return options;
}

std::string bounded_text(std::string text) {
  if (text.size() <= kMostTextBytes) return text;
  return truncate_utf8(text, kMostTextBytes) + "\n[…]";
}

bool is_usable_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestId &&
         std::all_of(id.begin(), id.end(), [](char letter) { return letter > ' ' && letter < 0x7f; });
}

void append_ids(const char* header, std::vector<std::string>& ids, bool nearest_last) {
  if (header == nullptr) return;
  const OwnedReferences parsed(g_mime_references_parse(nullptr, header));
  if (parsed == nullptr) return;
  const int count = g_mime_references_length(parsed.get());
  for (int i = 0; i < count && ids.size() < kMostReferences; ++i) {
    const int index = nearest_last ? count - 1 - i : i;
    const auto id = text_or_empty(g_mime_references_get_message_id(parsed.get(), index));
    if (is_usable_id(id) && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
}

std::string header_of(GMimeObject* object, const char* name) {
  return text_or_empty(g_mime_object_get_header(object, name));
}

/// Auto-Submitted (RFC 3834), and what answering machines and lists said before it.
bool is_automatic(GMimeObject* message) {
  const auto submitted = ascii_lower(trim(header_of(message, "Auto-Submitted")));
  if (!submitted.empty() && !submitted.starts_with("no")) return true;
  const auto precedence = ascii_lower(trim(header_of(message, "Precedence")));
  if (precedence == "bulk" || precedence == "junk" || precedence == "auto_reply") return true;
  return !header_of(message, "X-Autoreply").empty() || !header_of(message, "X-Autorespond").empty();
}

void collect(InternetAddressList* list, std::vector<Mailbox>& into) {
  if (list == nullptr) return;
  const int count = internet_address_list_length(list);
  for (int i = 0; i < count && into.size() < 1000; ++i) {
    auto* address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(address)) {
      collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), into);
    } else if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
      into.push_back({truncate_utf8(clean_line(text_or_empty(internet_address_get_name(address))), kLongestName),
                      text_or_empty(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)))});
    }
  }
}

/// The part's bytes, their transfer encoding undone; converted to UTF-8 when a known `charset` is given.
std::string content_of(GMimePart* part, const char* charset = nullptr) {
  auto* content = g_mime_part_get_content(part);
  if (content == nullptr) return {};
  const Owned<GMimeStream> memory(g_mime_stream_mem_new());
  const Owned<GMimeFilter> converter(charset == nullptr ? nullptr : g_mime_filter_charset_new(charset, "utf-8"));
  if (converter == nullptr) {
    g_mime_data_wrapper_write_to_stream(content, memory.get());
  } else {
    const Owned<GMimeStream> filtered(g_mime_stream_filter_new(memory.get()));
    g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered.get()), converter.get());
    g_mime_data_wrapper_write_to_stream(content, filtered.get());
    g_mime_stream_flush(filtered.get());
  }
  const auto* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

/// A text as UTF-8. What claims no charset (or only ASCII) and is not UTF-8 is most likely windows-1252.
/// (GMime's own g_mime_text_part_get_text ends at the first NUL.)
std::string decoded_text(GMimeTextPart* part) {
  const auto charset = ascii_lower(text_or_empty(g_mime_text_part_get_charset(part)));
  const bool unclear = charset.empty() || charset == "us-ascii";
  if (!unclear && charset != "utf-8") return clean_text(content_of(GMIME_PART(part), charset.c_str()));
  auto bytes = content_of(GMIME_PART(part));
  return clean_text(!unclear || is_valid_utf8(bytes) ? bytes : content_of(GMIME_PART(part), "windows-1252"));
}

std::string serialised(GMimeObject* object) {
  const OwnedText text(g_mime_object_to_string(object, nullptr));
  return text_or_empty(text.get());
}

std::string media_type(GMimeObject* object) {
  auto* type = g_mime_object_get_content_type(object);
  const OwnedText text(type == nullptr ? nullptr : g_mime_content_type_get_mime_type(type));
  const auto clean = ascii_lower(clean_line(text_or_empty(text.get())));
  return clean.empty() || clean.size() > 100 ? "application/octet-stream" : clean;
}

/// A file name without the folders that a stranger may have put into it.
std::string file_name(std::string_view given, std::string_view fallback) {
  auto name = clean_line(given);
  name.erase(0, name.find_last_of("/\\") == std::string::npos ? 0 : name.find_last_of("/\\") + 1);
  name = truncate_utf8(name, kLongestName);
  return name.empty() || name == "." || name == ".." ? std::string(fallback) : name;
}

/// One readable piece: of a multipart/alternative both forms, else one.
struct Piece {
  std::string text;
  std::string html;
};

class Collector {
 public:
  Collector(ParsedMail& mail, ParseLimits limits) : mail_(mail), limits_(limits) {}

  Result<> run(GMimeObject* root) {
    Piece piece;
    auto done = visit(root, 0, nullptr);
    if (!done) return done;
    for (auto& found : pieces_) append(found);
    mail_.text = bounded_text(std::move(mail_.text));
    mail_.html = bounded_text(std::move(mail_.html));
    return {};
  }

 private:
  Result<> visit(GMimeObject* object, int depth, Piece* alternative) {
    if (object == nullptr) return {};
    if (++parts_ > limits_.parts) return fail(ErrorCode::too_large, fmt::format("more than {} parts", limits_.parts));
    if (depth > limits_.nesting)
      return fail(ErrorCode::too_large, fmt::format("parts nested deeper than {}", limits_.nesting));
    if (GMIME_IS_MULTIPART(object)) return visit_multipart(GMIME_MULTIPART(object), depth, alternative);
    if (GMIME_IS_MESSAGE_PART(object)) {
      auto* message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
      const auto subject = message == nullptr ? std::string() : text_or_empty(g_mime_message_get_subject(message));
      mail_.files.push_back({file_name(subject, "message") + ".eml", "message/rfc822",
                             message == nullptr ? std::string() : serialised(GMIME_OBJECT(message)), false});
      return {};
    }
    if (GMIME_IS_PART(object)) visit_part(GMIME_PART(object), alternative);
    return {};
  }

  Result<> visit_multipart(GMimeMultipart* multipart, int depth, Piece* alternative) {
    const bool opens = alternative == nullptr && media_type(GMIME_OBJECT(multipart)) == "multipart/alternative";
    Piece both;
    const int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count; ++i) {
      auto done = visit(g_mime_multipart_get_part(multipart, i), depth + 1, opens ? &both : alternative);
      if (!done) return done;
    }
    if (opens) pieces_.push_back(std::move(both));
    return {};
  }

  void visit_part(GMimePart* part, Piece* alternative) {
    const auto type = media_type(GMIME_OBJECT(part));
    const auto name = text_or_empty(g_mime_part_get_filename(part));
    const bool readable = (type == "text/plain" || type == "text/html") && GMIME_IS_TEXT_PART(part) &&
                          g_mime_part_is_attachment(part) == FALSE && name.empty();
    if (!readable) {
      const bool inlined = g_mime_part_get_content_id(part) != nullptr && g_mime_part_is_attachment(part) == FALSE;
      mail_.files.push_back({file_name(name, "attachment"), type, content_of(part), inlined});
      return;
    }
    Piece alone;
    auto& piece = alternative == nullptr ? alone : *alternative;
    auto& target = type == "text/html" ? piece.html : piece.text;
    if (!target.empty()) target += '\n';
    target += decoded_text(GMIME_TEXT_PART(part));
    if (alternative == nullptr) pieces_.push_back(std::move(alone));
  }

  void append(Piece& piece) {
    if (mail_.html.size() <= kMostTextBytes) mail_.html += piece.html;
    if (mail_.text.size() > kMostTextBytes) return;
    const auto text =
        trim(piece.text).empty() && !piece.html.empty() ? html_to_text(piece.html) : std::move(piece.text);
    if (!mail_.text.empty() && !text.empty() && !mail_.text.ends_with('\n')) mail_.text += '\n';
    mail_.text += text;
  }

  ParsedMail& mail_;
  ParseLimits limits_;
  int parts_ = 0;
  std::vector<Piece> pieces_;
};

void read_headers(GMimeMessage* message, ParsedMail& mail) {
  auto* object = GMIME_OBJECT(message);
  const auto id = text_or_empty(g_mime_message_get_message_id(message));
  if (is_usable_id(id)) mail.message_id = id;
  append_ids(g_mime_object_get_header(object, "In-Reply-To"), mail.references, false);
  append_ids(g_mime_object_get_header(object, "References"), mail.references, true);
  std::vector<Mailbox> from;
  collect(g_mime_message_get_from(message), from);
  if (from.empty()) collect(g_mime_message_get_sender(message), from);
  if (!from.empty()) mail.from = from.front();
  std::vector<Mailbox> reply_to;
  collect(g_mime_message_get_reply_to(message), reply_to);
  // A list's own Reply-To would make an answer to one person public.
  const bool from_list = !header_of(object, "List-Id").empty() || !header_of(object, "List-Post").empty();
  if (!reply_to.empty() && !from_list) mail.reply_to = reply_to.front();
  collect(g_mime_message_get_to(message), mail.recipients);
  collect(g_mime_message_get_cc(message), mail.recipients);
  mail.subject = truncate_utf8(clean_line(text_or_empty(g_mime_message_get_subject(message))), 998);
  mail.date = header_of(object, "Date");
  mail.automatic = is_automatic(object);
}

}  // namespace

Result<ParsedMail> parse_mail(std::string_view bytes, ParseLimits limits) {
  if (auto bounded = check_bounds(bytes); !bounded) return std::unexpected(bounded.error());
  initialise_gmime();
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const auto options = parser_options();
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options.get()));
  if (message == nullptr) return fail(ErrorCode::invalid, "this is no mail: it has no header");
  ParsedMail mail;
  read_headers(message.get(), mail);
  auto done = Collector(mail, limits).run(g_mime_message_get_mime_part(message.get()));
  if (!done) return std::unexpected(done.error());
  return mail;
}

}  // namespace peyk::channels::email
