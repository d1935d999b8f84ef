#include "daemon/sessions.h"

#include <array>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/net/client_network.h"
#include "base/text.h"
#include "daemon/passwords.h"
#include "daemon/throttle.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;

// How much more one address may fail over all agents than with one of them, and one agent from all addresses: an
// office behind one address shares it, and nobody shall lock an agent out by guessing from a few addresses.
constexpr std::size_t kAddressFactor = 5;
constexpr std::size_t kAgentFactor = 20;
// Hashing takes 64 MiB and some tens of milliseconds each: more at once than this are told to come back.
constexpr int kMaxWaiting = 200;

struct Stored {
  AgentName agent;
  Time expires_at;
  std::string proof;
};

std::string proof_of(const Secret& password_hash) {
  return sha256_hex(password_hash.reveal()).substr(0, 16);
}

std::string to_text(const Stored& stored) {
  return json::serialize(json::object{
      {"agent", stored.agent.str()}, {"expires_at", to_unix_ms(stored.expires_at)}, {"proof", stored.proof}});
}

std::optional<Stored> from_text(std::string_view text) {
  boost::system::error_code error;
  const auto value = json::parse(text, error);
  const auto* object = error ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* agent = object->if_contains("agent");
  const auto* expires = object->if_contains("expires_at");
  const auto* proof = object->if_contains("proof");
  if (agent == nullptr || expires == nullptr || proof == nullptr) return std::nullopt;
  if (!agent->is_string() || !expires->is_int64() || !proof->is_string()) return std::nullopt;
  return Stored{AgentName(json::value_to<std::string>(*agent)), from_unix_ms(expires->get_int64()),
                json::value_to<std::string>(*proof)};
}

/// The hash to check against, and whether a match counts: for an agent who is not there or has no password it is
/// somebody else's, so that the answer takes as long.
struct Expected {
  Secret hash;
  bool counts = false;
};

Expected expected_hash(const config::Config& config, const AgentName& agent) {
  const auto found = config.agents.find(agent);
  if (found != config.agents.end() && !found->second.password_hash.empty()) return {found->second.password_hash, true};
  for (const auto& [name, other] : config.agents) {
    if (!other.password_hash.empty()) return {other.password_hash, false};
  }
  return {};
}

std::unexpected<Error> unknown_session() {
  return fail(ErrorCode::unauthorized, "the session is unknown or has ended: log in again");
}

class RedisSessions : public Sessions {
 public:
  explicit RedisSessions(SessionsDependencies dependencies)
      : client_(dependencies.client),
        passwords_(dependencies.passwords),
        clock_(dependencies.clock),
        random_(dependencies.random),
        config_(std::move(dependencies.config)),
        failures_(dependencies.clock) {}

  asio::awaitable<Result<LogIn>> log_in(AgentName agent, Secret password, std::string peer) override;
  asio::awaitable<Result<Session>> find(std::string token) override;
  asio::awaitable<Result<>> end(std::string token) override;
  asio::awaitable<Result<>> check(Session session) override;

 private:
  struct Waiting {
    explicit Waiting(int& count) : count_(count) { ++count_; }
    ~Waiting() { --count_; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    int& count_;
  };

  std::string key(const std::string& id) const { return fmt::format("peyk:{{{}}}:session:{}", config_()->desk, id); }
  using Keys = std::array<std::string, 3>;  // of the pair, the address, the agent

  static Keys keys_of(const AgentName& agent, const std::string& peer) {
    const auto network = net::client_network(peer);
    return {"p " + network + " " + agent.str(), "a " + network, "n " + agent.str()};
  }

  /// Log-ins of the same keys that are being worked out.
  class UnderWay {
   public:
    UnderWay(std::map<std::string, std::size_t>& counts, const Keys& keys) : counts_(counts), keys_(keys) {
      for (const auto& key : keys_) ++counts_[key];
    }
    ~UnderWay() {
      for (const auto& key : keys_) {
        if (--counts_[key] == 0) counts_.erase(key);
      }
    }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;

   private:
    std::map<std::string, std::size_t>& counts_;
    Keys keys_;
  };

  Result<> admit(const Keys& keys);
  asio::awaitable<Result<LogIn>> open(AgentName agent, Secret hash);
  asio::awaitable<Result<Session>> look_up(std::string id);

  redis::Client& client_;
  WorkerPool& passwords_;
  const Clock& clock_;
  RandomSource& random_;
  ConfigSource config_;
  FailureCounter failures_;
  std::map<std::string, std::size_t> under_way_;
  int waiting_ = 0;
};

/// Each one under way may fail: so many at once as may still fail, no more.
Result<> RedisSessions::admit(const Keys& keys) {
  const auto& rules = config_()->sessions;
  const auto limit = static_cast<std::size_t>(rules.failed_logins);
  const std::array limits{limit, limit * kAddressFactor, limit * kAgentFactor};
  bool crowded = false;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto failed = failures_.count(keys.at(i), rules.failed_within);
    if (failed >= limits.at(i)) return fail(ErrorCode::throttled, "too many failed log-ins: wait some minutes");
    const auto found = under_way_.find(keys.at(i));
    crowded = crowded || (found != under_way_.end() && failed + found->second >= limits.at(i));
  }
  if (crowded || waiting_ >= kMaxWaiting) return fail(ErrorCode::unavailable, "too many log-ins at once: try again");
  return {};
}

asio::awaitable<Result<LogIn>> RedisSessions::log_in(AgentName agent, Secret password, std::string peer) {
  const auto keys = keys_of(agent, peer);
  if (const auto admitted = admit(keys); !admitted) {
    spdlog::warn("session.throttled agent={} peer={} code={}", shorten(clean_line(agent.str()), 100), peer,
                 to_string(admitted.error().code));
    co_return std::unexpected(admitted.error());
  }
  const Waiting place(waiting_);
  const UnderWay under_way(under_way_, keys);
  const auto expected = expected_hash(*config_(), agent);
  const bool matches = co_await passwords_.run(
      [hash = expected.hash, password = std::move(password)] { return verify_password(hash, password); });
  if (!matches || !expected.counts) {
    for (const auto& key : keys) failures_.add(key, config_()->sessions.failed_within);
    spdlog::warn("session.refused agent={} peer={}", shorten(clean_line(agent.str()), 100), peer);
    co_return fail(ErrorCode::unauthorized, "unknown agent or wrong password");
  }
  // While the hash was worked out, a reload may have taken the agent away or changed his password.
  const auto config = config_();
  const auto found = config->agents.find(agent);
  if (found == config->agents.end() || found->second.password_hash != expected.hash) co_return unknown_session();
  failures_.forget(keys.front());
  auto opened = co_await open(agent, expected.hash);
  if (opened) spdlog::info("session.opened agent={} peer={}", agent.str(), peer);
  co_return opened;
}

asio::awaitable<Result<LogIn>> RedisSessions::open(AgentName agent, Secret hash) {
  const auto lifetime = config_()->sessions.lifetime;
  LogIn log_in{random_.token(), clock_.now() + lifetime};
  const Stored stored{agent, log_in.expires_at, proof_of(hash)};
  redis::Command command{"SET", key(sha256_hex(log_in.token)), to_text(stored), "PX", std::to_string(lifetime.count())};
  const auto reply = co_await client_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return log_in;
}

asio::awaitable<Result<Session>> RedisSessions::find(std::string token) {
  if (token.empty() || token.size() > 200) co_return unknown_session();
  co_return co_await look_up(sha256_hex(token));
}

asio::awaitable<Result<>> RedisSessions::check(Session session) {
  const auto found = co_await look_up(session.id);
  if (!found) co_return std::unexpected(found.error());
  co_return Result<>();
}

asio::awaitable<Result<Session>> RedisSessions::look_up(std::string id) {
  redis::Command command{"GET", key(id)};
  const auto reply = co_await client_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  const auto stored = reply->is_text() ? from_text(reply->text) : std::nullopt;
  if (!stored || stored->expires_at <= clock_.now()) co_return unknown_session();
  const auto config = config_();
  const auto agent = config->agents.find(stored->agent);
  if (agent == config->agents.end() || proof_of(agent->second.password_hash) != stored->proof) {
    co_return unknown_session();
  }
  co_return Session{std::move(id), stored->agent, stored->expires_at};
}

asio::awaitable<Result<>> RedisSessions::end(std::string token) {
  redis::Command command{"DEL", key(sha256_hex(token))};
  const auto reply = co_await client_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Result<>();
}

}  // namespace

std::unique_ptr<Sessions> create_sessions(SessionsDependencies dependencies) {
  return std::make_unique<RedisSessions>(std::move(dependencies));
}

}  // namespace peyk::daemon
