#include "daemon/ctl/commands.h"

#include <array>
#include <iostream>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sodium.h>

#include "base/text.h"
#include "daemon/ctl/fields.h"
#include "daemon/ctl/prompt.h"

namespace peyk::ctl {
namespace {

namespace json = boost::json;

int print_json(const json::value& document) {
  std::cout << json::serialize(document) << "\n";
  return 0;
}

Colour colour_of_status(std::string_view status) {
  if (status == "pass") return Colour::green;
  return status == "warn" ? Colour::yellow : Colour::red;
}

std::string wait_words(const json::value& wait) {
  if (!wait.is_object()) return "–";
  return fmt::format("{} / {}", duration_words(static_cast<double>(number(wait, "p50"))),
                     duration_words(static_cast<double>(number(wait, "p90"))));
}

/// One line of all kinds that would wait.
std::string waits_words(const json::value& waits) {
  if (!waits.is_object() || waits.get_object().empty()) return "–";
  std::string words;
  for (const auto& [kind, wait] : waits.get_object()) {
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", std::string_view(kind), wait_words(wait));
  }
  return words;
}

std::string real(const json::value& object, std::string_view name) {
  const auto& value = member(object, name);
  if (value.is_double()) return fmt::format("{:.2f}", value.get_double());
  return text(object, name);
}

/// By how much the waits that were told were wrong, as a share of what came true; 0: none came true yet.
std::string error_words(const json::value& queue) {
  const auto& ratio = member(queue, "wait_error_ratio");
  const auto value = ratio.is_number() ? ratio.to_number<double>() : 0.0;
  return value > 0 ? fmt::format("{:.2f}", value) : std::string("–");
}

/// "42 s" of the answer's seconds.
std::string seconds_words(const json::value& object, std::string_view name) {
  const auto& value = member(object, name);
  return value.is_null() ? std::string("–") : duration_words(static_cast<double>(number(object, name)));
}

std::string next_step(const json::value& conversation) {
  const auto actor = text(conversation, "next_actor");
  if (actor.empty()) return "–";
  return fmt::format("{} by {}", actor, local_time(text(conversation, "next_at")));
}

std::string joined(const json::array& array) {
  std::vector<std::string> words;
  for (const auto& word : array) {
    if (word.is_string()) words.push_back(clean_line(std::string_view(word.get_string())));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

/// "4 of 5: quick and kind".
std::string rating_words(const json::value& conversation) {
  const auto& rating = member(conversation, "rating");
  if (!rating.is_object()) return {};
  const auto comment = clean_line(text(rating, "comment"));
  return fmt::format("{} of 5{}{}", number(rating, "score"), comment.empty() ? "" : ": ", comment);
}

/// Tags, and whom answers reach: an address that the customer asked for is not always the one he wrote from.
void show_people(const json::value& conversation, const Style& style) {
  const auto line = [&style](std::string_view name, const std::string& value) {
    if (!value.empty()) std::cout << style.paint(Colour::bold, fmt::format("{:18}", name)) << value << "\n";
  };
  std::vector<std::string> people;
  for (const auto& one : items(conversation, "participants")) {
    people.push_back(text(one, "value") + (text(one, "verified") == "true" ? "" : " (not verified)"));
  }
  line("participants", fmt::format("{}", fmt::join(people, ", ")));
  line("rating", rating_words(conversation));
  line("tags", joined(items(conversation, "tags")));
  line("contact's tags", joined(items(member(conversation, "contact_detail"), "tags")));
}

}  // namespace

int report(const Error& error) {
  std::cerr << "peykctl: " << error.message << "\n";
  return 1;
}

asio::awaitable<int> run_login(Api& api, std::string agent) {
  auto password = ask_password(fmt::format("Password of {}: ", agent));
  const auto logged_in = co_await api.login(agent, std::move(password), true);
  if (!logged_in) co_return report(logged_in.error());
  std::cout << "logged in as " << agent << "\n";
  co_return 0;
}

asio::awaitable<int> run_status(Api& api, Output output) {
  const auto health = co_await api.get_any_status("/health");
  if (!health) co_return report(health.error());
  if (output.json) co_return print_json(*health);
  const auto status = text(*health, "status");
  std::cout << "Peyk " << text(*health, "version") << " at " << api.url().host << ":" << api.url().port << ": "
            << output.style.paint(colour_of_status(status), status) << "\n";
  Table table({"CHECK", "STATUS", "VALUE"});
  const auto& checks = member(*health, "checks");
  if (checks.is_object()) {
    for (const auto& [name, entries] : checks.get_object()) {
      const auto& entry = entries.is_array() && !entries.get_array().empty() ? entries.get_array().front() : entries;
      table.add(
          {std::string(name), text(entry, "status"), text(entry, "observedValue") + " " + text(entry, "observedUnit")});
    }
  }
  if (!table.empty()) std::cout << table.render(output.style);
  for (const auto& issue : items(*health, "issues")) {
    std::cout << output.style.paint(Colour::yellow, text(issue, "code")) << "  " << text(issue, "message") << " (since "
              << local_time(text(issue, "since")) << ")\n";
  }
  co_return status == "fail" ? 1 : 0;
}

asio::awaitable<int> run_queues(Api& api, Output output) {
  const auto answer = co_await api.get("/api/v1/queues");
  if (!answer) co_return report(answer.error());
  if (output.json) co_return print_json(*answer);
  Table table({"QUEUE", "WAITING", "OFFERED", "ACTIVE", "OLDEST", "AVAILABLE", "FREE", "WAIT P50 / P90", "ERROR"});
  for (const auto& queue : items(*answer, "queues")) {
    table.add({text(queue, "name"), text(queue, "waiting"), text(queue, "offered"), text(queue, "active"),
               seconds_words(queue, "oldest_age"), text(queue, "agents_available"), text(queue, "agents_free"),
               waits_words(member(queue, "waits")), error_words(queue)});
  }
  std::cout << table.render(output.style);
  for (const auto& queue : items(*answer, "queues")) {
    for (const auto& dead : items(queue, "unroutable")) {
      const auto demand = text(dead, "demand");
      const auto words =
          fmt::format("{}: {} of kind {} wait for {}, which nobody in the roster has", text(queue, "name"),
                      text(dead, "waiting"), text(dead, "kind"), demand.empty() ? "an agent" : demand);
      std::cout << output.style.paint(Colour::yellow, words) << "\n";
    }
  }
  co_return 0;
}

asio::awaitable<int> run_agents(Api& api, Output output) {
  const auto answer = co_await api.get("/api/v1/agents");
  if (!answer) co_return report(answer.error());
  if (output.json) co_return print_json(*answer);
  Table table({"AGENT", "NAME", "PRESENCE", "SINCE", "LOAD", "CAPACITY", "REASON"});
  for (const auto& agent : items(*answer, "agents")) {
    table.add({text(agent, "name"), text(agent, "display_name"), text(agent, "presence"),
               local_time(text(agent, "since")), real(agent, "load"), real(agent, "capacity"), text(agent, "reason")});
  }
  std::cout << table.render(output.style);
  co_return 0;
}

asio::awaitable<int> run_conversations(Api& api, Output output, ConversationsQuery query) {
  auto target = fmt::format("/api/v1/conversations?limit={}", query.limit);
  const std::array<std::pair<std::string_view, std::string>, 4> filters{
      {{"state", query.state}, {"queue", query.queue}, {"agent", query.agent}, {"after", query.after}}};
  for (const auto& [name, value] : filters) {
    if (!value.empty()) target += fmt::format("&{}={}", name, url_part(value));
  }
  const auto answer = co_await api.get(std::move(target));
  if (!answer) co_return report(answer.error());
  if (output.json) co_return print_json(*answer);
  Table table(
      {"CONVERSATION", "REFERENCE", "STATE", "QUEUE", "KIND", "PRIORITY", "AGENT", "CREATED", "NEXT", "SUBJECT"});
  for (const auto& one : items(*answer, "conversations")) {
    table.add({text(one, "id"), text(one, "reference"), text(one, "state"), text(one, "queue"), text(one, "kind"),
               text(one, "priority"), text(one, "agent"), local_time(text(one, "created_at")), next_step(one),
               text(one, "subject")});
  }
  std::cout << table.render(output.style);
  const auto next = text(*answer, "next");
  if (!next.empty()) std::cout << output.style.paint(Colour::dim, "more: --after " + next) << "\n";
  co_return 0;
}

std::string message_lines(const json::value& message, const Style& style) {
  const auto direction = text(message, "direction");
  const auto author = text(member(message, "author"), "name");
  const auto colour = direction == "in" ? Colour::cyan : direction == "out" ? Colour::green : Colour::dim;
  const auto nobody = direction == "in" ? "customer" : direction;
  auto head = fmt::format("{} {}", local_time(text(message, "at")), author.empty() ? nobody : author);
  if (direction == "note") head += " (note)";
  if (direction == "out") head += fmt::format(" [{}]", text(message, "state"));
  if (!text(message, "detail").empty()) head += " " + text(message, "detail");
  auto lines = style.paint(colour, head) + "\n  ";
  for (const char letter : text(message, "text")) {
    lines += letter;
    if (letter == '\n') lines += "  ";
  }
  for (const auto& file : items(message, "attachments")) {
    lines += fmt::format("\n  [{} {} {} bytes, {}]", text(file, "name"), text(file, "type"), text(file, "size"),
                         text(file, "id"));
  }
  return lines;
}

asio::awaitable<int> run_show(Api& api, Output output, std::string conversation) {
  const auto answer = co_await api.get("/api/v1/conversations/" + url_part(conversation));
  if (!answer) co_return report(answer.error());
  if (output.json) co_return print_json(*answer);
  static constexpr std::array<std::string_view, 12> kShown{"id",      "reference",  "state",    "queue",
                                                           "channel", "subject",    "priority", "agent",
                                                           "contact", "created_at", "outcome",  "unanswered_since"};
  for (const auto name : kShown) {
    const auto value = text(*answer, name);
    if (!value.empty()) std::cout << output.style.paint(Colour::bold, fmt::format("{:18}", name)) << value << "\n";
  }
  show_people(*answer, output.style);
  std::cout << output.style.paint(Colour::bold, fmt::format("{:18}", "next")) << next_step(*answer) << "\n";
  const auto& promise = member(*answer, "promise");
  std::cout << output.style.paint(Colour::bold, fmt::format("{:18}", "promise")) << "first reply by "
            << local_time(text(promise, "first_reply_by")) << ", resolved by "
            << local_time(text(promise, "resolve_by")) << "\n\n";
  for (const auto& message : items(*answer, "messages")) std::cout << message_lines(message, output.style) << "\n";
  co_return 0;
}

asio::awaitable<int> run_explain(Api& api, Output output, std::string conversation) {
  const auto answer = co_await api.get("/api/v1/conversations/" + url_part(conversation) + "/explain");
  if (!answer) co_return report(answer.error());
  if (output.json) co_return print_json(*answer);
  std::cout << text(*answer, "text") << "\n";
  co_return 0;
}

asio::awaitable<int> run_audit(Api& api, Output output, bool repair) {
  api.set_limit(std::chrono::minutes(30));
  auto request = repair ? api.post("/api/v1/audit", json::object{{"repair", true}}) : api.get("/api/v1/audit");
  const auto answer = co_await std::move(request);
  if (!answer) co_return report(answer.error());
  bool open = false;
  for (const auto& finding : items(*answer, "findings")) open = open || text(finding, "mended") != "true";
  if (output.json) {
    print_json(*answer);
    co_return open ? 1 : 0;
  }
  Table table({"FINDING", "CONVERSATION", "AGENT", "DETAIL", "MENDED"});
  for (const auto& finding : items(*answer, "findings")) {
    table.add({text(finding, "code"), text(finding, "conversation"), text(finding, "agent"), text(finding, "detail"),
               text(finding, "mended") == "true" ? "yes" : "no"});
  }
  if (table.empty())
    std::cout << output.style.paint(Colour::green, "nothing wrong was found") << "\n";
  else
    std::cout << table.render(output.style, 80);
  co_return open ? 1 : 0;
}

asio::awaitable<int> run_reload(Api& api, Output output) {
  const auto answer = co_await api.post("/api/v1/reload", json::object{});
  if (!answer) co_return report(answer.error());
  if (output.json) co_return print_json(*answer);
  std::cout << "configuration " << text(*answer, "config_version") << " is in force\n";
  for (const auto& warning : items(*answer, "warnings")) {
    if (warning.is_string()) std::cout << "warning: " << std::string_view(warning.get_string()) << "\n";
  }
  for (const auto& key : items(*answer, "needs_restart")) {
    if (key.is_string()) std::cout << "takes effect after a restart: " << std::string_view(key.get_string()) << "\n";
  }
  co_return 0;
}

asio::awaitable<int> run_tag(Api& api, Output output, TagOptions options) {
  const auto* kind = options.id.starts_with("p_") ? "contacts" : "conversations";
  const json::object body{{"add", json::value_from(options.add)}, {"remove", json::value_from(options.remove)}};
  const auto answer = co_await api.post(fmt::format("/api/v1/{}/{}/tag", kind, url_part(options.id)), body);
  if (!answer) co_return report(answer.error());
  if (output.json) co_return print_json(*answer);
  const auto tags = joined(items(*answer, "tags"));
  std::cout << options.id << ": " << (tags.empty() ? "no tags" : tags) << "\n";
  co_return 0;
}

int run_hash_password() {
  const auto password = ask_password("Password to hash: ");
  if (password.empty()) {
    std::cerr << "peykctl: no password on standard input\n";
    return 1;
  }
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  const auto& bytes = password.reveal();
  if (sodium_init() < 0 ||
      crypto_pwhash_str(hash.data(), bytes.data(), bytes.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    std::cerr << "peykctl: not enough memory to hash a password\n";
    return 1;
  }
  std::cout << hash.data() << "\n";
  return 0;
}

}  // namespace peyk::ctl
