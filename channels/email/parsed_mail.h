// A mail as its reader means it: who, to whom, about what, the text, the files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace peyk::channels::email {

struct Mailbox {
  std::string name;     // decoded; may be empty
  std::string address;  // as written
};

struct MailFile {
  std::string name;  // decoded, without folders; never empty
  std::string type;  // media type
  std::string content;
  bool inlined = false;
};

struct ParsedMail {
  std::string message_id;               // without angle brackets; empty: none
  std::vector<std::string> references;  // that it answers, nearest first; no empty ones, none twice
  Mailbox from;                         // its address is empty when there is none
  Mailbox reply_to;                     // the first address of Reply-To; empty when there is none
  std::vector<Mailbox> recipients;      // To and Cc
  std::string subject;
  std::string date;  // as written, for recognising the same mail again
  std::string text;  // of HTML-only mail: the HTML as text
  std::string html;
  std::vector<MailFile> files;
  bool automatic = false;  // RFC 3834 and its forerunners: no person wrote this
};

struct ParseLimits {
  int parts = 200;
  int nesting = 20;
};

/// Parses any bytes: broken MIME gives what can be made of it. `too_large` past a limit. All text is clean UTF-8.
/// Takes time with large mail: run it on the pool. Any thread.
Result<ParsedMail> parse_mail(std::string_view bytes, ParseLimits limits);

}  // namespace peyk::channels::email
