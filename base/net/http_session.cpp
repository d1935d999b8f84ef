#include "base/net/http_session.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/net/client_network.h"
#include "base/net/endpoint.h"
#include "base/net/pace.h"
#include "base/net/read_buffer.h"
#include "base/net/request_parser.h"
#include "base/net/response_head.h"
#include "base/net/websocket_handshake.h"

namespace peyk::net {
namespace {

using boost::system::error_code;
using Step = RequestParser::Step;

// A connection from the reserve asks at once: the reserve is for everybody.
constexpr auto kSpareTime = std::chrono::seconds(5);
constexpr auto kLinger = std::chrono::seconds(2);
constexpr std::size_t kLingerBytes = std::size_t{4} << 20U;
constexpr auto kTokens = asio::as_tuple(asio::use_awaitable);

std::string list_of(const std::vector<Method>& methods) {
  std::string list;
  for (const auto method : methods) {
    if (!list.empty()) list += ", ";
    list += to_string(method);
    if (method == Method::get) list += ", HEAD";
  }
  return list;
}

/// Why nothing answers at that path; known methods are named (RFC 9110, 15.5.6).
Response unmatched(const Routes::Match& match, Method method) {
  if (match.upgrade_required) {
    auto response = Response::problem(426, "This address is for WebSockets.");
    response.headers.add("Upgrade", "websocket");
    return response;
  }
  if (match.allowed.empty()) return Response::problem(404, "Nothing is at this address.");
  auto response = method == Method::options ? Response::empty(204)
                                            : Response::problem(405, "That method is not known at this address.");
  response.headers.add("Allow", list_of(match.allowed));
  return response;
}

class TcpHttpSession final : public HttpSession {
 public:
  TcpHttpSession(Connected connection, SessionHost& host)
      : connection_(std::move(connection)), host_(host), parser_(create_request_parser(limits().header_bytes)) {
    error_code ignored;
    socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    socket().non_blocking(true, ignored);
    const auto endpoint = socket().remote_endpoint(ignored);
    address_ = endpoint.address();
  }

  asio::awaitable<void> run() override {
    bool more = true;
    while (more) more = co_await serve_one();
    if (upgraded_) co_return;
    if (unread_) co_await linger();
    cut();
  }

  void check(Time now) override {
    if (now < deadline_) return;
    expired_ = true;
    deadline_ = Time::max();
    error_code ignored;
    socket().cancel(ignored);
  }

  void finish() override {
    finishing_ = true;
    error_code ignored;
    if (phase_ == Phase::idle && socket().is_open()) socket().cancel(ignored);
  }

  void cut() override {
    error_code ignored;
    if (!upgraded_) socket().close(ignored);
  }

 private:
  using Duration = std::chrono::steady_clock::duration;
  enum class Phase : std::uint8_t { idle, reading, handling, writing };

  asio::ip::tcp::socket& socket() { return connection_.socket; }
  const HttpLimits& limits() const { return connection_.rules->limits; }

  void enter(Phase phase, std::chrono::steady_clock::duration limit) {
    phase_ = phase;
    const auto now = std::chrono::steady_clock::now();
    pace_ = Pace(now);
    deadline_ = now + limit;
  }

  /// So many bytes more of a body have come.
  void received(std::size_t bytes) {
    deadline_ = pace_.pay(bytes, std::chrono::steady_clock::now()) + limits().request_time;
  }

  /// So many bytes of an answer have gone in all.
  void sent(std::size_t bytes) {
    deadline_ = pace_.paid_by_all(bytes, std::chrono::steady_clock::now()) + limits().request_time;
  }

  /// One request and its answer; false when the connection ends.
  asio::awaitable<bool> serve_one() {
    parser_->restart();
    buffer_.release();
    enter(Phase::idle, connection_.spare ? std::min<Duration>(kSpareTime, limits().idle_time) : limits().idle_time);
    const auto step = co_await read_past(Step::head);
    if (step == Step::head_done) co_return co_await serve_head();
    if (step == Step::failed) co_return co_await refuse_request();
    co_return false;
  }

  /// The head is there: find who answers before the body is read.
  asio::awaitable<bool> serve_head() {
    auto& request = parser_->request();
    auto match = host_.routes().match(request.method, parser_->raw_path(), parser_->upgrade());
    ++host_.tally().requests;
    connection_.rules->proxies.apply(address_, request);
    request.captures = std::move(match.captures);
    if (connection_.spare) {
      finishing_ = true;
      const auto& reserved = connection_.rules->reserved_paths;
      if (std::ranges::find(reserved, parser_->raw_path()) == reserved.end()) co_return co_await refuse_crowd();
    }
    if (match.entry == nullptr) co_return co_await refuse(unmatched(match, request.method));
    if (match.entry->websocket) co_return co_await serve_upgrade(match.entry->websocket);
    const auto* entry = match.entry;
    auto body_limit = body_limit_for(*entry, request);
    if (!body_limit) co_return co_await refuse(std::move(body_limit.error()));
    if (!parser_->limit_body(*body_limit)) co_return co_await refuse_request();
    if (entry->admission && parser_->has_body()) {
      auto refusal = co_await refused_by(entry->admission);
      if (refusal) co_return co_await refuse(std::move(*refusal));
    }
    if (parser_->expects_continue() && parser_->http_1_1() && buffer_.empty()) send_continue();
    if (phase_ == Phase::idle) enter(Phase::reading, limits().request_time);
    HeldShare share(host_.bodies(), sharing_network(*connection_.rules, address_, request));
    const auto step = co_await read_past(Step::body, &share);
    if (step == Step::failed) co_return co_await refuse_request();
    if (bodies_full_) co_return co_await refuse(Response::problem(503, "Too much is being sent; come again later."));
    if (step != Step::done) co_return false;
    co_return co_await serve_whole(entry->handler);
  }

  std::expected<std::size_t, Response> body_limit_for(const Routes::Entry& entry, const Request& request) const {
    const auto most = limits().body_bytes;
    if (!entry.body_rule) return entry.body_limit == 0 ? most : entry.body_limit;
    auto limit = entry.body_rule(request);
    if (limit) *limit = std::min(*limit, most);
    return limit;
  }

  /// What comes of the body meanwhile waits in the system's buffers.
  asio::awaitable<std::optional<Response>> refused_by(const Admission& admission) {
    const auto ask = [this, &admission] { return admission(parser_->request()); };
    auto refusal = co_await answer<std::optional<Response>>(ask);
    enter(Phase::reading, limits().request_time);
    co_return refusal;
  }

  asio::awaitable<bool> serve_whole(const Handler& handler) {
    const bool bodiless = parser_->request().method == Method::head;
    const bool keep = parser_->keep_alive();
    const auto ask = [this, &handler] { return handler(std::move(parser_->request())); };
    auto response = co_await answer<Response>(ask);
    co_return co_await respond(std::move(response), keep, bodiless);
  }

  /// What those say who own the route, who take the time they need; 500 when they throw. `ask` stays until then.
  template <typename Answer, typename Ask>
  asio::awaitable<Answer> answer(const Ask& ask) {
    phase_ = Phase::handling;
    deadline_ = Time::max();
    try {
      co_return co_await ask();
    } catch (const std::exception& error) {
      if (is_abort(error)) throw;
      ++host_.tally().failed;
      spdlog::error("http.handler_failed error=\"{}\"", error.what());
    } catch (...) {
      ++host_.tally().failed;
      spdlog::error("http.handler_failed error=\"an exception of unknown type\"");
    }
    co_return Response::problem(500, "An internal error. It has been logged.");
  }

  /// A WebSocket's request is answered here only when it is refused.
  asio::awaitable<bool> serve_upgrade(std::shared_ptr<const WebSocketRoute> route) {
    auto& request = parser_->request();
    auto refused = check_handshake(request, *route);
    if (!refused && (parser_->has_body() || !buffer_.empty())) {
      refused = Response::problem(400, "A WebSocket's client waits for the answer before it sends.");
    }
    if (refused) co_return co_await refuse(std::move(*refused));
    upgraded_ = true;
    deadline_ = Time::max();
    host_.upgrade(std::move(connection_), std::move(request), std::move(route));
    co_return false;
  }

  /// An answer that does not wait for the body: the connection goes on only if there is none.
  asio::awaitable<bool> refuse(Response response) {
    const bool whole = !parser_->has_body();
    unread_ = !whole;
    const bool keep = whole && parser_->keep_alive();
    const bool bodiless = parser_->request().method == Method::head;
    co_return co_await respond(std::move(response), keep, bodiless);
  }

  asio::awaitable<bool> refuse_crowd() {
    ++host_.tally().refused;
    co_return co_await refuse(Response::problem(503, "Too many connections; come again in a moment."));
  }

  asio::awaitable<bool> refuse_request() {
    unread_ = true;
    auto failure = parser_->failure();
    co_return co_await respond(Response::problem(failure.status, std::move(failure.detail)), false, false);
  }

  asio::awaitable<bool> respond(Response response, bool keep, bool bodiless) {
    // Who reads slowly holds his answer for as long: what all of them hold is bounded.
    HeldShare share(host_.answers(), {});
    share.hold(response.body.size());
    if (share.is_too_much(limits().answers_bytes)) {
      share.hold(0);
      response = Response::problem(503, "Too much is being read; come again later.");
    }
    keep = keep && !finishing_;
    const auto kept = parser_->http_1_1() ? Connection::keep_alive : Connection::keep_alive_1_0;
    const auto head = response_head(response, keep ? kept : Connection::close);
    const bool with_body = !bodiless && has_body(response.status);
    const std::array<asio::const_buffer, 2> buffers{
        asio::buffer(head), asio::buffer(response.body.data(), with_body ? response.body.size() : 0)};
    const auto total = asio::buffer_size(buffers);
    // Nearly every answer fits the socket's buffer: then no wait and no coroutine is needed.
    error_code error;
    const auto written = socket().write_some(buffers, error);
    if (error && error != asio::error::would_block) co_return false;
    if (written < total) {
      const bool sent = co_await write_rest(buffers, written);
      if (!sent) co_return false;
    }
    co_return keep;
  }

  asio::awaitable<bool> write_rest(std::array<asio::const_buffer, 2> rest, std::size_t written) {
    enter(Phase::writing, limits().request_time);
    auto left = asio::buffer_size(rest) - written;
    std::size_t gone = 0;
    while (true) {
      const auto of_head = std::min(written, rest[0].size());
      rest[0] += of_head;
      rest[1] += written - of_head;
      if (left == 0) co_return true;
      const auto ended = co_await socket().async_write_some(rest, kTokens);
      if (std::get<0>(ended)) co_return false;
      written = std::get<1>(ended);
      left -= written;
      gone += written;
      sent(gone);
    }
  }

  void send_continue() {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code ignored;
    socket().write_some(asio::buffer(kContinue), ignored);
  }

  /// Reads until the parser comes to something other than `waiting`; that same step when the connection ended.
  asio::awaitable<Step> read_past(Step waiting, HeldShare* share = nullptr) {
    for (;;) {
      auto bytes = buffer_.data();
      const auto before = bytes.size();
      const auto step = parser_->feed(bytes);
      buffer_.consume(before - bytes.size());
      if (share != nullptr) share->hold(parser_->request().body.size());
      if (share != nullptr && share->is_too_much(limits().bodies_bytes)) {
        host_.body_refused(*share);
        bodies_full_ = true;
        co_return waiting;
      }
      if (step != waiting) co_return step;
      if (before > 0 && phase_ == Phase::idle) enter(Phase::reading, limits().request_time);
      if (finishing_ && phase_ == Phase::idle) co_return waiting;
      const auto ended = co_await socket().async_read_some(buffer_.prepare(waiting == Step::body), kTokens);
      if (std::get<0>(ended)) {
        if (expired_ && phase_ == Phase::reading) co_await say_late();
        co_return waiting;
      }
      buffer_.commit(std::get<1>(ended));
      if (share != nullptr) received(std::get<1>(ended));
    }
  }

  asio::awaitable<void> say_late() {
    expired_ = false;
    unread_ = true;
    co_await respond(Response::problem(408, "The request did not come to its end in time."), false, false);
  }

  /// The peer may still be sending: a close now would reset the connection, and the answer with it.
  asio::awaitable<void> linger() {
    error_code error;
    socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    expired_ = false;
    enter(Phase::writing, kLinger);
    std::size_t discarded = 0;
    while (!error && !expired_ && discarded < kLingerBytes) {
      buffer_.clear();
      const auto ended = co_await socket().async_read_some(buffer_.prepare(true), kTokens);
      error = std::get<0>(ended);
      discarded += std::get<1>(ended);
    }
  }

  Connected connection_;
  SessionHost& host_;
  std::unique_ptr<RequestParser> parser_;
  ReadBuffer buffer_;
  asio::ip::address address_;
  Pace pace_{Time{}};
  Time deadline_ = Time::max();
  Phase phase_ = Phase::idle;
  bool expired_ = false;
  bool finishing_ = false;
  bool unread_ = false;  // of the request, when the connection ends
  bool upgraded_ = false;
  bool bodies_full_ = false;  // no room for this request's
};

}  // namespace

std::string sharing_network(const ConnectionRules& rules, const asio::ip::address& address, const Request& request) {
  const auto own = client_network(address);
  const bool local = address.is_loopback() || own.starts_with("127.");
  const bool of_many = (local && !rules.limits.count_local) || rules.proxies.trusts(address);
  auto network = client_network(request.peer);
  return of_many && network == own ? std::string() : network;
}

std::shared_ptr<HttpSession> create_http_session(Connected connection, SessionHost& host) {
  return std::make_shared<TcpHttpSession>(std::move(connection), host);
}

}  // namespace peyk::net
