#include "daemon/ctl/route.h"

#include <iostream>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "config/loader.h"
#include "daemon/ctl/fields.h"
#include "routing/route_preview.h"

namespace peyk::ctl {
namespace {

namespace json = boost::json;

Result<std::map<std::string, std::string>> read_fields(const std::vector<std::string>& pairs) {
  std::map<std::string, std::string> fields;
  for (const auto& pair : pairs) {
    const auto cut = pair.find('=');
    if (cut == 0 || cut == std::string::npos) {
      return fail(ErrorCode::invalid, fmt::format("--field {}: write NAME=VALUE", pair));
    }
    fields[pair.substr(0, cut)] = pair.substr(cut + 1);
  }
  return fields;
}

Result<routing::RouteQuestion> question_of(const RouteOptions& options) {
  auto fields = read_fields(options.fields);
  if (!fields) return std::unexpected(fields.error());
  routing::RouteQuestion question{
      ChannelName(options.channel), options.subject, options.text, options.sender, options.language,
      std::move(*fields),           options.tags,    std::nullopt};
  if (options.at.empty()) return question;
  const auto at = parse_rfc3339(options.at);
  if (!at) return fail(ErrorCode::invalid, fmt::format("--at {}: write it as 2026-07-15T09:00:00Z", options.at));
  question.at = *at;
  return question;
}

json::object body_of(const routing::RouteQuestion& question) {
  json::object body{{"channel", question.channel.str()},
                    {"subject", question.subject},
                    {"text", question.text},
                    {"sender", question.sender},
                    {"fields", json::value_from(question.fields)},
                    {"contact_tags", json::value_from(question.contact_tags)}};
  if (!question.language.empty()) body["language"] = question.language;
  if (question.at) body["at"] = to_rfc3339(*question.at);
  return body;
}

/// The answer from a file alone, with all that is wrong with it.
Result<json::value> ask_file(const std::filesystem::path& file, const routing::RouteQuestion& question) {
  config::LoadOptions load;
  load.secrets_required = false;
  const auto loaded = config::load(file, load);
  if (!loaded.ok()) {
    std::string wrong;
    for (const auto& problem : loaded.problems) {
      if (problem.severity == config::Severity::error) wrong += "\n" + config::to_string(problem);
    }
    return fail(ErrorCode::invalid, "the configuration is wrong:" + wrong);
  }
  routing::Settings settings(loaded.config);
  auto answer = routing::preview_route(settings, question, system_clock().now());
  if (!answer) return std::unexpected(answer.error());
  return json::value(std::move(*answer));
}

std::string levels_words(const json::value& levels) {
  std::vector<std::string> words;
  if (levels.is_object()) {
    for (const auto& [skill, level] : levels.get_object()) {
      words.push_back(fmt::format("{} {}", std::string_view(skill), json::serialize(level)));
    }
  }
  return words.empty() ? "nothing" : fmt::format("{}", fmt::join(words, ", "));
}

std::string span(const json::value& object, std::string_view name) {
  return duration_words(static_cast<double>(number(object, name)));
}

void add_demand(Table& table, const json::value& demand) {
  table.add({"require", levels_words(member(demand, "require"))});
  for (const auto& step : items(demand, "prefer")) {
    const auto unless = text(step, "unless");
    table.add({"prefer", fmt::format("{} for {}{}", levels_words(member(step, "skills")), span(step, "for"),
                                     unless == "never" ? "" : ", unless " + unless)});
  }
  for (const auto& ring : items(demand, "rings")) {
    table.add({"ring", fmt::format("agents of {} after {}", text(ring, "queue"), span(ring, "after"))});
  }
  const auto& bands = member(demand, "bands");
  if (!bands.is_object()) return;
  for (const auto& [skill, floors] : bands.get_object()) {
    table.add({"bands", fmt::format("{} {}", std::string_view(skill), json::serialize(floors))});
  }
}

void print_answer(const json::value& answer, const Style& style) {
  Table table({"", "WHAT THE RULES SAY"});
  const auto& rule = member(answer, "rule");
  const auto& promise = member(answer, "promise");
  table.add({"rule", fmt::format("{} ({}, {})", text(rule, "number"), text(rule, "name"), text(rule, "place"))});
  table.add({"message", fmt::format("{} ({}), language {}, {}", text(answer, "channel"), text(answer, "kind"),
                                    text(answer, "language"), local_time(text(answer, "at")))});
  table.add({"queue", text(answer, "queue") + (text(answer, "open") == "true" ? ", open" : ", closed then")});
  table.add({"priority", text(answer, "priority")});
  add_demand(table, member(answer, "demand"));
  table.add({"promise", fmt::format("answered within {} (by {}), solved within {} (by {})",
                                    span(promise, "first_reply"), local_time(text(promise, "first_reply_by")),
                                    span(promise, "resolve"), local_time(text(promise, "resolve_by")))});
  std::cout << table.render(style, 100) << "\n";
}

void print_steps(const json::value& answer, const Style& style) {
  Table table({"AFTER", "ASKED OF AN AGENT", "OF QUEUES", "COULD", "LACK SKILL", "TOO SMALL", "OTHER QUEUES"});
  bool anybody = false;
  for (const auto& step : items(answer, "steps")) {
    const auto& agents = member(step, "agents");
    anybody = anybody || number(agents, "could") > 0;
    std::vector<std::string> queues;
    for (const auto& queue : items(step, "queues")) queues.emplace_back(queue.as_string());
    table.add({span(step, "after"), levels_words(member(step, "require")), fmt::format("{}", fmt::join(queues, ", ")),
               text(agents, "could"), text(agents, "skill"), text(agents, "room"), text(agents, "queue")});
  }
  std::cout << table.render(style);
  if (!anybody) {
    std::cout << style.paint(Colour::yellow,
                             fmt::format("Nobody of the {} agents can ever take it.", text(answer, "rostered")))
              << "\n";
  }
}

}  // namespace

asio::awaitable<int> run_route(Api& api, Output output, RouteOptions options) {
  const auto question = question_of(options);
  if (!question) co_return report(question.error());
  Result<json::value> answer;
  if (options.config.empty()) {
    answer = co_await api.post("/api/v1/route", body_of(*question));
  } else {
    answer = ask_file(options.config, *question);
  }
  if (!answer) co_return report(answer.error());
  if (output.json) {
    std::cout << json::serialize(*answer) << "\n";
    co_return 0;
  }
  print_answer(*answer, output.style);
  print_steps(*answer, output.style);
  co_return 0;
}

}  // namespace peyk::ctl
