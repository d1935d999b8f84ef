#include "base/net/request_parser.h"

#include <algorithm>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <fmt/format.h>

#include "base/net/form_data.h"
#include "base/text.h"

namespace peyk::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kFieldsLimit = 100;
constexpr std::size_t kChunkHeaderLimit = 8192;
constexpr std::size_t kReserveLimit = std::size_t{1} << 20U;  // no memory on a peer's word alone

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get: return Method::get;
    case http::verb::head: return Method::head;
    case http::verb::post: return Method::post;
    case http::verb::put: return Method::put;
    case http::verb::patch: return Method::patch;
    case http::verb::delete_: return Method::del;
    case http::verb::options: return Method::options;
    default: return Method::other;
  }
}

/// Fills a Request from Beast's events, and keeps count where Beast does not: its header limit is one of the
/// unconsumed bytes, so that fields sent one by one never reach it.
class Core final : public http::basic_parser<true> {
 public:
  Core(Request& request, RequestParser::Failure& failure, std::size_t limit)
      : request_(request), failure_(failure), room_(limit) {
    header_limit(static_cast<std::uint32_t>(limit));
    body_limit(boost::none);
  }

  bool expects_continue = false;
  bool websocket = false;
  bool http_1_1 = true;

 private:
  error_code refuse(int status, std::string detail) {
    failure_ = {status, std::move(detail)};
    return http::error::bad_value;
  }

  void spend(std::size_t bytes, error_code& error) {
    if (bytes > room_) {
      error = http::error::header_limit;
    } else {
      room_ -= bytes;
    }
  }

  void on_request_impl(http::verb verb, boost::beast::string_view, boost::beast::string_view target, int version,
                       error_code& error) override {
    http_1_1 = version >= 11;
    request_.method = method_of(verb);
    request_.target.assign(target.data(), target.size());
    spend(target.size() + 16, error);
  }

  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}

  void on_field_impl(http::field field, boost::beast::string_view name, boost::beast::string_view value,
                     error_code& error) override {
    if (in_body_) return;  // a trailer
    spend(name.size() + value.size() + 4, error);
    if (!error && ++fields_ > kFieldsLimit) error = http::error::header_limit;
    if (!error) check(field, trim(view(value)), error);
    if (!error) request_.headers.add(std::string(name), std::string(value));
  }

  void check(http::field field, std::string_view value, error_code& error) {
    switch (field) {
      case http::field::host: ++hosts_; break;
      case http::field::content_length:
        if (has_length_ || value.empty() || value.find_first_not_of("0123456789") != std::string_view::npos) {
          error = refuse(400, "Content-Length must stand once, as digits.");
        }
        has_length_ = true;
        break;
      case http::field::transfer_encoding:
        if (!ascii_iequals(value, "chunked")) error = refuse(501, "No transfer coding is known but chunked.");
        break;
      case http::field::expect:
        if (!ascii_iequals(value, "100-continue")) error = refuse(417, "No expectation is known but 100-continue.");
        expects_continue = true;
        break;
      case http::field::upgrade: {
        http::token_list tokens{boost::beast::string_view(value.data(), value.size())};
        websocket = websocket || tokens.exists("websocket");
        break;
      }
      default: break;
    }
  }

  void on_header_impl(error_code& error) override {
    in_body_ = true;
    if (hosts_ > 1 || (http_1_1 && hosts_ == 0)) {
      error = refuse(400, "A request names exactly one Host.");
    } else if (!http_1_1 && chunked()) {
      error = refuse(400, "HTTP/1.0 knows no transfer coding.");
    }
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request_.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, kReserveLimit)));
  }

  std::size_t on_body_impl(boost::beast::string_view body, error_code&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body, error_code&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  void on_finish_impl(error_code&) override {}

  Request& request_;
  RequestParser::Failure& failure_;
  std::size_t room_;
  std::size_t fields_ = 0;
  std::size_t hosts_ = 0;
  bool has_length_ = false;
  bool in_body_ = false;
};

RequestParser::Failure failure_of(const error_code& error) {
  if (error == http::error::header_limit) return {431, "The header is too large."};
  if (error == http::error::body_limit) return {413, "The body is larger than is taken here."};
  if (error == http::error::bad_version) return {505, "The version spoken here is 1.1."};
  return {400, fmt::format("The request is malformed: {}.", error.message())};
}

/// Decodes path and query of the target; false when malformed.
bool decode_target(Request& request, std::string_view& raw_path) {
  std::string_view target = request.target;
  if (const auto scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/')) {
    // The absolute form, which proxies send (RFC 9112, 3.2.2).
    const auto slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  target = target.substr(0, target.find('#'));
  const auto question = target.find('?');
  raw_path = target.substr(0, question);
  auto path = percent_decode(raw_path);
  if (!path || !is_valid_utf8(*path) || path->contains('\0')) return false;
  request.path = std::move(*path);
  if (question == std::string_view::npos) return true;
  auto query = parse_urlencoded(target.substr(question + 1));
  if (!query) return false;
  for (auto& [name, value] : query->fields) request.query.insert_or_assign(std::move(name), std::move(value));
  return true;
}

class BeastRequestParser final : public RequestParser {
 public:
  explicit BeastRequestParser(std::size_t header_limit) : header_limit_(header_limit) { restart(); }

  Step feed(std::string_view& bytes) override {
    for (;;) {
      if (failed_) return Step::failed;
      if (core_->is_done() && head_told_) return Step::done;
      if (bytes.empty()) return wait_for_more(0);
      // Beast 1.81 fails an assertion on a last chunk of which it has seen the size, and then less than all that every
      // last chunk has.
      const bool may_be_last = head_told_ && core_->chunked() && bytes.front() == '0';
      if (may_be_last && bytes.size() < std::string_view("0\r\n\r\n").size()) return wait_for_more(bytes.size());
      error_code error;
      const auto taken = core_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
      bytes.remove_prefix(taken);
      if (error && error != http::error::need_more) return fail_with(error);
      if (core_->is_header_done() && !head_told_) return finish_head();
      if (error == http::error::need_more) return wait_for_more(bytes.size());
    }
  }

  bool limit_body(std::size_t bytes) override {
    core_->body_limit(bytes);
    const auto length = core_->content_length();
    if (length && *length > bytes) static_cast<void>(fail_with(http::error::body_limit));
    return !failed_;
  }

  void restart() override {
    request_ = Request();
    failure_ = Failure();
    failed_ = false;
    head_told_ = false;
    core_.emplace(request_, failure_, header_limit_);
  }

  Request& request() override { return request_; }
  std::string_view raw_path() const override { return raw_path_; }
  const Failure& failure() const override { return failure_; }
  bool keep_alive() const override { return core_->keep_alive(); }
  bool http_1_1() const override { return core_->http_1_1; }
  bool has_body() const override { return core_->chunked() || core_->content_length().value_or(0) > 0; }
  bool expects_continue() const override { return core_->expects_continue; }
  bool upgrade() const override { return core_->websocket && core_->http_1_1 && core_->upgrade(); }

 private:
  Step finish_head() {
    head_told_ = true;
    if (decode_target(request_, raw_path_)) return Step::head_done;
    failed_ = true;
    failure_ = {400, "The address is malformed: percent-encoding and UTF-8 are checked."};
    return Step::failed;
  }

  Step wait_for_more(std::size_t kept) {
    if (!core_->is_header_done()) return Step::head;
    // Only a chunk's header is kept back whole; Beast itself sets no limit to its extensions and trailers.
    return kept > kChunkHeaderLimit ? fail_with(http::error::bad_chunk_extension) : Step::body;
  }

  Step fail_with(const error_code& error) {
    failed_ = true;
    if (failure_.detail.empty()) failure_ = failure_of(error);
    return Step::failed;
  }

  std::size_t header_limit_;
  Request request_;
  Failure failure_;
  std::optional<Core> core_;
  std::string_view raw_path_;  // into request_.target
  bool failed_ = false;
  bool head_told_ = false;
};

}  // namespace

std::unique_ptr<RequestParser> create_request_parser(std::size_t header_limit) {
  return std::make_unique<BeastRequestParser>(header_limit);
}

}  // namespace peyk::net
