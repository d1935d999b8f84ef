#include "channels/form/form_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "channels/pages/layout.h"
#include "channels/pages/moment.h"

namespace peyk::channels::form {
namespace {

using pages::Catalogue;

/// Writes the fields of one page.
class FormWriter {
 public:
  FormWriter(const config::Channel& channel, const Catalogue& words, const FormState& state)
      : channel_(channel), words_(words), state_(state) {}

  std::string write() const {
    const auto& rules = *channel_.form();
    std::string fields;
    fields += input({.name = "name", .more = fmt::format(R"(autocomplete="name" maxlength="{}")", kNameLimit)});
    fields += input({.name = "email",
                     .type = "email",
                     .more = R"(autocomplete="email" maxlength="254" dir="ltr" inputmode="email")",
                     .hint = std::string(words_.form.email_hint)});
    for (const auto& field : rules.fields) fields += declared(field);
    fields += input({.name = "subject", .more = fmt::format(R"(maxlength="{}")", kSubjectLimit)});
    fields += text_area("message", true, "");
    if (rules.limits.attachments > 0) fields += files(rules.limits.attachments);
    return fmt::format(
        R"(<p class="quiet">{intro}</p>
{failure}{errors}<form method="post" action="/form/{channel}?lang={language}" enctype="multipart/form-data" accept-charset="utf-8" novalidate>
<input type="hidden" name="{once_name}" value="{once}">
{fields}<button>{send}</button>
</form>)",
        fmt::arg("intro", words_.form.intro), fmt::arg("failure", failure()), fmt::arg("errors", errors()),
        fmt::arg("channel", html_escape(percent_encode(channel_.name.str()))), fmt::arg("language", words_.language),
        fmt::arg("once_name", kOnceField), fmt::arg("once", html_escape(state_.once)), fmt::arg("fields", fields),
        fmt::arg("send", words_.form.send));
  }

 private:
  struct Input {
    std::string name;
    std::string type = "text";
    std::string more{};  // further attributes, ready
    std::string hint{};  // plain text
    bool required = false;
  };

  bool is_wrong(std::string_view name) const {
    return std::ranges::find(state_.problems, name, &Problem::field) != state_.problems.end();
  }

  std::string value_of(const std::string& name) const {
    const auto found = state_.values.find(name);
    return found == state_.values.end() ? std::string() : found->second;
  }

  std::string label(std::string_view name, bool required) const {
    const auto mark = required ? fmt::format(R"( <span class="quiet">({})</span>)", words_.form.required) : "";
    return fmt::format(R"(<label for="f-{}">{}{}</label>)", html_escape(name),
                       html_escape(label_of(name, channel_, words_)), mark);
  }

  /// id, name, and what tells a screen reader that the field is wrong or has a hint.
  std::string attributes(std::string_view name, bool required, bool has_hint) const {
    std::string described;
    if (has_hint) described = fmt::format(R"( aria-describedby="h-{}")", html_escape(name));
    return fmt::format(R"(id="f-{0}" name="{0}"{1}{2}{3})", html_escape(name),
                       required ? R"( required aria-required="true")" : "",
                       is_wrong(name) ? R"( aria-invalid="true")" : "", described);
  }

  static std::string field(const std::string& label, const std::string& control, const std::string& hint) {
    return fmt::format("<div class=\"field\">{}\n{}{}</div>\n", label, control, hint);
  }

  static std::string hint(std::string_view name, std::string_view text) {
    if (text.empty()) return {};
    return fmt::format(R"(<p class="hint" id="h-{}">{}</p>)", html_escape(name), html_escape(text));
  }

  std::string input(const Input& what) const {
    return field(label(what.name, what.required),
                 fmt::format(R"(<input type="{}" {} value="{}" {}>)", what.type,
                             attributes(what.name, what.required, !what.hint.empty()), html_escape(value_of(what.name)),
                             what.more),
                 hint(what.name, what.hint));
  }

  std::string text_area(const std::string& name, bool required, const std::string& more) const {
    return field(label(name, required),
                 fmt::format("<textarea {} {}>\n{}</textarea>", attributes(name, required, false), more,
                             html_escape(value_of(name))),
                 "");
  }

  std::string declared(const config::FormField& declaration) const {
    const auto& name = declaration.name;
    if (!declaration.choices.empty()) return choice(declaration);
    const auto limit = fmt::format(R"(maxlength="{}")", declaration.max_length);
    if (has_lines(declaration)) return text_area(name, declaration.required, limit);
    return input({.name = name, .more = limit, .required = declaration.required});
  }

  std::string choice(const config::FormField& declaration) const {
    const auto chosen = value_of(declaration.name);
    std::string options = fmt::format(R"(<option value="">{}</option>)", words_.form.choose);
    for (const auto& option : declaration.choices) {
      options += fmt::format(R"(<option value="{0}"{1}>{0}</option>)", html_escape(option),
                             option == chosen ? " selected" : "");
    }
    return field(
        label(declaration.name, declaration.required),
        fmt::format("<select {}>{}</select>", attributes(declaration.name, declaration.required, false), options), "");
  }

  std::string files(int limit) const {
    const auto text = pages::fill(words_.form.attachments_hint, {{"limit", pages::number(words_, limit)}});
    return field(label("attachments", false),
                 fmt::format(R"(<input type="file" multiple {}>)", attributes("attachments", false, true)),
                 hint("attachments", text));
  }

  std::string failure() const {
    if (state_.failure.empty()) return {};
    return fmt::format("<div class=\"errors\" role=\"alert\"><p>{}</p></div>\n", html_escape(state_.failure));
  }

  std::string errors() const {
    if (state_.problems.empty()) return {};
    std::string items;
    for (const auto& problem : state_.problems) {
      items += fmt::format(R"(<li><a href="#f-{}">{}</a></li>)", html_escape(problem.field),
                           html_escape(explain(problem, channel_, words_)));
    }
    return fmt::format("<div class=\"errors\" role=\"alert\"><p>{}</p><ul>{}</ul></div>\n", words_.errors.title, items);
  }

  const config::Channel& channel_;
  const Catalogue& words_;
  const FormState& state_;
};

std::string paragraph(const std::string& text) {
  return fmt::format("<p>{}</p>\n", html_escape(text));
}

}  // namespace

net::Response form_page(int status, const config::Channel& channel, const pages::Catalogue& words,
                        const FormState& state) {
  return pages::render(status, {.words = words,
                                .title = std::string(words.form.title),
                                .content = {FormWriter(channel, words, state).write()},
                                .path = "/form/" + percent_encode(channel.name.str()),
                                .frame_ancestors = channel.form()->origins});
}

net::Response thanks_page(const routing::Accepted& accepted, const std::string& email, const std::string& status_url,
                          const pages::Catalogue& words) {
  const auto& texts = words.thanks;
  std::string content = fmt::format("<p class=\"quiet\">{}</p>\n<p class=\"reference\"><bdi>{}</bdi></p>\n",
                                    texts.reference, html_escape(accepted.reference));
  if (accepted.position) {
    content += paragraph(pages::fill(texts.position, {{"position", pages::number(words, *accepted.position)}}));
  }
  if (accepted.wait) content += paragraph(pages::fill(texts.wait, {{"wait", pages::wait(words, accepted.wait->p90)}}));
  content += paragraph(email.empty() ? std::string(texts.answer_on_page)
                                     : pages::fill(texts.answer_by_mail, {{"email", email}}));
  content += fmt::format(R"(<p><a class="button" href="{}">{}</a></p>)", html_escape(status_url), texts.status_link);
  return pages::render(202, {.words = words, .title = std::string(texts.title), .content = {content}, .path = {}});
}

}  // namespace peyk::channels::form
