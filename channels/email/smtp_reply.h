// One reply of an SMTP server, line by line (RFC 5321, 4.2).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace peyk::channels::email {

/// Gathers "250-…" lines until one without the dash. Any bytes.
class SmtpReply {
 public:
  /// A line without its CRLF; true: the reply is whole. `invalid` when this is not SMTP, `too_large` when the reply
  /// does not end.
  Result<bool> add(std::string_view line);

  int code() const { return code_; }
  /// Without the codes, joined by LF.
  const std::string& lines() const { return lines_; }

 private:
  int code_ = 0;
  int count_ = 0;
  std::string lines_;
};

}  // namespace peyk::channels::email
