#include "daemon/waiting_room.h"

#include <spdlog/spdlog.h>

#include "base/error.h"
#include "daemon/http_settings.h"

namespace peyk::daemon {
namespace {

constexpr std::chrono::milliseconds kClosing{500};

/// Whatever is asked for is answered 503, but for what `routes` has by name.
void turn_away(net::Routes& routes) {
  using net::Method;
  for (const auto* path : {"/", "/{a}", "/{a}/{b}", "/{a}/{b}/{c}", "/{a}/{b}/{c}/{d}", "/{a}/{b}/{c}/{d}/{e}"}) {
    for (const auto method : {Method::get, Method::post, Method::put, Method::patch, Method::del}) {
      routes.add(method, path, [](net::Request) -> asio::awaitable<net::Response> {
        const auto error = fail(ErrorCode::unavailable, "the store is not there yet: try again soon");
        co_return net::Response::problem(error.error());
      });
    }
  }
}

}  // namespace

void WaitingRoom::open(const config::Http& http) {
  if (server_) return;
  spdlog::warn("store.waiting");
  routes_ = net::Routes();
  health_.attach(routes_);
  turn_away(routes_);
  auto options = http_options(http);
  options.announced = false;  // said once it can serve
  const bool listens = !options.listen.empty();
  server_ = net::create_http_server(executor_, std::move(options), routes_);
  if (listens) server_->start();
}

asio::awaitable<void> WaitingRoom::close() {
  if (!server_) co_return;
  co_await server_->stop(kClosing);
  server_.reset();
}

}  // namespace peyk::daemon
