// The words of the customers' pages, one catalogue a language.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace peyk::channels::pages {

/// Every text of the pages. {name} is filled in by fill(). A language without one of them does not compile.
struct Catalogue {
  std::string_view language;   // BCP 47
  std::string_view own_name;   // of the language, in itself
  std::string_view direction;  // "ltr" or "rtl"
  std::string_view locale;     // for ICU: calendar, digits
  std::string_view languages;  // label of the choice of languages

  struct Form {
    std::string_view title, intro, name, email, email_hint, subject, message, attachments, attachments_hint, choose,
        required, send;
  } form;

  struct Errors {
    std::string_view title;
    std::string_view missing, too_long, too_many_bytes, not_a_choice, not_an_email, not_a_text, unknown, twice,
        too_many_files, no_files_here;
  } errors;

  struct Failures {  // one line of what happened, one of what to do
    std::string_view title;
    std::string_view not_found, forbidden, throttled, unavailable, conflict, malformed, too_large, unsupported,
        internal;
  } failures;

  struct Thanks {
    std::string_view title, reference, position, wait, answer_by_mail, answer_on_page, status_link;
  } thanks;

  struct States {
    std::string_view waiting, offered, active, pending, snoozed, resolved, closed;
  } states;

  struct Status {
    std::string_view title, unknown_token, ended, unavailable, reference, state, since, agent, next, messages, earlier,
        you, team, attachments, reload;
  } status;

  struct Next {  // what happens next
    std::string_view position, wait, answer_by, answer_soon, solve_by, agent_has_it, your_turn, your_turn_until,
        resumes_at, resolved, closed, opens_at;
  } next;
};

extern const Catalogue kEnglish;
extern const Catalogue kPersian;
extern const Catalogue kArmenian;

/// The catalogue of "en", "fa" or "hy"; English for any other.
const Catalogue& catalogue(std::string_view language);

/// `text` with each {name} replaced. Values are inserted as they are.
std::string fill(std::string_view text, std::initializer_list<std::pair<std::string_view, std::string>> values);

}  // namespace peyk::channels::pages
