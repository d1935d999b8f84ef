#include "tests/bench/support/forms.h"

#include <random>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "tests/bench/support/http.h"

namespace peyk::bench {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);

// 200 characters, as customers write.
constexpr std::string_view kMessage =
    "The cooler that I bought in June no longer cools. It runs and it hums, and the water is pumped, but the air stays "
    "warm even in the evening. I cleaned the filter as the manual says. What shall I do?!";

std::string form_request(FormNumber number) {
  const auto body =
      fmt::format(R"({{"name":"Customer {0}","email":"c{0}@example.com","subject":"bench {0}","message":"{1}"}})",
                  number, kMessage);
  return fmt::format(
      "POST /form/contact HTTP/1.1\r\nHost: support.desk.test\r\nUser-Agent: bench\r\nAccept: application/json\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      body.size(), body);
}

}  // namespace

struct FormSenders::Connection : Reader {
  Connection(FormSenders& owner_, int socket_) : owner(owner_), socket(socket_) {}
  ~Connection() override { ::close(socket); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void readable() override {
    receive(socket, bytes);
    const auto answer = read_answer(bytes);
    if (answer.size == 0) return;
    bytes.erase(0, answer.size);
    owner.answered(*this, answer.status);
  }

  FormSenders& owner;
  int socket;
  std::string bytes{};
  FormNumber number = 0;
};

FormSenders::FormSenders(Poller& poller, std::uint16_t port, std::size_t connections) : poller_(poller) {
  for (std::size_t at = 0; at < connections; ++at) {
    connections_.push_back(std::make_unique<Connection>(*this, connect_to(port)));
    poller_.add(connections_.back()->socket, *connections_.back());
    idle_.push_back(connections_.back().get());
  }
}

FormSenders::~FormSenders() = default;

void FormSenders::send_on(Connection& connection, SteadyClock::time_point due) {
  connection.number = sent_.size();
  sent_.push_back(due);
  send_all(connection.socket, form_request(connection.number));
}

void FormSenders::answered(Connection& connection, int status) {
  const auto now = SteadyClock::now();
  latencies_.push_back(std::chrono::duration<double, std::milli>(now - sent_[connection.number]).count());
  if (status != 202) ++refused_;
  if (flooding_) {
    send_on(connection, now);
  } else if (!late_.empty()) {
    const auto due = late_.front();
    late_.erase(late_.begin());
    send_on(connection, due);
  } else {
    idle_.push_back(&connection);
  }
}

void FormSenders::flood(std::chrono::duration<double> duration) {
  flooding_ = true;
  const auto end = SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(duration);
  for (auto* connection : std::exchange(idle_, {})) send_on(*connection, SteadyClock::now());
  while (SteadyClock::now() < end) poller_.poll(end);
  flooding_ = false;
  poller_.run_until([this] { return idle_.size() == connections_.size(); }, kPatience);
}

void FormSenders::pace(double rate, std::chrono::duration<double> duration) {
  std::mt19937_64 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same load every time
  std::exponential_distribution<double> gap(rate);
  const auto begin = SteadyClock::now();
  std::chrono::duration<double> next(0);
  while (next < duration) {
    const auto due = begin + std::chrono::duration_cast<SteadyClock::duration>(next);
    while (SteadyClock::now() < due) poller_.poll(due);
    if (idle_.empty()) {
      late_.push_back(due);
    } else {
      send_on(*idle_.back(), due);
      idle_.pop_back();
    }
    next += std::chrono::duration<double>(gap(random));
  }
  poller_.run_until([this] { return late_.empty() && idle_.size() == connections_.size(); }, kPatience);
}

void FormSenders::forget() {
  latencies_.clear();
  refused_ = 0;
}

}  // namespace peyk::bench
