// Redis over Asio: pipelined calls with deadlines, reconnecting by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "base/redis/reply.h"
#include "base/secret.h"

namespace peyk::redis {

namespace asio = boost::asio;

struct Endpoint {
  std::string host;  // empty with a Unix socket
  std::uint16_t port = 6379;
  std::string unix_path;
  bool tls = false;
  std::string ca_file;  // PEM roots for TLS; empty: the system's
  bool verify_peer = true;
  int database = 0;
  std::string user;  // ACL user; empty: the default user
  Secret password;
};

/// "redis://[user@]host[:port][/db]", "rediss://…", "unix:///path[?db=N]". The password comes from a file, never here.
Result<Endpoint> parse_endpoint(std::string_view url);

struct ClientOptions {
  Endpoint endpoint;
  std::chrono::milliseconds timeout{2000};                 // of one call, connecting included
  std::size_t pipeline_limit = 20'000;                     // calls under way; more are refused `unavailable`
  std::size_t reply_limit_bytes = std::size_t{64} << 20U;  // a larger one fails its own call, `internal`
};

using Command = std::vector<std::string>;

/// A Lua script the client may call: `text` is sent when the server does not know its digest. Or a function of a
/// library ("#!lua name=LIBRARY…"), which the server keeps loaded: many share one text, and a call costs a third.
struct Script {
  std::string name;                            // for errors and logs
  std::string text;                            // empty for a function
  std::string sha1;                            // of `text`, in hex
  std::shared_ptr<const std::string> library;  // null for a script of its own
  std::string function;                        // "LIBRARY_NAME"
};
/// A `text` that begins with "#!lua name=" is a library, and `name` one of its functions.
Script make_script(std::string name, std::string text);
/// The functions of one library; they share its text.
std::vector<Script> make_functions(std::span<const std::string_view> names, std::string_view library);

/// One connection, shared by all callers: commands go out in the order of the calls, and each reply finds its caller.
///
/// What is lost: calls under way when the connection breaks fail with `unavailable` (they may have run); a call that
/// passes its deadline fails with `timeout` (it may yet run; its reply's place in the pipeline is kept). Nothing is
/// resent. A server that owes an overdue reply and sends nothing for `timeout` more is taken for frozen: the
/// connection is dropped. A caller's cancellation ends its wait with `cancelled`; the command may yet run. Calls made
/// while disconnected fail `unavailable` at once once a connection attempt has failed.
/// One thread.
class Client {
 public:
  virtual ~Client() = default;

  /// Connects and goes on reconnecting with back-off until `stop()`. Scripts are loaded on every connect, before any
  /// caller's command.
  virtual void start(std::vector<Script> scripts) = 0;
  virtual asio::awaitable<void> stop() = 0;

  /// One command. An error reply of the server is `internal` with its text in the message (`OOM`, `MISCONF`,
  /// `LOADING`, `READONLY`, `NOREPLICAS` are `unavailable`).
  virtual asio::awaitable<Result<Reply>> call(Command command) = 0;

  /// As above with a deadline of its own. A blocking read (`XREAD BLOCK`) delays all who share the connection: give it
  /// a client of its own, and a limit longer than it blocks.
  virtual asio::awaitable<Result<Reply>> call(Command command, std::chrono::milliseconds limit) = 0;

  /// EVALSHA, and EVAL once when the server answers NOSCRIPT; FCALL of a function, and its library loaded when the
  /// server does not know it.
  virtual asio::awaitable<Result<Reply>> eval(const Script& script, std::vector<std::string> keys,
                                              std::vector<std::string> arguments) = 0;

  /// Commands back to back, answered together (same connection, so `WAIT` after a write counts that write).
  virtual asio::awaitable<Result<std::vector<Reply>>> pipeline(std::vector<Command> commands) = 0;

  virtual bool connected() const = 0;
  /// Why it is not connected; empty when it is.
  virtual std::string last_error() const = 0;
  /// Waits for a connection; false at the deadline.
  virtual asio::awaitable<bool> wait_connected(std::chrono::milliseconds limit) = 0;
  /// Both may be called more than once: all callbacks are kept. Called after each connect (once the scripts are
  /// loaded), and after each loss.
  virtual void on_connected(std::function<void()> callback) = 0;
  virtual void on_disconnected(std::function<void()> callback) = 0;
};

std::unique_ptr<Client> create_client(asio::any_io_executor executor, ClientOptions options);

/// A connection of its own for SUBSCRIBE; resubscribes after a reconnect (what was published meanwhile is lost).
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  /// `on_message(channel, payload)`, `on_gap()` after each (re)connect, the first included: what was published before
  /// is lost, so look at the truth in Redis.
  virtual void start(std::vector<std::string> channels,
                     std::function<void(std::string_view, std::string_view)> on_message,
                     std::function<void()> on_gap) = 0;
  virtual asio::awaitable<void> stop() = 0;
};

std::unique_ptr<Subscriber> create_subscriber(asio::any_io_executor executor, ClientOptions options);

}  // namespace peyk::redis
