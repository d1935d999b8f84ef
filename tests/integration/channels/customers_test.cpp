// Forms, chats and the status page over a real HTTP server, a real desk and a real Redis.
#include <doctest/doctest.h>

#include "tests/support/customer_house.h"

namespace peyk::channels {
namespace {

using namespace std::chrono_literals;
using net::Method;
using test::CustomerHouse;
namespace json = boost::json;

struct Street {
  test::Loop loop;
  test::RedisServer redis{{.aof = true}};
  CustomerHouse house{loop, redis, test::desk_config()};
};

std::string str(const json::value& value) {
  return std::string(value.as_string());
}

json::object body_of(const net::Response& response) {
  return json::parse(response.body).as_object();
}

std::string message(const std::string& key, const std::string& text) {
  return json::serialize(json::object{{"type", "message"}, {"key", key}, {"text", text}});
}

std::string path_of(const std::string& status_url) {
  return status_url.substr(status_url.find("/status/"));
}

net::Headers header(const std::string& name, const std::string& value) {
  net::Headers headers;
  headers.add(name, value);
  return headers;
}

/// A chat's first message, acknowledged.
std::shared_ptr<net::WebSocket> begin_chat(CustomerHouse& house, json::object& welcome) {
  auto socket = house.visit(welcome);
  socket->send(message("k1", "It leaks"));
  REQUIRE(house.wait_for(*socket, "ack").at("key") == "k1");
  return socket;
}

}  // namespace

TEST_CASE("a form becomes a conversation, its status page follows it to the answer and the end") {
  Street street;
  auto& house = street.house;
  const auto response =
      house.post_json("/form/contact-form", R"({"name":"Sara","email":"sara@kouh.example","message":"It leaks"})");
  REQUIRE(response.status == 202);
  const auto accepted = body_of(response);
  CHECK(accepted.at("position") == 1);
  const auto status = path_of(str(accepted.at("status_url")));
  CHECK(body_of(house.ask(Method::get, status)).at("state") == "waiting");
  house.desk().available("ani");
  const auto conversation = house.accept("ani");
  CHECK(conversation.str() == str(accepted.at("conversation")));
  const auto replied = street.loop.run(
      house.desk()->work().reply(CustomerHouse::actor("ani"), conversation, {"r1", "Which model?", {}}));
  REQUIRE(replied.has_value());
  REQUIRE(street.loop.run(house.desk()->work().note(CustomerHouse::actor("ani"), conversation, "secret")).has_value());
  const auto shown = house.ask(Method::get, status);
  const auto view = body_of(shown);
  CHECK(view.at("state") == "active");
  CHECK(view.at("agent").at("name") == "Ani Sarkissian");
  CHECK(view.at("reference") == accepted.at("reference"));
  CHECK(shown.body.find("Which model?") != std::string::npos);
  CHECK(shown.body.find("secret") == std::string::npos);
  REQUIRE(street.loop.run(house.desk()->work().resolve(CustomerHouse::actor("ani"), conversation, {})).has_value());
  CHECK(body_of(house.ask(Method::get, status)).at("state") == "resolved");
  const auto page = house.ask(Method::get, status + "?lang=fa", header("Accept", "text/html"));
  CHECK(page.status == 200);
  CHECK(page.body.find("dir=\"rtl\"") != std::string::npos);
}

TEST_CASE("an idempotency key gives the first answer again on any daemon, another body is a conflict") {
  Street street;
  CustomerHouse other(street.loop, street.redis, test::desk_config());
  const auto key = header("Idempotency-Key", "order-7");
  const auto first = street.house.post_json("/form/contact-form", R"({"message":"Hello"})", key);
  const auto again = other.post_json("/form/contact-form", R"({"message":"Hello"})", key);
  CHECK(first.status == 202);
  CHECK(body_of(first).at("message") == body_of(again).at("message"));
  CHECK(body_of(first).at("status_url") == body_of(again).at("status_url"));
  CHECK(other.post_json("/form/contact-form", R"({"message":"Other"})", key).status == 409);
}

TEST_CASE("a form's file is stored and handed out by its status link") {
  Street street;
  const std::string body =
      "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nSee the photo\r\n"
      "--x\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"leak.png\"\r\n"
      "Content-Type: image/png\r\n\r\nPNG\r\n--x--\r\n";
  const auto response = street.house.ask(Method::post, "/form/contact-form",
                                         header("Content-Type", "multipart/form-data; boundary=x"), body);
  REQUIRE(response.status == 202);
  const auto status = path_of(str(body_of(response).at("status_url")));
  const auto attachments =
      body_of(street.house.ask(Method::get, status)).at("messages").at(0).at("attachments").as_array();
  REQUIRE(attachments.size() == 1);
  const auto file = street.house.ask(Method::get, status + "/attachments/" + str(attachments[0].at("id")));
  CHECK(file.status == 200);
  CHECK(file.body == "PNG");
}

TEST_CASE("a chat goes from hello to the agent's answer, the end, the rating and on again") {
  Street street;
  auto& house = street.house;
  json::object welcome;
  const auto socket = begin_chat(house, welcome);
  CHECK(house.wait_for(*socket, "queued").at("position") == 1);
  house.desk().available("ani");
  const auto conversation = house.accept("ani");
  CHECK(house.wait_for(*socket, "assigned").at("agent").at("name") == "Ani Sarkissian");
  const auto actor = CustomerHouse::actor("ani");
  REQUIRE(street.loop.run(house.desk()->work().note(actor, conversation, "secret")).has_value());
  REQUIRE(street.loop.run(house.desk()->work().reply(actor, conversation, {"r1", "Which model?", {}})).has_value());
  const auto answer = house.wait_for(*socket, "message").at("message").as_object();
  CHECK(answer.at("text") == "Which model?");
  CHECK(answer.at("from") == "agent");
  house.desk()->signals().send({"typing", conversation, false, "ani", ""});
  CHECK(house.wait_for(*socket, "typing").contains("type"));
  socket->send(R"({"type":"end"})");
  CHECK(house.wait_for(*socket, "resolved").at("conversation") == conversation.str().c_str());
  socket->send(R"({"type":"rate","score":5,"comment":"Good"})");
  CHECK(house.wait_for(*socket, "rated").contains("type"));
  const auto rating = street.loop.run(house.desk()->reader().conversation(conversation)).value().rating;
  REQUIRE(rating.has_value());
  CHECK(rating->score == 5);
  CHECK(rating->comment == "Good");
  socket->send(message("k2", "It leaks again"));
  CHECK(str(house.wait_for(*socket, "ack").at("conversation")) == conversation.str());
}

TEST_CASE("a visitor comes back on another daemon, finds what was said and goes on; both his tabs follow") {
  Street street;
  auto& a = street.house;
  CustomerHouse b(street.loop, street.redis, test::desk_config());
  json::object welcome;
  const auto first = begin_chat(a, welcome);
  json::object history;
  const auto second = b.visit(history, str(welcome.at("visitor")));
  CHECK(history.at("visitor") == welcome.at("visitor"));
  REQUIRE(history.at("messages").as_array().size() == 1);
  CHECK(history.at("messages").at(0).at("text") == "It leaks");
  a.desk().available("ani");
  const auto conversation = a.accept("ani");
  REQUIRE(street.loop.run(b.desk()->work().reply(CustomerHouse::actor("ani"), conversation, {"r1", "Hello", {}}))
              .has_value());
  CHECK(a.wait_for(*first, "message").at("message").at("text") == "Hello");
  CHECK(b.wait_for(*second, "message").at("message").at("text") == "Hello");
  second->send(message("k2", "From the other tab"));
  CHECK(b.wait_for(*second, "ack").at("key") == "k2");
  CHECK(a.wait_for(*first, "message").at("message").at("text") == "From the other tab");
}

TEST_CASE("a tab that has not written sees what its visitor writes on another daemon") {
  Street street;
  CustomerHouse b(street.loop, street.redis, test::desk_config());
  json::object welcome;
  const auto silent = street.house.visit(welcome);
  json::object same;
  const auto writing = b.visit(same, str(welcome.at("visitor")));
  CHECK(same.at("visitor") == welcome.at("visitor"));
  writing->send(message("k1", "Hello"));
  CHECK(b.wait_for(*writing, "ack").at("key") == "k1");
  CHECK(street.house.wait_for(*silent, "message").at("message").at("text") == "Hello");
}

TEST_CASE("the place in the queue moves up when those ahead are taken") {
  Street street;
  auto& house = street.house;
  json::object welcome;
  const auto first = begin_chat(house, welcome);
  const auto second = begin_chat(house, welcome);
  CHECK(house.wait_for(*second, "queued").at("position") == 2);
  first->send(R"({"type":"end"})");
  CHECK(house.wait_for(*first, "resolved").contains("type"));
  CHECK(house.wait_for(*second, "queued").at("position") == 1);
}

TEST_CASE("while the store stands still nothing is acknowledged, and the same key works afterwards") {
  Street street;
  auto& house = street.house;
  json::object welcome;
  const auto socket = house.visit(welcome);
  street.redis.freeze();
  socket->send(message("k1", "It leaks"));
  const auto refused = house.wait_for(*socket, "error");
  CHECK(refused.at("key") == "k1");
  const auto form = house.post_json("/form/contact-form", R"({"message":"Hello"})");
  CHECK(form.status == 503);
  CHECK(form.headers.has("Retry-After"));
  street.redis.thaw();
  json::object ack;
  house.desk().until([&] {
    socket->send(message("k1", "It leaks"));
    ack = house.wait_for(*socket, "ack");
    return !ack.empty();
  });
  CHECK(ack.at("key") == "k1");
  socket->send(message("k1", "It leaks"));
  CHECK(house.wait_for(*socket, "ack") == ack);
}

TEST_CASE("a chat's file goes up, into a message, and down to its visitor alone") {
  Street street;
  auto& house = street.house;
  json::object welcome;
  const auto socket = house.visit(welcome);
  auto mine = header("Authorization", "Bearer " + str(welcome.at("visitor")));
  mine.add("Content-Type", "image/png");
  const auto up = house.ask(Method::post, "/chat/site-chat/attachments?name=leak.png", mine, "PNG");
  REQUIRE(up.status == 201);
  socket->send(json::serialize(
      json::object{{"type", "message"}, {"key", "k"}, {"attachments", json::array{body_of(up).at("attachment")}}}));
  CHECK(house.wait_for(*socket, "ack").at("key") == "k");
  json::object history;
  house.visit(history, str(welcome.at("visitor")));
  const auto attachment = history.at("messages").at(0).at("attachments").at(0).as_object();
  CHECK(attachment.at("name") == "leak.png");
  const auto path = "/chat/site-chat/attachments/" + str(attachment.at("id"));
  CHECK(house.ask(Method::get, path, mine).body == "PNG");
  json::object stranger;
  house.visit(stranger);
  CHECK(house.ask(Method::get, path, header("Authorization", "Bearer " + str(stranger.at("visitor")))).status == 404);
}

TEST_CASE("foreign origins, unknown chats and frames that are too large end at the door") {
  Street street;
  auto& house = street.house;
  CHECK_FALSE(house.try_connect("site-chat", header("Origin", "https://evil.example")).has_value());
  CHECK_FALSE(house.try_connect("nothing", {}).has_value());
  json::object welcome;
  const auto socket = house.visit(welcome);
  socket->send(message("k", std::string(17'000, 'a')));
  CHECK(house.wait_for(*socket, "error").at("code") == "too_large");
  socket->send(message("k", std::string(400'000, 'a')));
  CHECK(house.wait_for(*socket, "error").empty());
  CHECK_FALSE(socket->open());
}

TEST_CASE("a reload adds, changes and takes away channels while others go on") {
  Street street;
  auto& house = street.house;
  json::object welcome;
  const auto socket = begin_chat(house, welcome);
  const auto changed = test::desk_config([](config::Config& config) {
    auto form = config.channels.at(ChannelName("contact-form"));
    form.name = ChannelName("new-form");
    config.channels[form.name] = form;
    config.channels.erase(ChannelName("contact-form"));
    std::get<config::ChatChannel>(config.channels.at(ChannelName("site-chat")).settings).limits.text_bytes = 10;
  });
  REQUIRE(street.loop.run(house.desk()->reconfigure(changed)).has_value());
  REQUIRE(street.loop.run(house.channels().reconfigure(changed)).has_value());
  CHECK(house.post_json("/form/contact-form", R"({"message":"x"})").status == 404);
  CHECK(house.post_json("/form/new-form", R"({"message":"x"})").status == 202);
  CHECK(socket->open());
  socket->send(message("k2", "longer than ten bytes"));
  CHECK(house.wait_for(*socket, "error").at("code") == "too_large");
  socket->send(message("k3", "short"));
  CHECK(house.wait_for(*socket, "ack").at("key") == "k3");
}

}  // namespace peyk::channels
