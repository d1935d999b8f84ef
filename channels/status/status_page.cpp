#include "channels/status/status_page.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "channels/customer_message.h"
#include "channels/pages/layout.h"
#include "channels/pages/moment.h"
#include "channels/web/wait_json.h"

namespace peyk::channels::status {
namespace {

std::string row(std::string_view term, std::string_view text) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", term, html_escape(text));
}

std::string path_of(const std::string& token) {
  return "/status/" + percent_encode(token);
}

std::string files(const routing::Message& message, const pages::Catalogue& words, const std::string& token) {
  if (message.attachments.empty()) return {};
  std::string items;
  for (const auto& attachment : message.attachments) {
    items += fmt::format(R"(<li><a href="{}/attachments/{}"><bdi>{}</bdi></a></li>)", path_of(token),
                         percent_encode(attachment.id.str()), html_escape(attachment.name));
  }
  return fmt::format(R"(<ul class="files" aria-label="{}">{}</ul>)", words.status.attachments, items);
}

std::string message_item(const routing::Message& message, const pages::Catalogue& words, const std::string& timezone,
                         const std::string& token) {
  const auto from = customer_view_of(message);
  if (!from || message.state == routing::MessageState::held) return {};
  const bool own = *from == "visitor";
  const bool notice = *from == "system";
  const auto name = own ? std::string(words.status.you)
                        : (message.author.name.empty() ? std::string(words.status.team) : message.author.name);
  return fmt::format(
      R"(<li class="{}"><div class="head"><strong><bdi>{}</bdi></strong><time class="quiet" datetime="{}">{}</time></div>)"
      R"(<p class="text" dir="auto">{}</p>{}</li>)"
      "\n",
      own ? "own" : (notice ? "notice" : "other"), html_escape(notice ? words.status.team : name),
      to_rfc3339(message.at), html_escape(pages::moment(words, message.at, timezone)), html_escape(message.text),
      files(message, words, token));
}

boost::json::value time_json(const std::optional<Time>& time) {
  if (!time || *time == Time()) return nullptr;
  return boost::json::value(to_rfc3339(*time));
}

}  // namespace

net::Response status_page(const routing::StatusView& view, const NextStep& next, const pages::Catalogue& words,
                          const std::string& timezone, const std::string& token) {
  const auto& conversation = view.conversation;
  std::string rows =
      fmt::format("<dt>{}</dt><dd><bdi>{}</bdi></dd>\n", words.status.reference, html_escape(conversation.reference));
  rows += row(words.status.state, state_text(conversation.state, words));
  if (!view.agent_name.empty()) rows += row(words.status.agent, view.agent_name);
  rows += row(words.status.since, pages::moment(words, conversation.created_at, timezone));
  std::string lines;
  for (const auto& line : next.lines) lines += fmt::format("<p>{}</p>", html_escape(line));
  std::string items;
  for (const auto& message : view.messages) items += message_item(message, words, timezone, token);
  const auto earlier =
      view.truncated ? fmt::format("<p class=\"quiet\">{}</p>\n", words.status.earlier) : std::string();
  const auto content = fmt::format(
      "<dl>\n{}</dl>\n<h2>{}</h2>\n<div class=\"next\">{}</div>\n<p><a class=\"button\" "
      "href=\"{}?lang={}\">{}</a></p>\n"
      "<h2>{}</h2>\n{}<ol class=\"messages\">\n{}</ol>",
      rows, words.status.next, lines, path_of(token), words.language, words.status.reload, words.status.messages,
      earlier, items);
  return pages::render(
      200, {.words = words, .title = std::string(words.status.title), .content = {content}, .path = path_of(token)});
}

boost::json::object status_json(const routing::StatusView& view, const NextStep& next, const Opening& opening) {
  const auto& conversation = view.conversation;
  boost::json::array messages;
  for (const auto& message : view.messages) {
    if (auto shown = customer_json(message)) messages.push_back(std::move(*shown));
  }
  boost::json::array lines;
  for (const auto& line : next.lines) lines.push_back(boost::json::value(line));
  boost::json::value agent = nullptr;
  if (!view.agent_name.empty()) agent = boost::json::object{{"name", view.agent_name}};
  boost::json::object shown{{"reference", conversation.reference},
                            {"state", routing::to_string(conversation.state)},
                            {"subject", conversation.subject},
                            {"created_at", to_rfc3339(conversation.created_at)},
                            {"agent", std::move(agent)},
                            {"position", position_json(view.position)},
                            {"wait", wait_json(view.wait)},
                            {"promise",
                             {{"first_reply_by", time_json(conversation.promise.first_reply_by)},
                              {"resolve_by", time_json(conversation.promise.resolve_by)}}},
                            {"next", {{"actor", next.actor}, {"by", time_json(next.by)}, {"text", std::move(lines)}}},
                            {"hours", {{"open", opening.open}, {"next", time_json(opening.next)}}},
                            {"messages", std::move(messages)}};
  if (view.truncated) shown["truncated"] = true;
  return shown;
}

}  // namespace peyk::channels::status
