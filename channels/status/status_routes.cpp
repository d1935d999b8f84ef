#include "channels/status/status_routes.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/net/client_network.h"
#include "base/text.h"
#include "channels/attachments/download.h"
#include "channels/opening.h"
#include "channels/pages/layout.h"
#include "channels/status/status_page.h"
#include "channels/web/negotiation.h"
#include "channels/web/rate_limiter.h"
#include "routing/find_attachment.h"

namespace peyk::channels::status {
namespace {

constexpr std::size_t kTokenBytes = 200;
// Readings by one link, and by one network, pages and files together: each has the store read what was said.
constexpr config::Rate kReads{120, std::chrono::minutes(1)};
constexpr config::Rate kReadsOfNetwork{1000, std::chrono::minutes(1)};

/// Only what a token can look like is looked up; the store looks for its hash.
bool is_plausible(std::string_view token) {
  return !token.empty() && token.size() <= kTokenBytes && std::ranges::all_of(token, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '-' || byte == '_' || byte == '.';
  });
}

void keep_private(net::Response& response) {
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Robots-Tag", "noindex");
  response.headers.set("Referrer-Policy", "same-origin");
}

class Routes : public StatusRoutes {
 public:
  Routes(const ChannelContext& context, config::ConfigPtr config)
      : context_(context), config_(std::move(config)), hours_(config_) {
    context_.routes.add(net::Method::get, "/status/{token}",
                        [this](net::Request request) { return show(std::move(request)); });
    context_.routes.add(net::Method::get, "/status/{token}/attachments/{id}",
                        [this](net::Request request) { return file(std::move(request)); });
  }

  void reconfigure(config::ConfigPtr config) override {
    config_ = std::move(config);
    hours_ = OpeningHours(config_);
  }

 private:
  asio::awaitable<net::Response> show(net::Request request) {
    if (const auto wait = throttle(request)) co_return refuse_often(request, *wait);
    auto view = co_await look_up(std::string(request.capture("token")));
    if (!view) co_return refuse(request, view.error());
    if (view->ended) co_return ended(request);
    const auto& conversation = view->conversation;
    const auto& words = pages::catalogue(choose_language(request, language_of(conversation)));
    const auto now = context_.clock.now();
    const auto opening = hours_.of_queue(conversation.queue, now);
    const auto next = next_step(*view, opening, words, config_->timezone, now);
    if (wants_page(request.headers.get("Accept"))) {
      co_return status_page(*view, next, words, config_->timezone, std::string(request.capture("token")));
    }
    auto response = net::Response::json(200, status_json(*view, next, opening));
    keep_private(response);
    response.headers.set("Vary", "Accept, Accept-Language");
    co_return response;
  }

  asio::awaitable<net::Response> file(net::Request request) {
    if (const auto wait = throttle(request)) co_return refuse_often(request, *wait);
    const auto view = co_await look_up(std::string(request.capture("token")));
    if (!view) co_return refuse(request, view.error());
    if (view->ended) co_return ended(request);
    const auto found = co_await routing::find_attachment(context_.reader, view->conversation.id,
                                                         routing::BlobId(std::string(request.capture("id"))),
                                                         routing::Audience::customers);
    if (!found) co_return refuse(request, found.error());
    auto content = co_await context_.blobs.get(found->id);
    if (!content) co_return refuse(request, content.error());
    co_return download(*found, std::move(*content));
  }

  /// How long to wait; he who is refused by his link's rate takes nothing from his network's.
  std::optional<Milliseconds> throttle(const net::Request& request) {
    const std::string token(request.capture("token"));
    if (!is_plausible(token)) return std::nullopt;
    const auto now = context_.clock.now();
    const auto wait = rates_.refuse("of " + token, kReads, now);
    return wait ? wait : rates_.refuse("from " + net::client_network(request.peer), kReadsOfNetwork, now);
  }

  asio::awaitable<Result<routing::StatusView>> look_up(std::string token) {
    if (!is_plausible(token)) co_return fail(ErrorCode::not_found, "no conversation has this status token");
    co_return co_await context_.reader.status(std::move(token));
  }

  /// The conversation's own, else its channel's.
  std::string language_of(const routing::Conversation& conversation) const {
    if (!conversation.language.empty()) return conversation.language;
    const auto channel = config_->channels.find(conversation.channel);
    return channel == config_->channels.end() ? config_->locale : channel->second.locale;
  }

  net::Response refuse(const net::Request& request, const Error& error) const {
    const bool unknown = error.code == ErrorCode::not_found;
    return answer_with(request, net::Response::problem(error), [unknown](const pages::Catalogue& words) {
      return unknown ? words.status.unknown_token : words.status.unavailable;
    });
  }

  net::Response refuse_often(const net::Request& request, Milliseconds wait) const {
    auto problem = net::Response::problem(429, "this was asked for too often");
    problem.headers.set("Retry-After", retry_after_seconds(wait));
    return answer_with(request, std::move(problem),
                       [](const pages::Catalogue& words) { return words.status.unavailable; });
  }

  net::Response ended(const net::Request& request) const {
    auto problem = net::Response::problem(410, "this link has ended: the conversation was closed long ago");
    return answer_with(request, std::move(problem), [](const pages::Catalogue& words) { return words.status.ended; });
  }

  template <typename Text>
  net::Response answer_with(const net::Request& request, net::Response problem, Text text) const {
    keep_private(problem);
    if (!wants_page(request.headers.get("Accept"))) return problem;
    const auto& words = pages::catalogue(choose_language(request, config_->locale));
    auto page = pages::render_failure(problem.status, words, text(words));
    if (problem.headers.has("Retry-After")) {
      page.headers.set("Retry-After", std::string(problem.headers.get("Retry-After")));
    }
    return page;
  }

  ChannelContext context_;
  config::ConfigPtr config_;
  OpeningHours hours_;
  RateLimiter rates_;
};

}  // namespace

std::unique_ptr<StatusRoutes> create_status_routes(const ChannelContext& context, config::ConfigPtr config) {
  return std::make_unique<Routes>(context, std::move(config));
}

}  // namespace peyk::channels::status
