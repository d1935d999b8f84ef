#include "tests/support/desk.h"

#include <stdexcept>

#include "config/loader.h"

namespace peyk::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kEmptyRoster = R"(
version: 1
desk: test
state_dir: /tmp
redis: {embedded: true}
http: {listen: ["127.0.0.1:0"]}
channels:
  support-mail: {kind: email, address: support@kouh.example, smtp: {url: "maildir:/tmp/never"}}
  site-chat: {kind: chat}
  contact-form: {kind: form, reply_via: support-mail}
skills: [cooling, billing, fa, hy, en]
queues:
  service: {promise: {first_reply: 2m, resolve: 2d}, offer: {timeout: 30s, cooldown: 60s}}
  billing: {promise: {first_reply: 4h, resolve: 3d}}
routes:
  - when: {subject: "(?i)invoice"}
    queue: billing
    require: {billing: 1}
  - queue: service
agents:
  ani: {name: Ani Sarkissian, skills: {cooling: 4, hy: 5}, queues: [service], capacity: 4}
  mehri: {name: Mehri Azad, role: supervisor, skills: {billing: 4, fa: 5}, queues: [billing], capacity: 4}
)";

}  // namespace

config::ConfigPtr desk_config(const std::function<void(config::Config&)>& change) {
  config::LoadOptions options;
  options.secrets_required = false;
  const auto loaded = config::load_text(kEmptyRoster, "test.yaml", options);
  if (!loaded.ok()) {
    std::string text = "the test's configuration is wrong:";
    for (const auto& problem : loaded.problems) text += "\n" + config::to_string(problem);
    throw std::runtime_error(text);
  }
  auto config = std::make_shared<config::Config>(*loaded.config);
  if (change) change(*config);
  return config;
}

void close_service(config::Config& config) {
  config::Hours hours;
  hours.name = HoursName("far");
  hours.timezone = "UTC";
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const auto day = std::chrono::weekday(today + std::chrono::days(3)).iso_encoding() - 1;
  hours.week.at(day) = {{9 * 60, 17 * 60}};
  config.hours.emplace(hours.name, hours);
  config.queues.at(QueueName("service")).hours = hours.name;
}

boost::asio::awaitable<routing::SendResult> send_result(routing::SendResult result) {
  co_return result;
}

TestDesk::TestDesk(Loop& loop, const RedisServer& server, config::ConfigPtr config, const Clock& clock) : loop_(loop) {
  redis::ClientOptions options;
  options.endpoint = server.endpoint();
  client_ = redis::create_client(loop.executor(), options);
  client_->start(routing::desk_scripts());
  desk_ = routing::create_desk({loop.executor(), *client_, options, pool_, clock, system_random()}, std::move(config),
                               folder_.path());
  const auto started = loop.run(desk_->start());
  if (!started) throw std::runtime_error(started.error().message);
  subscription_ = desk_->events().listen([this](const routing::Event& event) { events_.push_back(event); });
}

TestDesk::~TestDesk() {
  subscription_.reset();
  loop_.run(desk_->stop());
  loop_.run(client_->stop());
}

bool TestDesk::until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  return loop_.eventually(condition, limit);
}

routing::Inbound TestDesk::form(const std::string& email, const std::string& text) {
  routing::Inbound message;
  message.channel = ChannelName("contact-form");
  message.kind = ChannelKind::form;
  message.delivery_key = system_random().id("key_");
  message.sender = {"email", email, false};
  message.sender_name = "A customer";
  message.text = text;
  return message;
}

void TestDesk::available(const std::string& agent) {
  const AgentName name(agent);
  const auto renewed = loop_.run(desk_->presence().renew(name, "socket-" + agent));
  if (!renewed) throw std::runtime_error(renewed.error().message);
  const auto set =
      loop_.run(desk_->presence().set({routing::ActorKind::agent, name, name}, routing::PresenceState::available, ""));
  if (!set) throw std::runtime_error(set.error().message);
}

std::string TestDesk::id_in(std::string_view type, std::string_view name, std::size_t from) const {
  for (auto i = from; i < events_.size(); ++i) {
    if (events_[i].type == type) return std::string(events_[i].get(name));
  }
  return {};
}

}  // namespace peyk::test
