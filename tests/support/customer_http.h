// Customers' requests to routes under test, without a server in between.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "base/async/worker_pool.h"
#include "base/net/form_data.h"
#include "base/net/http.h"
#include "channels/context.h"
#include "tests/support/fake_desk.h"
#include "tests/support/loop.h"

namespace peyk::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// Everything a channel is built from, in memory, at a time that stands still.
struct CustomerSide {
  Loop loop;
  ManualClock clock{from_unix_ms(1'795'321'560'000)};  // 2026-11-22T04:26:00Z, a Sunday
  SeededRandom random{7};
  WorkerPool pool{1};
  net::Routes routes;
  FakeFeed feed;
  FakeSignals signals;
  FakeBlobs blobs;
  FakeDesk desk{clock, feed};

  channels::ChannelContext context() {
    return {.executor = loop.executor(),
            .routes = routes,
            .intake = desk,
            .reader = desk,
            .blobs = blobs,
            .events = feed,
            .signals = signals,
            .clock = clock,
            .random = random,
            .pool = pool,
            .key = Secret("0123456789abcdef0123456789abcdef"),
            .public_url = "https://support.kouh.example"};
  }

  net::Response ask(net::Method method, const std::string& target, HeaderList headers = {}, std::string body = {},
                    std::string peer = "192.0.2.1") {
    net::Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (const auto mark = target.find('?'); mark != std::string::npos) {
      for (auto& [name, value] : net::parse_urlencoded(target.substr(mark + 1)).value().fields) {
        request.query[name] = value;
      }
    }
    for (auto& [name, value] : headers) request.headers.add(std::move(name), std::move(value));
    request.body = std::move(body);
    request.peer = std::move(peer);
    auto match = routes.match(method, request.path, false);
    if (match.entry == nullptr) return net::Response::empty(match.allowed.empty() ? 404 : 405);
    request.captures = std::move(match.captures);
    return loop.run(match.entry->handler(std::move(request)));
  }

  static boost::json::object json(const net::Response& response) {
    return boost::json::parse(response.body).as_object();
  }
};

}  // namespace peyk::test
