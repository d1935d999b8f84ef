// What peykctl can do at once: ask, print, end. Each returns the program's exit status.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "daemon/ctl/api.h"
#include "daemon/ctl/style.h"

namespace peyk::ctl {

/// How answers are printed.
struct Output {
  bool json = false;
  Style style{false};
};

struct ConversationsQuery {
  std::string state;
  std::string queue;
  std::string agent;
  std::string after;
  int limit = 50;
};

struct TagOptions {
  std::string id;  // of a conversation or a contact
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

asio::awaitable<int> run_login(Api& api, std::string agent);
asio::awaitable<int> run_status(Api& api, Output output);
asio::awaitable<int> run_queues(Api& api, Output output);
asio::awaitable<int> run_agents(Api& api, Output output);
asio::awaitable<int> run_conversations(Api& api, Output output, ConversationsQuery query);
asio::awaitable<int> run_show(Api& api, Output output, std::string conversation);
asio::awaitable<int> run_explain(Api& api, Output output, std::string conversation);
/// Status 0 when nothing was found or all of it was mended.
asio::awaitable<int> run_audit(Api& api, Output output, bool repair);
asio::awaitable<int> run_reload(Api& api, Output output);
asio::awaitable<int> run_tag(Api& api, Output output, TagOptions options);

/// Reads a password and prints its argon2id hash, as `password_hash_file` takes it.
int run_hash_password();

/// Prints an error to standard error; status 1.
int report(const Error& error);

/// One message of a conversation as a person reads it.
std::string message_lines(const boost::json::value& message, const Style& style);

}  // namespace peyk::ctl
