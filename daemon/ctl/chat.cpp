#include "daemon/ctl/chat.h"

#include <algorithm>
#include <charconv>
#include <list>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/async/backoff.h"
#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "base/random.h"
#include "base/text.h"
#include "daemon/ctl/again.h"
#include "daemon/ctl/fields.h"
#include "daemon/ctl/prompt.h"
#include "daemon/ctl/uuid.h"

namespace peyk::ctl {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::string_view kHelp =
    "Type a message and press Enter. /end ends the conversation, /rate 1..5 [COMMENT] rates it, /earlier shows what was "
    "said before, /quit leaves.";

constexpr auto kLastWords = 5s;

class Chat {
 public:
  Chat(net::Url url, ChatOptions options, asio::any_io_executor executor, Style style)
      : url_(std::move(url)),
        options_(std::move(options)),
        style_(style),
        prompt_(create_prompt(executor)),
        progress_(executor),
        tasks_(executor, "chat"),
        again_(tasks_, system_random(), [this] { say_again(); }) {}

  asio::awaitable<int> run() {
    prompt_->set_prompt("you > ");
    tasks_.spawn("connection", keep_connected());
    while (status_ == 0) {
      const auto line = co_await prompt_->read_line();
      if (!line || !on_line(*line)) break;
    }
    co_await last_words();
    leaving_ = true;
    if (socket_) socket_->close(1000, "bye");
    co_await tasks_.stop();
    prompt_->close();
    co_return status_;
  }

 private:
  struct Unacknowledged {
    std::string key;
    std::string text;
  };

  /// What was typed last may be on its way still.
  asio::awaitable<void> last_words() {
    const auto until = std::chrono::steady_clock::now() + kLastWords;
    while (!unacknowledged_.empty() && status_ == 0) {
      const bool notified = co_await progress_.wait(until - std::chrono::steady_clock::now());
      if (!notified) co_return;
    }
  }

  bool on_line(std::string_view line) {
    line = trim(line);
    if (line.empty()) return true;
    if (line == "/quit") return false;
    if (line == "/help")
      prompt_->print(std::string(kHelp));
    else if (line == "/end")
      send({{"type", "end"}});
    else if (line == "/earlier")
      ask_for_earlier();
    else if (line.starts_with("/rate "))
      rate(trim(line.substr(6)));
    else if (line.starts_with('/'))
      prompt_->print(std::string(kHelp));
    else
      say(std::string(line));
    return true;
  }

  void rate(std::string_view rest) {
    int score = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), score);
    if (error != std::errc()) return prompt_->print("say: /rate 1..5 [COMMENT]");
    json::object frame{{"type", "rate"}, {"score", score}};
    const auto comment = trim(rest.substr(static_cast<std::size_t>(end - rest.data())));
    if (!comment.empty()) frame["comment"] = comment;
    send(std::move(frame));
  }

  void say(std::string text) {
    unacknowledged_.push_back({uuid(system_random()), std::move(text)});
    if (welcome_) send_message(unacknowledged_.back());
  }

  void send_message(const Unacknowledged& message) {
    send({{"type", "message"}, {"key", message.key}, {"text", message.text}});
  }

  void send(json::object frame) {
    if (socket_ && socket_->open()) socket_->send(json::serialize(frame));
  }

  asio::awaitable<void> keep_connected() {
    Backoff backoff(500ms, 10s, system_random());
    while (true) {
      const auto target = "/chat/" + percent_encode(options_.channel);
      auto socket = co_await net::connect_websocket(url_, target, "peyk.chat.v1", {}, 10s);
      if (!socket && socket.error().code != ErrorCode::unavailable && socket.error().code != ErrorCode::timeout) {
        prompt_->print(style_.paint(Colour::red, socket.error().message));
        status_ = 1;
        progress_.notify();
        prompt_->close();
        co_return;
      }
      if (socket) {
        socket_ = *socket;
        hello();
        co_await read_frames();
        if (std::exchange(welcome_, false)) backoff.reset();
      }
      if (leaving_) co_return;
      prompt_->print(style_.paint(Colour::red, "no connection; trying again …"));
      const bool waited = co_await sleep_for(backoff.next());
      if (!waited) co_return;
    }
  }

  void hello() {
    json::object frame{{"type", "hello"}};
    const std::pair<const char*, const std::string*> fields[] = {{"visitor", &options_.visitor},
                                                                 {"name", &options_.name},
                                                                 {"email", &options_.email},
                                                                 {"locale", &options_.locale}};
    for (const auto& [name, value] : fields) {
      if (!value->empty()) frame[name] = *value;
    }
    send(std::move(frame));
  }

  asio::awaitable<void> read_frames() {
    while (true) {
      const auto frame = co_await socket_->read();
      if (!frame) co_return;
      boost::system::error_code error;
      const auto event = json::parse(*frame, error);
      if (!error && event.is_object()) on_frame(event);
    }
  }

  void on_frame(const json::value& event) {
    const auto type = text(event, "type");
    if (type == "welcome") on_welcome(event);
    if (type == "ack") acknowledged(event);
    if (type == "ack" || type == "queued" || type == "assigned") over_ = false;
    if (type == "message") show(member(event, "message"));
    if (type == "history") on_history(event);
    if (type == "queued") on_queued(event);
    if (type == "assigned") note(fmt::format("{} is with you now", text(member(event, "agent"), "name")));
    if (type == "typing") note("… is typing");
    if (type == "resolved") say_it_is_over();
    if (type == "rated") note("Thank you for rating.");
    if (type == "error") on_error(event);
  }

  void on_welcome(const json::value& event) {
    const bool first = options_.visitor.empty();
    options_.visitor = text(event, "visitor");
    if (first) note(fmt::format("{} To go on later: --visitor {}", kHelp, options_.visitor));
    remember_what_is_before(event);
    for (const auto& message : items(event, "messages")) show(message);
    if (text(event, "state") == "resolved") say_it_is_over();
    welcome_ = true;
    for (const auto& message : unacknowledged_) send_message(message);
  }

  /// Who was away for longer than the welcome reaches back goes back from there; else he goes on where he stood.
  void remember_what_is_before(const json::value& welcome) {
    asking_ = false;
    const auto before = std::exchange(conversation_, text(welcome, "conversation"));
    const bool joins = std::ranges::any_of(items(welcome, "messages"),
                                           [this](const auto& one) { return shown_.contains(text(one, "id")); });
    if (before == conversation_ && joins) return;
    earlier_ = number(welcome, "next");
    if (earlier_ > 0) note("Only the latest messages are shown; /earlier shows those before them.");
  }

  void ask_for_earlier() {
    if (!welcome_) return note("no connection: ask again when there is one");
    if (earlier_ == 0) return note("There are no earlier messages.");
    if (std::exchange(asking_, true)) return;
    send({{"type", "history"}, {"conversation", conversation_}, {"before", earlier_}});
  }

  void on_history(const json::value& event) {
    asking_ = false;
    if (text(event, "conversation") != conversation_) return;
    earlier_ = number(event, "next");
    std::vector<json::value> unseen;
    for (const auto& message : items(event, "messages")) {
      if (!shown_.contains(text(message, "id"))) unseen.push_back(message);
    }
    // A page of what only agents see, or of what was shown before a connection broke: what he wants is before it.
    if (unseen.empty() && earlier_ > 0) return ask_for_earlier();
    if (!unseen.empty()) note("--- earlier ---");
    for (const auto& message : unseen) show(message);
    note(earlier_ > 0 ? "--- further back: /earlier ---" : "--- that was the beginning ---");
  }

  /// Once, also when that came while there was no connection.
  void say_it_is_over() {
    if (std::exchange(over_, true)) return;
    note("This conversation is resolved. Write again to reopen it; /rate 1..5 to rate it.");
  }

  void on_queued(const json::value& event) {
    auto line = fmt::format("you are number {} in the queue", text(event, "position"));
    const auto& wait = member(event, "wait");
    if (wait.is_object())
      line += fmt::format(", about {} to wait", duration_words(static_cast<double>(number(wait, "p50"))));
    note(line);
  }

  void on_error(const json::value& event) {
    prompt_->print(style_.paint(Colour::red, text(event, "message")));
    if (text(event, "key").empty()) asking_ = false;
    const auto code = text(event, "code");
    const bool for_now = code == "unavailable" || code == "timeout" || code == "throttled";
    if (!for_now) return settled(text(event, "key"));
    again_.soon();
  }

  void say_again() {
    if (!welcome_) return;  // the next welcome has them sent
    for (const auto& message : unacknowledged_) send_message(message);
  }

  void acknowledged(const json::value& ack) {
    settled(text(ack, "key"));
    const auto conversation = text(ack, "conversation");
    if (std::exchange(conversation_, conversation) != conversation) earlier_ = 0;  // this began it
    again_.succeeded();
  }

  void settled(const std::string& key) {
    std::erase_if(unacknowledged_, [&key](const auto& one) { return one.key == key; });
    progress_.notify();
  }

  /// Each message once, whichever way it comes: live, or again in a welcome.
  void show(const json::value& message) {
    if (!shown_.insert(text(message, "id")).second) return;
    const auto from = text(message, "from");
    const auto name = text(message, "name");
    const auto colour = from == "agent" ? Colour::green : from == "system" ? Colour::dim : Colour::cyan;
    prompt_->print(
        style_.paint(colour, fmt::format("{} {}: ", local_time(text(message, "at")), name.empty() ? from : name)) +
        text(message, "text"));
  }

  void note(std::string_view line) { prompt_->print(style_.paint(Colour::dim, line)); }

  net::Url url_;
  ChatOptions options_;
  Style style_;
  std::unique_ptr<Prompt> prompt_;
  Event progress_;
  TaskGroup tasks_;
  Again again_;
  std::shared_ptr<net::WebSocket> socket_;
  std::list<Unacknowledged> unacknowledged_;
  std::set<std::string> shown_;
  std::string conversation_;
  std::int64_t earlier_ = 0;  // where the messages before those shown are to be asked for; 0: there are none
  bool asking_ = false;
  bool over_ = false;  // he was told that the conversation is
  bool welcome_ = false;
  bool leaving_ = false;
  int status_ = 0;
};

}  // namespace

asio::awaitable<int> run_chat(net::Url url, ChatOptions options, Style style) {
  Chat chat(std::move(url), std::move(options), co_await asio::this_coro::executor, style);
  co_return co_await chat.run();
}

}  // namespace peyk::ctl
