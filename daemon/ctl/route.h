// `peykctl route`: which rule a message would hit, asked of a daemon or of a file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "daemon/ctl/api.h"
#include "daemon/ctl/commands.h"

namespace peyk::ctl {

struct RouteOptions {
  std::string channel;
  std::string subject;
  std::string text;
  std::vector<std::string> fields;  // "name=value"
  std::string sender;
  std::string language;
  std::vector<std::string> tags;
  std::string at;                // RFC 3339; empty: now
  std::filesystem::path config;  // empty: the daemon is asked
};

asio::awaitable<int> run_route(Api& api, Output output, RouteOptions options);

}  // namespace peyk::ctl
