// An answer as a mail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace peyk::channels::email {

struct OutgoingFile {
  std::string name;
  std::string type;
  std::string content;
};

/// What a mail is made of; text in UTF-8, ids without angle brackets.
struct OutgoingMail {
  std::string message_id;
  std::string from_name;
  std::string from_address;
  std::string reply_to;
  std::string to_name;
  std::string to_address;
  std::string subject;
  std::string text;
  std::vector<OutgoingFile> files;
  std::string in_reply_to;
  std::vector<std::string> references;  // oldest first
  bool automatic = false;               // Auto-Submitted: auto-replied (RFC 3834)
  Time date;
};

/// RFC 5322 bytes with CRLF line ends, 7-bit clean: encoded words in headers, quoted-printable or base64 in bodies.
/// The same mail gives the same bytes. Any thread.
std::string compose_mail(const OutgoingMail& mail);

/// `subject` as that of an answer: one "Re: " before it, whichever reply prefix it had.
std::string reply_subject(std::string_view subject);

}  // namespace peyk::channels::email
