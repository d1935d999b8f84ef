// What is too large for one frame never locks its agent out.
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/daemon_house.h"
#include "tests/support/store.h"

namespace peyk::daemon {
namespace {

using net::Method;
namespace json = boost::json;

constexpr std::size_t kMegabyte = std::size_t{1} << 20U;

struct Fixture : test::DaemonFixture {
  Fixture() : DaemonFixture("2s") {}

  test::Store store{redis.endpoint()};

  /// A form's message of that key, as large as asked, stored by the script itself.
  void arrive(const std::string& key, std::size_t text_bytes, std::size_t html_bytes) {
    store.now = to_unix_ms(system_clock().now());
    const json::object sender{{"kind", "email"}, {"value", "sara@x.example"}, {"verified", true}};
    const json::object asked{{"queue", "service"},
                             {"priority", "normal"},
                             {"promise_s", 120},
                             {"first_reply_by", store.now + 120'000},
                             {"resolve_by", store.now + 86'400'000}};
    json::object call{{"conversation", "c_large"},
                      {"message", "m_" + key},
                      {"contact", "p_1"},
                      {"token", "secret"},
                      {"delivery_key", key},
                      {"channel", "contact-form"},
                      {"kind", "form"},
                      {"sender", sender},
                      {"class", asked}};
    if (key != "1") call["hint"] = "c_large";
    const json::object body{{"text", std::string(text_bytes, 't')}, {"html", std::string(html_bytes, 'h')}};
    store.call("receive", std::move(call), json::serialize(body));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an agent whose conversation is larger than his socket's queue gets it, and gets in again") {
  house.start();
  const auto token = house.log_in("ani");
  auto socket = available("ani");
  arrive("1", 1'000, kMegabyte);
  arrive("2", kMegabyte, 2'000);
  const auto detail = take(*socket).detail;
  const auto& shown = detail.at("messages").as_array();
  REQUIRE(shown.size() == 1);
  CHECK(detail.at("truncated") == true);
  CHECK(shown[0].at("text").as_string().size() == kMegabyte);
  CHECK(shown[0].at("truncated") == true);

  auto second = house.open(token);
  const auto welcome = house.next(*second, "welcome");
  CHECK(welcome.at("conversations").at(0).at("messages").as_array().size() == 1);
  arrive("3", 10, 10);
  CHECK(house.next(*second, "message").at("message").at("text") == "tttttttttt");
  CHECK(house.next(*socket, "message").at("message").at("html") == "hhhhhhhhhh");
  const auto whole = house.json(house.ask(Method::get, "/api/v1/conversations/c_large", "", token));
  const auto& messages = whole.at("messages").as_array();
  REQUIRE(messages.size() == 2);  // of all three as much as is read at once
  CHECK(messages[0].at("text").as_string().size() == kMegabyte);
  CHECK(messages[0].at("html").as_string().size() == 2'000);
  CHECK(messages[1].at("text").as_string().size() == 10);

  std::vector<std::size_t> html;
  json::value after = 0;
  while (!after.is_null()) {
    const auto target = "/api/v1/conversations/c_large/messages?after=" + json::serialize(after);
    const auto page = house.json(house.ask(Method::get, target, "", token));
    for (const auto& message : page.at("messages").as_array()) html.push_back(message.at("html").as_string().size());
    after = page.at("next");
  }
  CHECK(html == std::vector<std::size_t>{kMegabyte, 2'000, 10});
}

TEST_CASE_FIXTURE(Fixture, "HTML that is too much for a frame is left out of it, and the text is there") {
  house.start();
  auto socket = available("ani");
  for (const auto* key : {"1", "2", "3"}) arrive(key, 2'000, 200'000);
  const auto detail = take(*socket).detail;
  const auto& shown = detail.at("messages").as_array();
  REQUIRE(shown.size() == 3);
  CHECK_FALSE(detail.contains("truncated"));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(shown[i].at("text").as_string().size() == 2'000);
    CHECK(shown[i].as_object().contains("truncated") == (i < 2));
  }
  CHECK(shown[2].at("html").as_string().size() == 200'000);
}

}  // namespace peyk::daemon
