// `peykctl chat`: a visitor's chat in the terminal.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/net/http_client.h"
#include "daemon/ctl/style.h"

namespace peyk::ctl {

namespace asio = boost::asio;

struct ChatOptions {
  std::string channel;
  std::string visitor;  // token of an earlier chat, to go on with it
  std::string name;
  std::string email;
  std::string locale;
};

/// Until the visitor leaves or the input ends. After a lost connection it comes back and sends what was not
/// acknowledged. Exit status.
asio::awaitable<int> run_chat(net::Url url, ChatOptions options, Style style);

}  // namespace peyk::ctl
