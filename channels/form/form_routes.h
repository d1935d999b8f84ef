// The HTTP side of all forms.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/event.h"
#include "base/net/http.h"
#include "channels/context.h"
#include "channels/form/submission.h"
#include "channels/web/rate_limiter.h"

namespace peyk::channels::form {

/// A form that takes messages now. Kept by its requests until they are answered.
struct LiveForm {
  config::ConfigPtr config;
  const config::Channel* channel = nullptr;  // in `config`
  std::size_t under_way = 0;
  Event idle;

  LiveForm(asio::any_io_executor executor, config::ConfigPtr kept, const config::Channel& which)
      : config(std::move(kept)), channel(&which), idle(std::move(executor)) {}
};

/// Finds a form by its name and answers for it. One thread; outlives the routes' last request.
class FormRoutes {
 public:
  explicit FormRoutes(const ChannelContext& context);

  void add(std::shared_ptr<LiveForm> form);
  void remove(const ChannelName& name);

 private:
  struct Visit;
  asio::awaitable<net::Response> get(net::Request request);
  asio::awaitable<net::Response> post(net::Request request);
  asio::awaitable<net::Response> options(net::Request request);

  std::shared_ptr<LiveForm> find(const net::Request& request) const;
  /// Of a body; what is refused for what its head says, is refused unread.
  std::expected<std::size_t, net::Response> most_of(const net::Request& request);
  struct Read;
  asio::awaitable<net::Response> receive(Visit& visit, std::string body);
  asio::awaitable<Result<Read>> read(const Visit& visit, std::string body);
  asio::awaitable<Result<std::vector<routing::Attachment>>> store(std::vector<net::FormFile> files);
  Result<std::string> delivery_key(const Visit& visit, const Submission& submission, const std::string& digest);
  static routing::Inbound to_inbound(const Visit& visit, const Submission& submission, std::string key,
                                     std::string body_digest);
  std::optional<net::Response> throttle(const Visit& visit);
  net::Response refuse_fields(const Visit& visit, const std::vector<Problem>& problems);
  net::Response refuse(const Visit& visit, const Error& error);
  net::Response answer(const Visit& visit, const routing::Accepted& accepted, const std::string& email) const;

  ChannelContext context_;
  std::map<ChannelName, std::shared_ptr<LiveForm>> forms_;
  RateLimiter rates_;
};

}  // namespace peyk::channels::form
