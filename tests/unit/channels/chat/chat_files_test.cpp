// Files in a chat: who may send, name and get them.
#include <doctest/doctest.h>

#include "tests/support/chat_side.h"

namespace peyk::channels::chat {

using net::Method;
using test::ChatSide;
using test::HeaderList;

namespace {

HeaderList bearer(const std::string& token, const std::string& type = "image/png") {
  return {{"Authorization", "Bearer " + token}, {"Content-Type", type}};
}

const std::string kUpload = "/chat/site-chat/attachments?name=..%2Fleak%20%D8%B9.png";

}  // namespace

TEST_CASE("a visitor's file comes with his message, and back to him alone") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  const auto up = side.ask(Method::post, kUpload, bearer(token), "PNG");
  CHECK(up.status == 201);
  const std::string ticket(side.json(up).at("attachment").as_string());
  CHECK(ticket.starts_with("b_"));
  socket->say(boost::json::serialize(
      boost::json::object{{"type", "message"}, {"key", "k"}, {"attachments", boost::json::array{ticket}}}));
  CHECK(side.next_type(*socket) == "ack");
  const auto& attachment = side.desk.received.front().attachments.at(0);
  CHECK(attachment.name == "leak ع.png");
  CHECK(attachment.type == "image/png");
  CHECK(attachment.size == 3);
  const auto path = "/chat/site-chat/attachments/" + attachment.id.str();
  const auto down = side.ask(Method::get, path, bearer(token));
  CHECK(down.status == 200);
  CHECK(down.body == "PNG");
  CHECK(down.headers.get("Content-Type") == "image/png");
  CHECK(down.headers.get("X-Content-Type-Options") == "nosniff");
  const auto [other, stranger] = side.visit();
  CHECK(side.ask(Method::get, path, bearer(std::string(stranger.at("visitor").as_string()))).status == 404);
  CHECK(side.ask(Method::get, path).status == 401);
  CHECK(side.ask(Method::get, path, bearer(std::string(60, 'A'))).status == 401);
}

TEST_CASE("nobody uses another's ticket, or a file's hash alone") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  const auto [other, stranger] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  const std::string ticket(
      side.json(side.ask(Method::post, kUpload, bearer(token), "PNG")).at("attachment").as_string());
  for (const auto& used : {ticket, ticket.substr(0, ticket.find('.')), ticket + "x"}) {
    other->say(boost::json::serialize(
        boost::json::object{{"type", "message"}, {"key", "k"}, {"attachments", boost::json::array{used}}}));
    CHECK(side.next(*other).at("code") == "not_found");
  }
  CHECK(side.desk.received.empty());
}

TEST_CASE("a file that a browser would run is handed out as bytes to be saved") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  const auto up = side.ask(Method::post, "/chat/site-chat/attachments?name=x.html", bearer(token, "text/html"), "<b>");
  const std::string ticket(side.json(up).at("attachment").as_string());
  const auto down = side.ask(Method::get, "/chat/site-chat/attachments/" + ticket, bearer(token));
  CHECK(down.status == 200);
  CHECK(down.headers.get("Content-Type") == "application/octet-stream");
  CHECK(down.headers.get("Content-Disposition").starts_with("attachment;"));
}

TEST_CASE("what the head of an upload says is enough to refuse it, so that nothing of it is read") {
  ChatSide side("kind: chat, limits: {attachment: 1KiB}, origins: [\"https://kouh.example\"]");
  const auto [socket, welcome] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  const auto head = [&](std::string path, HeaderList headers) {
    net::Request request;
    request.method = Method::post;
    auto match = side.routes.match(Method::post, path, false);
    request.captures = std::move(match.captures);
    for (auto& [name, value] : headers) request.headers.add(std::move(name), std::move(value));
    return match.entry->body_rule(request);
  };
  const std::string path = "/chat/site-chat/attachments";
  auto fits = bearer(token);
  fits.emplace_back("Content-Length", "1024");
  CHECK(head(path, fits).value() == 1024);
  CHECK(head(path, bearer(token)).value() == 1024);  // chunked: counted as it comes
  HeaderList large{
      {"Content-Length", "1025"}, {"Origin", "https://kouh.example"}, {"Authorization", "Bearer " + token}};
  const auto refused = head(path, large);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().status == 413);
  CHECK(refused.error().headers.get("Access-Control-Allow-Origin") == "https://kouh.example");
  CHECK(head(path, {}).error().status == 401);
  CHECK(head("/chat/nothing/attachments", fits).error().status == 404);
}

TEST_CASE("a token that we never gave out, and that has no conversation here, sends no file at all") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  const auto asked = [&side](const std::string& token) {
    net::Request request;
    request.method = Method::post;
    auto match = side.routes.match(Method::post, "/chat/site-chat/attachments", false);
    request.captures = std::move(match.captures);
    for (auto& [name, value] : bearer(token)) request.headers.add(name, value);
    return side.loop.run(match.entry->admission(request));
  };
  CHECK_FALSE(asked(std::string(welcome.at("visitor").as_string())).has_value());
  const auto refused = asked(std::string(60, 'A'));
  REQUIRE(refused.has_value());
  CHECK(refused->status == 401);
}

TEST_CASE("only what was stored counts towards a day's files") {
  ChatSide side("kind: chat, limits: {attachment: 1KiB}");
  const std::string largest(1024, 'x');
  const auto answer = [&](const std::string& token) { return side.ask(Method::post, kUpload, bearer(token), largest); };
  const auto send = [&](const std::string& token) { return answer(token).status; };
  const auto token = [&] { return std::string(side.visit().second.at("visitor").as_string()); };
  const auto spend = [&](const std::string& visitor) {
    for (int i = 0; i < 10; ++i) CHECK(send(visitor) == 201);
    CHECK(send(visitor) == 429);
  };
  const auto first = token();
  side.blobs.down = true;
  for (int i = 0; i < 101; ++i) CHECK(send(first) == 503);
  side.blobs.down = false;
  spend(first);
  for (int i = 0; i < 9; ++i) spend(token());
  // His network's is spent, and his own is not.
  side.clock.advance(std::chrono::hours(23));
  const auto late = token();
  for (int i = 0; i < 11; ++i) CHECK(send(late) == 429);
  CHECK(answer(late).headers.get("Retry-After") == "3600");
  side.clock.advance(std::chrono::hours(1));
  spend(late);
}

TEST_CASE("who has sent a day's files is told when the next may come, before it is read") {
  ChatSide side("kind: chat, limits: {attachment: 1KiB}, origins: [\"https://kouh.example\"]");
  const auto [socket, welcome] = side.visit();
  const auto headers = bearer(std::string(welcome.at("visitor").as_string()));
  const auto head = [&](const std::string& length) {
    net::Request request;
    request.method = Method::post;
    auto match = side.routes.match(Method::post, "/chat/site-chat/attachments", false);
    request.captures = std::move(match.captures);
    request.peer = "192.0.2.1";
    for (auto& [name, value] : headers) request.headers.add(name, value);
    request.headers.add("Origin", "https://kouh.example");
    if (!length.empty()) request.headers.add("Content-Length", length);
    return side.loop.run(match.entry->admission(request));
  };
  for (int i = 0; i < 9; ++i) CHECK(side.ask(Method::post, kUpload, headers, std::string(1024, 'x')).status == 201);
  CHECK(side.ask(Method::post, kUpload, headers, std::string(1000, 'x')).status == 201);
  side.clock.advance(std::chrono::hours(20));
  CHECK_FALSE(head("24").has_value());
  CHECK_FALSE(head("").has_value());  // chunked: how much comes is not known
  const auto refused = head("25");
  REQUIRE(refused.has_value());
  CHECK(refused->status == 429);
  CHECK(refused->headers.get("Retry-After") == "14400");
  CHECK(refused->headers.get("Access-Control-Allow-Origin") == "https://kouh.example");
  CHECK(side.ask(Method::post, kUpload, headers, std::string(24, 'x')).status == 201);
  CHECK(head("").has_value());
  side.clock.advance(std::chrono::hours(4));
  CHECK_FALSE(head("1024").has_value());
}

TEST_CASE("files too large or empty, from foreign pages or to unknown chats are refused") {
  ChatSide side("kind: chat, limits: {attachment: 1KiB}");
  const auto [socket, welcome] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  CHECK(side.ask(Method::post, kUpload, bearer(token), std::string(1025, 'x')).status == 413);
  CHECK(side.ask(Method::post, kUpload, bearer(token), "").status == 400);
  auto foreign = bearer(token);
  foreign.emplace_back("Origin", "https://evil.example");
  CHECK(side.ask(Method::post, kUpload, foreign, "1").status == 403);
  CHECK(side.ask(Method::post, "/chat/nothing/attachments", bearer(token), "1").status == 404);
  side.blobs.down = true;
  CHECK(side.ask(Method::post, kUpload, bearer(token), "1").status == 503);
}

}  // namespace peyk::channels::chat
