// What somebody sent by a form: read from any of its wire formats, checked against the form's declaration.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/net/form_data.h"
#include "channels/pages/catalogue.h"
#include "config/channel_config.h"

namespace peyk::channels::form {

/// Why a field is refused.
enum class Refusal : std::uint8_t {
  missing,
  too_long,
  too_many_bytes,
  not_a_choice,
  not_an_email,
  not_a_text,
  unknown,
  twice,
  too_many_files,
  no_files_here,
};

struct Problem {
  std::string field;
  Refusal refusal = Refusal::missing;
  std::uint64_t limit = 0;  // of too_long and too_many_files
};

/// As sent. `texts` is valid UTF-8, otherwise untouched.
struct RawForm {
  std::map<std::string, std::string> texts;
  std::vector<net::FormFile> files;
  std::vector<Problem> problems;  // fields that are no text, or were given twice
};

/// Reads a body. `unsupported` for another media type, `invalid` when malformed, `too_large` past a limit.
Result<RawForm> read_form(std::string_view content_type, std::string_view body);

/// Checked and cleaned.
struct Submission {
  std::string name;
  std::string email;  // normalised; empty: none
  std::string subject;
  std::string message;
  std::map<std::string, std::string> fields;  // declared ones, those left empty left out
  std::vector<net::FormFile> files;
  std::string once;  // the page's own key of this form, against a double click; empty: not from the page
};

struct Checked {
  Submission submission;
  std::vector<Problem> problems;  // all of them, in the order of the form; empty: good
};

inline constexpr int kNameLimit = 200;
inline constexpr int kSubjectLimit = 300;
inline constexpr std::string_view kOnceField = "_once";  // hidden, on the page only

/// Whether it is free text of several lines: one that may be longer than a line of a form.
inline constexpr int kLineLimit = 200;
bool has_lines(const config::FormField& field);

Checked check(RawForm form, const config::FormChannel& rules);

/// The same for the same content, whatever it was wrapped in; hex.
std::string digest(const Submission& submission);

/// The label of a field in that language: the channel's, or the built-in one's.
std::string label_of(std::string_view field, const config::Channel& channel, const pages::Catalogue& words);

/// For people, in that language.
std::string explain(const Problem& problem, const config::Channel& channel, const pages::Catalogue& words);

}  // namespace peyk::channels::form
