#include "daemon/ctl/desk.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/async/backoff.h"
#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "base/clock.h"
#include "base/random.h"
#include "daemon/ctl/again.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/desk_command.h"
#include "daemon/ctl/desk_view.h"
#include "daemon/ctl/fields.h"
#include "daemon/ctl/prompt.h"
#include "daemon/ctl/unanswered.h"
#include "daemon/ctl/uuid.h"

namespace peyk::ctl {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class Desk {
 public:
  Desk(Api& api, asio::any_io_executor executor, Style style)
      : api_(api),
        style_(style),
        view_(style),
        prompt_(create_prompt(executor)),
        tasks_(executor, "desk"),
        again_(tasks_, system_random(), [this] { send_again(); }) {}

  asio::awaitable<int> run() {
    tasks_.spawn("connection", keep_connected());
    while (status_ == 0) {
      const auto line = co_await prompt_->read_line();
      if (!line || !on_line(*line)) break;
    }
    leaving_ = true;
    if (!welcomed_ && unanswered_.replies() > 0) {
      prompt_->print(style_.paint(Colour::red, fmt::format("{} answers did not leave", unanswered_.replies())));
    }
    if (socket_) socket_->close(1000, "bye");
    co_await tasks_.stop();
    prompt_->close();
    co_return status_;
  }

 private:
  bool on_line(std::string_view line) {
    const auto command = parse_desk_command(line, view_, system_clock().now(), uuid(system_random()));
    if (!command) {
      prompt_->print(style_.paint(Colour::red, command.error().message));
      return true;
    }
    switch (command->kind) {
      case DeskCommand::Kind::quit: return false;
      case DeskCommand::Kind::print: prompt_->print(command->text); break;
      case DeskCommand::Kind::send: send(command->frame); break;
      case DeskCommand::Kind::nothing: break;
    }
    prompt_->set_prompt(view_.prompt());
    return true;
  }

  void send(json::object frame) {
    const bool has_key = frame.contains("key");
    const bool behind = has_key && unanswered_.any_unsent();  // what was said first is to arrive first
    auto text = unanswered_.add(std::move(frame));
    const auto id = unanswered_.last_id();
    if (welcomed_ && behind) return;
    if (welcomed_ && socket_->open() && socket_->send(std::move(text))) return unanswered_.note_sent(id);
    if (!welcomed_once_) return;
    if (has_key) return prompt_->print("not connected: it leaves as soon as there is a connection again");
    unanswered_.forget(id);
    prompt_->print(style_.paint(Colour::red, "not connected: it was not sent"));
  }

  /// What was typed before goes out, and what had no answer when the last connection broke.
  void on_welcomed() {
    welcomed_ = welcomed_once_ = true;
    auto again = unanswered_.connected();
    for (auto& frame : again.frames) socket_->send(std::move(frame));
    for (const auto& type : again.unknown) {
      prompt_->print(style_.paint(
          Colour::red, fmt::format("{}: the connection broke before its answer came; look whether it was done", type)));
    }
  }

  asio::awaitable<void> keep_connected() {
    Backoff backoff(500ms, 10s, system_random());
    while (true) {
      auto socket = co_await net::connect_websocket(api_.url(), "/api/v1/agent", "peyk.agent.v1", {}, 10s);
      if (socket) {
        socket_ = *socket;
        socket_->send(json::serialize(json::object{{"type", "hello"}, {"token", api_.token().reveal()}}));
        const bool welcome = co_await read_events();
        welcomed_ = false;
        if (welcome) backoff.reset();
        if (status_ != 0) co_return;
      }
      if (leaving_) co_return;
      prompt_->print(style_.paint(
          Colour::red, fmt::format("no connection{}; trying again …", socket ? "" : ": " + socket.error().message)));
      const bool waited = co_await sleep_for(backoff.next());
      if (!waited) co_return;
    }
  }

  /// Until the socket closes; true when the server had welcomed us.
  asio::awaitable<bool> read_events() {
    bool welcome = false;
    while (true) {
      const auto frame = co_await socket_->read();
      if (!frame) co_return welcome;
      boost::system::error_code error;
      const auto event = json::parse(*frame, error);
      if (error || !event.is_object()) continue;
      const auto type = text(event, "type");
      welcome = welcome || type == "welcome";
      if (type == "welcome" && !welcomed_) on_welcomed();
      if (type == "ok") on_done(text(event, "re"));
      if (type == "error") on_error(event, welcome);
      if (type == "ok" && !text(event, "offer").empty()) on_declined(text(event, "offer"));
      const auto lines = view_.on_event(event);
      if (!lines.empty()) prompt_->print(lines);
      prompt_->set_prompt(view_.prompt());
      if (status_ != 0) co_return welcome;
    }
  }

  void on_done(const std::string& id) {
    unanswered_.forget(id);
    again_.succeeded();
  }

  void send_again() {
    if (!welcomed_) return;  // whoever welcomes us gets them
    for (auto& frame : unanswered_.unsent()) socket_->send(std::move(frame));
  }

  /// Who declines an offer is not told that it is gone.
  void on_declined(const std::string& offer) {
    prompt_->print(view_.on_event(json::object{{"type", "revoked"}, {"offer", offer}, {"reason", "declined"}}));
  }

  void on_error(const json::value& event, bool welcome) {
    const auto code = text(event, "code");
    const bool for_now = code == "unavailable" || code == "timeout" || code == "stale";
    const bool kept = for_now && unanswered_.refused_for_now(text(event, "re"));
    if (!kept) unanswered_.forget(text(event, "re"));
    const auto message = text(event, "message");
    prompt_->print(style_.paint(Colour::red, kept ? message + ": it is sent again by itself" : message));
    if (kept) again_.soon();
    if (welcome || code != "unauthorized") return;
    prompt_->print("log in first: peykctl login AGENT");
    status_ = 1;
    prompt_->close();
  }

  Api& api_;
  Style style_;
  DeskView view_;
  std::unique_ptr<Prompt> prompt_;
  TaskGroup tasks_;
  Again again_;
  std::shared_ptr<net::WebSocket> socket_;
  Unanswered unanswered_;
  bool welcomed_ = false;  // by the connection there is
  bool welcomed_once_ = false;
  bool leaving_ = false;
  int status_ = 0;
};

}  // namespace

asio::awaitable<int> run_desk(Api& api, Style style) {
  Desk desk(api, co_await asio::this_coro::executor, style);
  co_return co_await desk.run();
}

}  // namespace peyk::ctl
