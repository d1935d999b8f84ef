#include "daemon/ctl/program.h"

#include <clocale>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include "daemon/ctl/api.h"
#include "daemon/ctl/chat.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/desk.h"
#include "daemon/ctl/prompt.h"
#include "daemon/ctl/route.h"
#include "daemon/ctl/simulate.h"

namespace peyk::ctl {
namespace {

using Command = std::function<asio::awaitable<int>(Api&)>;

struct Settings {
  std::string url;
  std::string token_file;
  bool json = false;
  std::string agent;
  std::string conversation;
  bool repair = false;
  ConversationsQuery query;
  ChatOptions chat;
  SimulateOptions simulate;
  RouteOptions route;
  TagOptions tags;
  Command command;
  bool hash_password = false;
};

std::string from_environment(const char* name, std::string fallback) {
  const auto* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::move(fallback) : std::string(value);
}

std::string default_token_file() {
  const auto home = from_environment("HOME", "/tmp");
  return from_environment("XDG_CONFIG_HOME", home + "/.config") + "/peyk/token";
}

/// `desk ANI` logs in for this run alone; `desk` uses the token of `login`.
asio::awaitable<int> log_in_and_run_desk(Api& api, std::string agent, Style style) {
  if (!agent.empty()) {
    const auto logged_in = co_await api.login(agent, ask_password(fmt::format("Password of {}: ", agent)), false);
    if (!logged_in) co_return report(logged_in.error());
  }
  if (api.token().empty())
    co_return report(Error{ErrorCode::unauthorized, "log in first: peykctl login AGENT", {}, {}});
  co_return co_await run_desk(api, style);
}

Output output_of(const Settings& settings) {
  return {settings.json, Style::of_terminal()};
}

void add_reading_commands(CLI::App& app, Settings& settings) {
  const auto plain = [&app, &settings](const char* name, const char* help, auto run) {
    app.add_subcommand(name, help)->callback([&settings, run] {
      settings.command = [&settings, run](Api& api) { return run(api, output_of(settings)); };
    });
  };
  plain("status", "The daemon's health, in words", &run_status);
  plain("queues", "Who waits where, and for how long", &run_queues);
  plain("agents", "Who is there, and how loaded", &run_agents);
  plain("reload", "Read the configuration again; says why when it is refused", &run_reload);

  auto* list = app.add_subcommand("conversations", "Conversations, oldest first");
  list->add_option("--state", settings.query.state, "waiting, offered, active, pending, snoozed, resolved or closed");
  list->add_option("--queue", settings.query.queue);
  list->add_option("--agent", settings.query.agent);
  list->add_option("--after", settings.query.after, "Where the page before ended");
  list->add_option("--limit", settings.query.limit)->check(CLI::Range(1, 200))->capture_default_str();
  list->callback([&settings] {
    settings.command = [&settings](Api& api) { return run_conversations(api, output_of(settings), settings.query); };
  });

  const auto on_conversation = [&app, &settings](const char* name, const char* help, auto run) {
    auto* command = app.add_subcommand(name, help);
    command->add_option("CONVERSATION", settings.conversation)->required();
    command->callback([&settings, run] {
      settings.command = [&settings, run](Api& api) { return run(api, output_of(settings), settings.conversation); };
    });
  };
  on_conversation("show", "A conversation with its messages", &run_show);
  on_conversation("explain", "Why a conversation is where it is", &run_explain);

  auto* audit = app.add_subcommand("audit", "Check the invariants of the whole desk");
  audit->add_flag("--repair", settings.repair, "Mend what is found");
  audit->callback([&settings] {
    settings.command = [&settings](Api& api) { return run_audit(api, output_of(settings), settings.repair); };
  });
}

void add_route_command(CLI::App& app, Settings& settings) {
  auto& route = settings.route;
  auto* command = app.add_subcommand("route", "Which rule a message would hit, and what it would ask for");
  command->add_option("--channel", route.channel, "The channel it comes through")->required();
  command->add_option("--subject", route.subject);
  command->add_option("--text", route.text);
  command->add_option("--field", route.fields, "A form's field, NAME=VALUE; several times")->allow_extra_args(false);
  command->add_option("--sender", route.sender, "Address, or name where there is none");
  command->add_option("--language", route.language, "fa, hy, en, …; else it is found in the text");
  command->add_option("--tag", route.tags, "A tag of the contact; several times")->allow_extra_args(false);
  command->add_option("--at", route.at, "For dates and hours: 2026-07-15T09:00:00Z; else now");
  command->add_option("--config", route.config, "Ask this file instead of the running daemon");
  command->callback([&settings] {
    settings.command = [&settings](Api& api) { return run_route(api, output_of(settings), settings.route); };
  });
}

void add_tag_command(CLI::App& app, Settings& settings) {
  auto* command = app.add_subcommand("tag", "Change the tags of a conversation (c_…) or a contact (p_…)");
  command->add_option("ID", settings.tags.id)->required();
  command->add_option("--add", settings.tags.add, "A tag; several times")->allow_extra_args(false);
  command->add_option("--remove", settings.tags.remove, "A tag; several times")->allow_extra_args(false);
  command->callback([&settings] {
    settings.command = [&settings](Api& api) { return run_tag(api, output_of(settings), settings.tags); };
  });
}

void add_people_commands(CLI::App& app, Settings& settings) {
  auto* login = app.add_subcommand("login", "Log in, and keep the token in --token-file");
  login->add_option("AGENT", settings.agent)->required();
  login->callback([&settings] { settings.command = [&settings](Api& api) { return run_login(api, settings.agent); }; });

  auto* desk = app.add_subcommand("desk", "An agent's desk in the terminal");
  desk->add_option("AGENT", settings.agent, "Log in as this agent first, for this run alone");
  desk->callback([&settings] {
    settings.command = [&settings](Api& api) { return log_in_and_run_desk(api, settings.agent, Style::of_terminal()); };
  });

  auto* chat = app.add_subcommand("chat", "A visitor's chat in the terminal");
  chat->add_option("CHANNEL", settings.chat.channel)->required();
  chat->add_option("--visitor", settings.chat.visitor, "Token of an earlier chat, to go on with it");
  chat->add_option("--name", settings.chat.name);
  chat->add_option("--email", settings.chat.email);
  chat->add_option("--locale", settings.chat.locale);
  chat->callback([&settings] {
    settings.command = [&settings](Api& api) { return run_chat(api.url(), settings.chat, Style::of_terminal()); };
  });

  app.add_subcommand("hash-password", "Hash the password on standard input, for password_hash_file")
      ->callback([&settings] { settings.hash_password = true; });
}

void add_simulate_command(CLI::App& app, Settings& settings) {
  auto& options = settings.simulate;
  auto* simulate =
      app.add_subcommand("simulate", "A day with a configuration, or with either of two; no daemon needed");
  simulate->add_option("--config", options.configs, "What is tried; twice: the difference of the two")
      ->required()
      ->type_name("FILE")
      ->expected(1)
      ->take_all();
  simulate->add_option("--trace", options.trace, "A recorded day: CSV")->type_name("FILE");
  simulate->add_option("--profile", options.profile, "A day as it might be: YAML; with --trace, all but its arrivals")
      ->type_name("FILE");
  simulate->add_option("--date", options.date, "The day, where times have none; overrules the profile's")
      ->type_name("YYYY-MM-DD");
  simulate->add_option("--seeds", options.seeds, "Runs, each with another seed (default: 1; 5 for two configurations)")
      ->check(CLI::Range(1, 100));
  simulate->add_option("--seed", options.seed, "Of the first run")->capture_default_str();
  simulate->add_option("--plot", options.plot, "Draw waits and queues over the day: .svg or .png")->type_name("FILE");
  simulate->callback([&settings] {
    const auto& given = settings.simulate;
    if (given.configs.size() > 2) throw CLI::ValidationError("--config", "one or two configurations, not more");
    if (given.trace.empty() && given.profile.empty()) throw CLI::RequiredError("--trace or --profile");
    settings.command = [&settings](Api&) { return run_simulate(settings.simulate, output_of(settings)); };
  });
}

int run_on_loop(const Settings& settings, net::Url url) {
  asio::io_context loop(1);
  Api api(std::move(url), settings.token_file);
  int status = 1;
  std::exception_ptr failure;
  asio::co_spawn(loop, settings.command(api), [&](std::exception_ptr error, int result) {
    failure = error;
    status = result;
    loop.stop();
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return status;
}

}  // namespace

int run(int argc, char** argv) {
  // Without a UTF-8 locale libedit would take the letters of most languages apart.
  if (std::setlocale(LC_ALL, "") == nullptr || std::string_view(std::setlocale(LC_CTYPE, nullptr)) == "C") {
    std::setlocale(LC_CTYPE, "C.UTF-8");
  }
  if (sodium_init() < 0) return 1;
  spdlog::set_level(spdlog::level::off);  // what a person must know is printed

  Settings settings;
  settings.url = from_environment("PEYK_URL", "http://127.0.0.1:8080");
  settings.token_file = default_token_file();
  CLI::App app("Peyk's operator command", "peykctl");
  app.set_version_flag("--version", std::string("peykctl " PEYK_VERSION));
  app.add_option("--url", settings.url, "Where Peyk answers (also PEYK_URL)")->capture_default_str();
  app.add_option("--token-file", settings.token_file, "Where the login's token is kept")->capture_default_str();
  app.add_flag("--json", settings.json, "JSON for programs instead of tables");
  app.require_subcommand(1);
  app.fallthrough();
  add_reading_commands(app, settings);
  add_route_command(app, settings);
  add_tag_command(app, settings);
  add_people_commands(app, settings);
  add_simulate_command(app, settings);
  CLI11_PARSE(app, argc, argv);

  if (settings.hash_password) return run_hash_password();
  auto url = net::parse_url(settings.url);
  if (!url) return report(url.error());
  try {
    return run_on_loop(settings, std::move(*url));
  } catch (const std::exception& error) {
    std::cerr << "peykctl: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace peyk::ctl
