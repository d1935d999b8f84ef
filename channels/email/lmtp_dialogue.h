// LMTP (RFC 2033) as a state machine without I/O: lines in, replies out.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peyk::channels::email {

/// Whether a recipient is ours; the dialogue answers 550 otherwise.
using KnowsRecipient = std::function<bool(std::string_view address)>;

/// The mail of one transaction.
struct LmtpEnvelope {
  std::string sender;                   // empty: <>
  std::vector<std::string> recipients;  // accepted ones, in order
};

/// One session. The owner reads a line, calls `on_line`, writes `reply`, and does what `next` says.
class LmtpDialogue {
 public:
  /// `host`: the name in the greeting. `message_limit`: bytes.
  LmtpDialogue(std::string host, std::size_t message_limit, KnowsRecipient knows_recipient);

  enum class Next : unsigned char {
    read_line,  // go on
    read_data,  // read the mail up to its final dot, then call on_data
    close,      // after writing the reply
  };
  struct Step {
    std::string reply;  // with CRLF
    Next next = Next::read_line;
  };

  Step greeting() const;
  Step on_line(std::string_view line);
  /// A command line longer than any may be.
  Step on_long_line();

  const LmtpEnvelope& envelope() const { return envelope_; }

  /// After the mail: a reply for each recipient in its order ("250 2.0.0 stored as m_…"), and back to before MAIL.
  Step on_data(const std::vector<std::string>& verdicts);
  /// The same reply for each.
  Step on_data(std::string_view verdict);

 private:
  Step mail_from(std::string_view argument);
  Step rcpt_to(std::string_view argument);
  Step data();
  Step refused(std::string reply);

  std::string host_;
  std::size_t message_limit_;
  KnowsRecipient knows_recipient_;
  bool greeted_ = false;
  bool in_mail_ = false;
  int errors_ = 0;
  LmtpEnvelope envelope_;
};

/// A mail after DATA as a state machine: bytes in, however they are cut. Undoes dot-stuffing (RFC 5321, 4.5.2), bounds
/// the size, and ends at CRLF.CRLF alone. A bare LF or CR is a byte like any other: whoever takes it for the end of a
/// line can be sent a second mail inside the first one (SMTP smuggling).
class MailData {
 public:
  explicit MailData(std::size_t limit) : limit_(limit) {}

  /// Takes bytes up to the end of the mail; returns how many. What is left belongs to the commands after it.
  std::size_t feed(std::string_view bytes);
  bool ended() const { return state_ == State::ended; }

  /// Not to be kept: the rest is read and thrown away.
  void reject();
  bool too_large() const { return too_large_; }
  std::size_t size() const { return bytes_.size(); }
  std::string take() { return std::move(bytes_); }

 private:
  enum class State : unsigned char { line_start, dot, dot_cr, text, cr, ended };

  void keep(std::string_view bytes);
  bool step(char byte);

  std::size_t limit_;
  State state_ = State::line_start;
  bool too_large_ = false;
  std::string bytes_;
};

}  // namespace peyk::channels::email
