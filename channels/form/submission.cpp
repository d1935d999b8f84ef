#include "channels/form/submission.h"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/net/header_value.h"
#include "base/text.h"

namespace peyk::channels::form {
namespace {

constexpr std::array<std::string_view, 2> kPageFields{kOnceField, "_charset_"};
constexpr std::array<std::string_view, 4> kTextFields{"name", "email", "subject", "message"};
constexpr std::string_view kFileField = "attachments";  // of our own page
constexpr std::size_t kOnceBytes = 64;

bool is_json(std::string_view content_type) {
  return net::parse_header_value(content_type).value == "application/json";
}

Result<RawForm> read_json(std::string_view body) {
  if (!is_valid_utf8(body)) return fail(ErrorCode::invalid, "the body is not UTF-8");
  boost::json::parse_options options;
  options.max_depth = 4;
  boost::system::error_code error;
  const auto value = boost::json::parse(boost::json::string_view(body.data(), body.size()), error, {}, options);
  if (error) return fail(ErrorCode::invalid, fmt::format("the body is no JSON: {}", error.message()));
  const auto* const object = value.if_object();
  if (object == nullptr) return fail(ErrorCode::invalid, "the body is no JSON object");
  RawForm form;
  for (const auto& field : *object) {
    const std::string name(field.key());
    if (const auto* const text = field.value().if_string()) {
      form.texts[name] = std::string(*text);
    } else if (!field.value().is_null()) {
      form.problems.push_back({name, Refusal::not_a_text});
    }
  }
  return form;
}

RawForm from_form_data(net::FormData data) {
  RawForm form;
  for (auto& [name, value] : data.fields) {
    const bool first = form.texts.emplace(name, std::move(value)).second;
    if (!first) form.problems.push_back({name, Refusal::twice});
  }
  form.files = std::move(data.files);
  return form;
}

/// Takes the fields out of a form one by one; what is left at the end is unknown.
class Reader {
 public:
  explicit Reader(RawForm form) : form_(std::move(form)), problems_(std::move(form_.problems)) {}

  /// One line, at most `limit` characters.
  std::string line(const std::string& name, std::uint64_t limit) {
    auto text = clean_line(take(name));
    if (count_code_points(text) > limit) refuse(name, Refusal::too_long, limit);
    return text;
  }

  std::string email() {
    const auto text = clean_line(take("email"));
    if (text.empty()) return {};
    auto address = normalise_email(text);
    if (!address) refuse("email", Refusal::not_an_email);
    return address.value_or(std::string());
  }

  std::string message(std::uint64_t limit_bytes) {
    auto raw = take("message");
    // Cleaning makes no text a quarter of what it was: what is far too long is not looked at.
    const bool far_too_long = raw.size() / 4 > limit_bytes;
    auto text = far_too_long ? std::move(raw) : clean_text(raw);
    if (trim(text).empty()) {
      if (!is_refused("message")) refuse("message", Refusal::missing);
    } else if (text.size() > limit_bytes) {
      refuse("message", Refusal::too_many_bytes);
    }
    return text;
  }

  std::string declared(const config::FormField& field) {
    auto text = has_lines(field) ? clean_text(take(field.name)) : clean_line(take(field.name));
    if (trim(text).empty()) {
      if (field.required && !is_refused(field.name)) refuse(field.name, Refusal::missing);
      return {};
    }
    if (!field.choices.empty()) {
      if (std::ranges::find(field.choices, text) == field.choices.end()) refuse(field.name, Refusal::not_a_choice);
    } else if (count_code_points(text) > static_cast<std::size_t>(field.max_length)) {
      refuse(field.name, Refusal::too_long, static_cast<std::uint64_t>(field.max_length));
    }
    return text;
  }

  /// Files come under any name but that of a text: what a page calls its file field matters to nobody.
  std::vector<net::FormFile> files(const config::FormChannel& rules) {
    for (const auto& file : form_.files) {
      const bool declared = std::ranges::find(rules.fields, file.field, &config::FormField::name) != rules.fields.end();
      const bool built_in = std::ranges::find(kTextFields, file.field) != kTextFields.end();
      if (declared || built_in) refuse(file.field, Refusal::no_files_here);
    }
    const int limit = rules.limits.attachments;
    if (form_.files.size() > static_cast<std::size_t>(std::max(limit, 0))) {
      refuse("attachments", Refusal::too_many_files, static_cast<std::uint64_t>(limit));
    }
    return std::move(form_.files);
  }

  std::string take(const std::string& name) {
    auto node = form_.texts.extract(name);
    return node.empty() ? std::string() : std::move(node.mapped());
  }

  std::vector<Problem> finish() {
    for (const auto name : kPageFields) form_.texts.erase(std::string(name));
    for (const auto& [name, value] : form_.texts) {
      // A file field without a file arrives as an empty text from some clients.
      if (name != kFileField || !value.empty()) refuse(name, Refusal::unknown);
    }
    return std::move(problems_);
  }

 private:
  void refuse(const std::string& name, Refusal refusal, std::uint64_t limit = 0) {
    problems_.push_back({name, refusal, limit});
  }
  bool is_refused(const std::string& name) const {
    return std::ranges::find(problems_, name, &Problem::field) != problems_.end();
  }

  RawForm form_;
  std::vector<Problem> problems_;
};

/// Length before content, so that no two submissions give the same bytes.
void append(std::string& out, std::string_view part) {
  out += fmt::format("{}:{}", part.size(), part);
}

}  // namespace

bool has_lines(const config::FormField& field) {
  return field.choices.empty() && field.max_length > kLineLimit;
}

Result<RawForm> read_form(std::string_view content_type, std::string_view body) {
  if (is_json(content_type)) return read_json(body);
  if (!net::is_form(content_type)) {
    return fail(ErrorCode::unsupported,
                "send application/json, application/x-www-form-urlencoded or multipart/form-data");
  }
  auto data = net::parse_form(content_type, body);
  if (!data) return std::unexpected(std::move(data.error()));
  return from_form_data(std::move(*data));
}

Checked check(RawForm form, const config::FormChannel& rules) {
  Reader reader(std::move(form));
  Checked checked;
  auto& submission = checked.submission;
  submission.name = reader.line("name", kNameLimit);
  submission.email = reader.email();
  submission.subject = reader.line("subject", kSubjectLimit);
  for (const auto& field : rules.fields) {
    auto text = reader.declared(field);
    if (!text.empty()) submission.fields.emplace(field.name, std::move(text));
  }
  submission.message = reader.message(rules.limits.text_bytes);
  submission.files = reader.files(rules);
  submission.once = reader.take(std::string(kOnceField)).substr(0, kOnceBytes);
  checked.problems = reader.finish();
  return checked;
}

std::string digest(const Submission& submission) {
  std::string all;
  for (const auto* part : {&submission.name, &submission.email, &submission.subject, &submission.message}) {
    append(all, *part);
  }
  for (const auto& [name, value] : submission.fields) {
    append(all, name);
    append(all, value);
  }
  for (const auto& file : submission.files) {
    append(all, file.name);
    append(all, file.type);
    append(all, sha256_hex(file.content));
  }
  return sha256_hex(all);
}

std::string label_of(std::string_view field, const config::Channel& channel, const pages::Catalogue& words) {
  const std::array<std::pair<std::string_view, std::string_view>, 5> built_in{
      {{"name", words.form.name},
       {"email", words.form.email},
       {"subject", words.form.subject},
       {"message", words.form.message},
       {"attachments", words.form.attachments}}};
  const auto* const known = std::ranges::find(built_in, field, [](const auto& pair) { return pair.first; });
  if (known != built_in.end()) return std::string(known->second);
  if (const auto* const form = channel.form()) {
    const auto declared = std::ranges::find(form->fields, field, &config::FormField::name);
    if (declared != form->fields.end()) {
      const auto& label = config::pick_text(declared->label, std::string(words.language), channel.locale);
      if (!label.empty()) return label;
    }
  }
  return shorten(clean_line(field), 60);
}

std::string explain(const Problem& problem, const config::Channel& channel, const pages::Catalogue& words) {
  const auto& texts = words.errors;
  const std::array<std::string_view, 10> by_refusal{
      texts.missing,    texts.too_long, texts.too_many_bytes, texts.not_a_choice,   texts.not_an_email,
      texts.not_a_text, texts.unknown,  texts.twice,          texts.too_many_files, texts.no_files_here};
  return pages::fill(by_refusal[static_cast<std::size_t>(problem.refusal)],
                     {{"label", label_of(problem.field, channel, words)}, {"limit", std::to_string(problem.limit)}});
}

}  // namespace peyk::channels::form
