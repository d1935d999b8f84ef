// Sending again what was refused for now: one pause at a time, and its end.
#include "daemon/ctl/again.h"

#include <doctest/doctest.h>

#include "tests/support/loop.h"

namespace peyk::ctl {
namespace {

struct Sender {
  test::Loop loop;
  TaskGroup tasks{loop.executor(), "test"};
  SeededRandom random{1};
  int sent = 0;
  Again again{tasks, random, [this] { ++sent; }};

  ~Sender() { loop.run(tasks.stop()); }
};

TEST_CASE("however often it is asked, it sends again once, after a pause") {
  Sender sender;
  for (int i = 0; i < 5; ++i) sender.again.soon();
  CHECK(sender.tasks.size() == 1);
  sender.loop.run_for(std::chrono::milliseconds(0));
  CHECK(sender.sent == 0);
  CHECK(sender.loop.eventually([&] { return sender.sent > 0; }));
  CHECK(sender.tasks.size() == 0);
  CHECK(sender.sent == 1);
}

TEST_CASE("what is refused again while it is sent again has a pause of its own") {
  Sender sender;
  Again once_more(sender.tasks, sender.random, [&] {
    if (++sender.sent == 1) once_more.soon();
  });
  once_more.soon();
  CHECK(sender.loop.eventually([&] { return sender.sent == 2; }));
}

TEST_CASE("nothing is sent after the end") {
  Sender sender;
  sender.again.soon();
  sender.loop.run(sender.tasks.stop());
  CHECK(sender.sent == 0);
}

}  // namespace
}  // namespace peyk::ctl
