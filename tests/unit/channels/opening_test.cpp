// A channel's opening hours follow its queue's.
#include "channels/opening.h"

#include <doctest/doctest.h>

#include "tests/support/config_text.h"

namespace peyk::channels {
namespace {

config::ConfigPtr two_queues() {
  auto text = test::minimal_with("routes:\n", R"(  night:
    hours: evening
    promise: {first_reply: 2m, resolve: 2d}
hours:
  evening: {timezone: Asia/Yerevan, week: {mon-fri: "18:00-22:00"}}
routes:
  - {when: {subject: invoice}, queue: service}
  - {when: {channel: site-chat}, queue: night}
)");
  return test::load_right(text);
}

}  // namespace

TEST_CASE("a channel's hours are those of the first queue that the channel alone decides") {
  const auto config = two_queues();
  const auto& channel = config->channels.at(ChannelName("site-chat"));
  CHECK(usual_queue(*config, channel) == QueueName("night"));
  OpeningHours hours(config);
  const auto monday_noon = parse_rfc3339("2026-11-23T12:00:00+04:00").value();
  const auto closed = hours.of_channel(channel, monday_noon);
  CHECK_FALSE(closed.open);
  CHECK(closed.next.value() == monday_noon + std::chrono::hours(6));
  const auto open = hours.of_channel(channel, monday_noon + std::chrono::hours(7));
  CHECK(open.open);
  CHECK(open.next.value() == monday_noon + std::chrono::hours(10));
}

TEST_CASE("a queue without hours, and one that is not there, are always open") {
  OpeningHours hours(two_queues());
  for (const auto* queue : {"service", "nothing"}) {
    const auto opening = hours.of_queue(QueueName(queue), from_unix_ms(0));
    CHECK(opening.open);
    CHECK_FALSE(opening.next.has_value());
  }
}

}  // namespace peyk::channels
