// Reading what was said: never more at once than a reply should have.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "routing/store/runner.h"
#include "tests/support/store.h"

namespace peyk::test {
namespace {

constexpr std::int64_t kPage = std::int64_t{2} << 20U;

struct Reading : StoreFixture {
  std::string id = text_of(arrive(), "conversation");

  void say(int number, std::size_t bytes) {
    const auto name = "s_" + std::to_string(number);
    store.call("system", {{"conversation", id}, {"message", name}, {"key", name}},
               R"({"text":")" + std::string(bytes, 'x') + "\"}");
  }
  json::object page(json::object arguments) {
    arguments["conversation"] = id;
    return store.call("read_messages", std::move(arguments));
  }
  redis::Reply as_it_comes(std::string_view script, const json::object& arguments) {
    const auto& all = routing::store::all_scripts();
    const auto found = std::ranges::find(all, script, &redis::Script::name);
    return store.command({"FCALL", found->function, "1", store.key("meta"), "", "", "", json::serialize(arguments)});
  }
  /// The numbers of a page's messages, apart by spaces, and "…" for more.
  static std::string seqs(const json::object& page) {
    std::string text;
    for (const auto& message : page.at("messages").as_array()) {
      text += std::to_string(number_of(message.as_object(), "seq")) + " ";
    }
    return page.contains("more") ? text + "…" : text;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Reading, "a page ends by its bytes, and the next one goes on where it stopped") {
  for (int i = 0; i < 6; ++i) say(i, 600'000);
  const auto first = page({{"after", 0}, {"bytes", kPage}});
  CHECK(seqs(first) == "1 2 3 4 …");
  CHECK(std::cmp_less(json::serialize(first).size(), kPage));
  CHECK(seqs(page({{"after", 4}, {"bytes", kPage}})) == "5 6 7 ");
  CHECK(seqs(page({{"last", true}, {"bytes", kPage}})) == "5 6 7 …");
  CHECK_FALSE(page({{"after", 7}}).contains("messages"));
}

TEST_CASE_FIXTURE(Reading, "a message that is larger than a page is a page of its own") {
  say(1, 3'000'000);
  say(2, 10);
  CHECK(seqs(page({{"after", 0}})) == "1 …");
  CHECK(seqs(page({{"after", 1}})) == "2 …");
  CHECK(seqs(page({{"after", 2}})) == "3 ");
  CHECK(seqs(page({{"last", true}})) == "3 …");
  const auto found = store.call("read_message", {{"conversation", id}, {"message", "s_1"}});
  CHECK(number_of(found.at("message").as_object(), "seq") == 2);
}

TEST_CASE_FIXTURE(Reading,
                  "a page has the bytes that are asked for, a quarter of a megabyte else, two megabytes at most") {
  for (int i = 0; i < 140; ++i) say(i, 16'000);
  CHECK(seqs(page({{"last", true}, {"bytes", 50'000}})) == "139 140 141 …");
  CHECK(seqs(page({{"after", 138}, {"bytes", 40'000}})) == "139 140 …");
  CHECK(page({{"last", true}}).at("messages").as_array().size() == 16);
  CHECK(page({{"last", true}, {"bytes", 100'000'000}}).at("messages").as_array().size() == 130);
  const auto status = store.call("read_status", {{"token", id + ".secret"}});
  CHECK(status.at("messages").as_array().size() == 16);
  CHECK(status.contains("more"));
  CHECK_FALSE(store.call("read_status", {{"token", id + ".secret"}, {"bytes", 0}}).contains("messages"));
}

TEST_CASE_FIXTURE(Reading, "what was said leaves the store as it is kept, never joined to one text there") {
  for (int i = 0; i < 3; ++i) say(i, 100);
  const auto page = as_it_comes("read_messages", {{"conversation", id}, {"after", 0}});
  REQUIRE(page.is_array());
  CHECK(page.items.size() == 10);  // four messages, and what stands before, between and behind them
  CHECK(page.items[3].text == R"({"text":")" + std::string(100, 'x') + "\"}");
  CHECK(as_it_comes("read_status", {{"token", id + ".secret"}}).is_array());
}

TEST_CASE_FIXTURE(Reading, "a page of short messages ends by their number") {
  for (int i = 0; i < 250; ++i) say(i, 10);
  CHECK(page({{"limit", 240}}).at("messages").as_array().size() == 240);
  const auto last = page({{"last", true}});
  CHECK(last.at("messages").as_array().size() == 200);
  CHECK(number_of(last.at("messages").as_array().front().as_object(), "seq") == 52);
  CHECK(seqs(page({{"after", 249}})) == "250 251 ");
}

TEST_CASE_FIXTURE(Reading, "earlier pages lead back to the first message, each once") {
  for (int i = 0; i < 9; ++i) say(i, 10);
  CHECK(seqs(page({{"last", true}, {"limit", 4}})) == "7 8 9 10 …");
  CHECK(seqs(page({{"before", 7}, {"limit", 4}})) == "3 4 5 6 …");
  CHECK(seqs(page({{"before", 3}, {"limit", 4}})) == "1 2 ");
  CHECK(seqs(page({{"before", 3}, {"limit", 2}})) == "1 2 ");
  CHECK_FALSE(page({{"before", 1}, {"limit", 4}}).contains("messages"));
  CHECK(seqs(page({{"before", 1'000'000}, {"limit", 4}})) == "7 8 9 10 …");
}

TEST_CASE_FIXTURE(Reading, "a page of earlier messages ends by its bytes, with one at least") {
  for (int i = 0; i < 6; ++i) say(i, 16'000);
  CHECK(seqs(page({{"before", 6}, {"bytes", 40'000}})) == "4 5 …");
  CHECK(seqs(page({{"before", 4}, {"bytes", 40'000}})) == "1 2 3 ");
  CHECK(seqs(page({{"before", 4}, {"bytes", 10}})) == "3 …");
}

TEST_CASE_FIXTURE(Reading, "a status link shows the last messages, without the notes") {
  for (int i = 0; i < 1'001; ++i) say(i, 10);
  store.call("note",
             {{"conversation", id}, {"agent", "ani"}, {"actor", actor("ani")}, {"message", "n"}, {"name", "Ani"}});
  const auto status = store.call("read_status", {{"token", id + ".secret"}});
  const auto& messages = status.at("messages").as_array();
  CHECK(messages.size() == 1'000);
  CHECK(number_of(messages.front().as_object(), "seq") == 3);
  CHECK(number_of(messages.back().as_object(), "seq") == 1'002);
  CHECK(status.contains("more"));
}

}  // namespace peyk::test
