#include "routing/simulation/days.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "routing/simulation/order.h"

namespace peyk::routing::simulation {
namespace {

using std::chrono::hours;

constexpr Milliseconds kMoved = std::chrono::seconds(150);

/// A sequence of its own for each stream, so that a change of one leaves the others as they are.
SeededRandom random_of(std::uint64_t seed, std::size_t stream) {
  return SeededRandom(SeededRandom(SeededRandom(seed).next() + stream).next());
}

void draw_turns(const Stream& stream, SeededRandom& random, std::vector<Turn>& turns) {
  const auto& replies = *stream.replies;
  while (std::ssize(turns) < replies.most && draw_uniform(random) < replies.chance) {
    const auto after = draw(replies.after, random);
    turns.push_back({after, draw(stream.handling, random)});
  }
}

Arrival arrival_of(const Stream& stream, Time at, SeededRandom& random) {
  Arrival arrival;
  arrival.at = at;
  arrival.name = stream.name.empty() ? stream.channel.str() : stream.name;
  arrival.channel = stream.channel;
  arrival.queue = stream.queue;
  arrival.fields = stream.fields;
  arrival.subject = stream.subject;
  arrival.text = stream.text;
  arrival.language = stream.language;
  arrival.handling = draw(stream.handling, random);
  if (stream.patience) arrival.patience = std::max(draw(*stream.patience, random), Milliseconds(1));
  if (stream.replies) draw_turns(stream, random, arrival.turns);
  return arrival;
}

/// A Poisson process whose rate changes with the hour.
void draw_stream(const Stream& stream, const config::LocalClock& clock, const config::CalendarDate& date,
                 SeededRandom random, std::vector<Arrival>& into) {
  for (int hour = 0; hour < 24; ++hour) {
    const double rate = stream.per_hour[static_cast<std::size_t>(hour)];
    if (rate <= 0) continue;
    const auto begin = clock.instant(date, hours(hour));
    const auto end = clock.instant(date, hours(hour + 1));
    const double mean_gap = 3'600'000 / rate;
    for (double past = draw_gap(random) * mean_gap;; past += draw_gap(random) * mean_gap) {
      const auto at = begin + Milliseconds(static_cast<std::int64_t>(past));
      if (at >= end) break;
      into.push_back(arrival_of(stream, at, random));
    }
  }
}

/// The same of an agent in each of his shifts, whoever else there is: by his name.
std::uint64_t number_of(const AgentName& agent) {
  std::uint64_t number = 14695981039346656037U;  // FNV-1a
  for (const char letter : agent.str()) {
    number = (number ^ static_cast<unsigned char>(letter)) * 1099511628211U;
  }
  return number;
}

/// A Poisson process while he is there and connected.
std::vector<Loss> draw_losses(const std::optional<Losses>& losses, const std::vector<Shift>& shifts,
                              std::uint64_t seed) {
  std::vector<Loss> drawn;
  if (!losses || losses->per_hour <= 0) return drawn;
  const double mean_gap = 3'600'000 / losses->per_hour;
  const auto gap = [mean_gap](SeededRandom& random) {
    return Milliseconds(static_cast<std::int64_t>(draw_gap(random) * mean_gap) + 1);
  };
  for (const auto& shift : shifts) {
    const auto from = static_cast<std::uint64_t>(to_unix_ms(shift.from));
    SeededRandom random(SeededRandom(seed ^ number_of(shift.agent)).next() + from);
    for (auto at = shift.from + gap(random); at < shift.to; at += gap(random)) {
      const auto back = std::min(at + std::max(draw(losses->length, random), Milliseconds(1)), shift.to);
      drawn.push_back({shift.agent, at, back});
      at = back;
    }
  }
  return drawn;
}

/// "chat 17" is the day's seventeenth, also where two streams have the same name.
void number(std::vector<Arrival>& arrivals) {
  std::map<std::string, int> counts;
  for (auto& arrival : arrivals) {
    const int count = ++counts[arrival.name];
    arrival.name += fmt::format(" {}", count);
  }
}

std::vector<Arrival> drawn_again(const std::vector<Arrival>& recorded, const Day& day, std::uint64_t seed) {
  SeededRandom random(SeededRandom(seed).next());
  std::vector<Arrival> drawn;
  drawn.reserve(recorded.size());
  for (std::size_t count = 0; count < recorded.size(); ++count) {
    drawn.push_back(recorded[random.next() % recorded.size()]);
    const auto moved = std::llround((2 * draw_uniform(random) - 1) * static_cast<double>(kMoved.count()));
    auto& at = drawn.back().at;
    at = std::clamp(at + Milliseconds(moved), day.begin, day.end - Milliseconds(1));
  }
  sort_by_time(drawn);
  return drawn;
}

}  // namespace

Day drawn_day(const Profile& profile, const config::Config& config, std::uint64_t seed) {
  const auto clock = config::create_local_clock(profile.timezone);
  const auto date = profile.date.value();
  Day day;
  day.begin = clock->instant(date, hours(0));
  day.end = clock->instant(date, hours(24));
  for (std::size_t index = 0; index < profile.arrivals.size(); ++index) {
    draw_stream(profile.arrivals[index], *clock, date, random_of(seed, index), day.arrivals);
  }
  sort_by_time(day.arrivals);
  number(day.arrivals);
  day.shifts = lay_out(profile.rota, config, *clock, {day.begin, day.end + kAfterwards});
  day.accept_delay = profile.accept_delay;
  day.losses = draw_losses(profile.losses, day.shifts, seed);
  return day;
}

Day recorded_day(const std::vector<Arrival>& recorded, const Profile& profile, const config::Config& config,
                 std::uint64_t seed) {
  const auto clock = config::create_local_clock(profile.timezone);
  const auto full_hour = [&clock](Time at) {
    const auto ahead = clock->ahead(at);
    return Time(std::chrono::floor<hours>(at + ahead)) - ahead;
  };
  Day day;
  day.begin = full_hour(recorded.front().at);
  day.end = full_hour(recorded.back().at) + hours(1);
  day.arrivals = seed == 0 ? recorded : drawn_again(recorded, day, seed);
  day.shifts = lay_out(profile.rota, config, *clock, {day.begin, day.end + kAfterwards});
  day.accept_delay = profile.accept_delay;
  day.losses = draw_losses(profile.losses, day.shifts, seed);
  return day;
}

}  // namespace peyk::routing::simulation
