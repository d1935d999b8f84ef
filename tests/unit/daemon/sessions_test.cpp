// Log-ins, their throttling, and how sessions end.
#include "daemon/sessions.h"

#include <doctest/doctest.h>

#include "base/async/task_group.h"
#include "base/text.h"
#include "daemon/passwords.h"
#include "tests/support/fake_redis.h"
#include "tests/support/loop.h"

namespace peyk::daemon {
namespace {

// argon2id of "secret" at libsodium's least cost.
constexpr auto kHash = "$argon2id$v=19$m=8,t=1,p=1$/rFLSxci8x9BTta1hzGUCQ$AkWcCastPuJoWDPXCZIA+A0lRsji+DDpYqf4BeJJ2Uk";

struct Fixture {
  test::Loop loop;
  test::FakeRedis redis;
  WorkerPool pool{1};
  ManualClock clock{from_unix_ms(1'800'000'000'000)};
  SeededRandom random{7};
  std::shared_ptr<config::Config> config = std::make_shared<config::Config>();
  std::unique_ptr<Sessions> sessions;

  Fixture() {
    config->desk = "kouh";
    config->sessions = {std::chrono::hours(12), 3, std::chrono::minutes(5)};
    config->agents[AgentName("ani")].password_hash = Secret(kHash);
    config->agents[AgentName("bela")].password_hash = Secret(kHash);
    config->agents[AgentName("ghost")] = {};  // no password: no log-in
    sessions = create_sessions({redis, pool, clock, random, [this] { return config; }});
  }

  Result<LogIn> log_in(const std::string& agent, const std::string& password, const std::string& peer = "10.0.0.1") {
    return loop.run(sessions->log_in(AgentName(agent), Secret(password), peer));
  }
  ErrorCode refusal(const std::string& agent, const std::string& password, const std::string& peer = "10.0.0.1") {
    const auto result = log_in(agent, password, peer);
    REQUIRE_FALSE(result.has_value());
    return result.error().code;
  }
  Result<Session> find(const std::string& token) { return loop.run(sessions->find(token)); }
};

asio::awaitable<void> try_in(Sessions& sessions, int& refused, int& put_off) {
  const auto result = co_await sessions.log_in(AgentName("ani"), Secret("x"), "10.0.0.9");
  if (result.error().code == ErrorCode::unauthorized) ++refused;
  if (result.error().code == ErrorCode::unavailable) ++put_off;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a log-in gives a token of 256 bit whose hash alone is stored, for its lifetime") {
  const auto opened = log_in("ani", "secret");
  REQUIRE(opened.has_value());
  CHECK(base64url_decode(opened->token)->size() == 32);
  CHECK(opened->expires_at == clock.now() + std::chrono::hours(12));
  const auto key = "peyk:{kouh}:session:" + sha256_hex(opened->token);
  REQUIRE(redis.values.contains(key));
  CHECK(redis.values[key].find(opened->token) == std::string::npos);
  CHECK(redis.lifetimes[key] == "43200000");
  const auto session = find(opened->token);
  REQUIRE(session.has_value());
  CHECK(session->agent == AgentName("ani"));
}

TEST_CASE_FIXTURE(Fixture, "a wrong password, an unknown agent and one without a password are refused alike") {
  const auto wrong = log_in("ani", "Secret");
  const auto unknown = log_in("nobody", "secret");
  const auto without = log_in("ghost", "secret");
  for (const auto* result : {&wrong, &unknown, &without}) {
    REQUIRE_FALSE(result->has_value());
    CHECK(result->error().code == ErrorCode::unauthorized);
    CHECK(result->error().message == wrong.error().message);
  }
}

TEST_CASE_FIXTURE(Fixture, "failures of one agent from one address are throttled until the window has passed") {
  for (int failure = 0; failure < 3; ++failure) CHECK(refusal("ani", "x") == ErrorCode::unauthorized);
  CHECK(refusal("ani", "secret") == ErrorCode::throttled);
  CHECK(log_in("ani", "secret", "10.0.0.2").has_value());
  CHECK(log_in("bela", "secret").has_value());
  clock.advance(std::chrono::minutes(5) + Milliseconds(1));
  CHECK(log_in("ani", "secret").has_value());
}

TEST_CASE_FIXTURE(Fixture, "right passwords are never throttled and forgive the failures before them") {
  for (int round = 0; round < 5; ++round) {
    CHECK(refusal("ani", "x") == ErrorCode::unauthorized);
    CHECK(refusal("ani", "x") == ErrorCode::unauthorized);
    CHECK(log_in("ani", "secret").has_value());
    clock.advance(std::chrono::seconds(40));
  }
}

TEST_CASE_FIXTURE(Fixture, "an address that tries many agents is throttled for all of them") {
  for (int failure = 0; failure < 15; ++failure) refusal("agent" + std::to_string(failure), "x");
  CHECK(refusal("ani", "secret") == ErrorCode::throttled);
  CHECK(log_in("ani", "secret", "10.0.0.2").has_value());
}

TEST_CASE_FIXTURE(Fixture, "all of an IPv6 network that one household has is one address") {
  for (int i = 0; i < 3; ++i) {
    CHECK(log_in("ani", "x", "2001:db8:0:1::" + std::to_string(i)).error().code == ErrorCode::unauthorized);
  }
  CHECK(log_in("ani", "secret", "2001:db8:0:1:9::9").error().code == ErrorCode::throttled);
  CHECK(log_in("ani", "secret", "2001:db8:0:2::1").has_value());
}

TEST_CASE_FIXTURE(Fixture, "log-ins under way count: as many at once as may still fail, no more") {
  int refused = 0;
  int put_off = 0;
  TaskGroup tasks(loop.executor(), "log-ins");
  for (int i = 0; i < 10; ++i) tasks.spawn("log-in", try_in(*sessions, refused, put_off));
  loop.run(tasks.join());
  CHECK(refused == 3);
  CHECK(put_off == 7);
}

TEST_CASE_FIXTURE(Fixture, "a session ends by its time, by log-out, with its agent and with his password") {
  const auto token = log_in("ani", "secret")->token;
  SUBCASE("its time") {
    clock.advance(std::chrono::hours(12));
    CHECK(find(token).error().code == ErrorCode::unauthorized);
  }
  SUBCASE("log-out") {
    CHECK(loop.run(sessions->end(token)).has_value());
    CHECK(find(token).error().code == ErrorCode::unauthorized);
  }
  SUBCASE("its agent left the configuration") {
    config->agents.erase(AgentName("ani"));
    CHECK(find(token).error().code == ErrorCode::unauthorized);
  }
  SUBCASE("his password changed") {
    config->agents[AgentName("ani")].password_hash = Secret("$argon2id$other");
    CHECK(find(token).error().code == ErrorCode::unauthorized);
  }
}

TEST_CASE_FIXTURE(Fixture, "without the store nobody is logged in, out or found, and nobody is told he is unknown") {
  const auto token = log_in("ani", "secret")->token;
  redis.down = true;
  CHECK(refusal("ani", "secret") == ErrorCode::unavailable);
  CHECK(find(token).error().code == ErrorCode::unavailable);
  CHECK(loop.run(sessions->end(token)).error().code == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(Fixture, "what is no session's content is an unknown session") {
  redis.values["peyk:{kouh}:session:" + sha256_hex("t")] = "not json";
  CHECK(find("t").error().code == ErrorCode::unauthorized);
  CHECK(find("").error().code == ErrorCode::unauthorized);
  CHECK(find(std::string(5000, 'x')).error().code == ErrorCode::unauthorized);
}

TEST_CASE("a hashed password verifies, another does not, and what is no hash verifies nothing") {
  const auto hash = hash_password(Secret("correct horse"));
  REQUIRE(hash.has_value());
  CHECK(hash->starts_with("$argon2id$"));
  CHECK(verify_password(Secret(*hash), Secret("correct horse")));
  CHECK_FALSE(verify_password(Secret(*hash), Secret("correct horsf")));
  CHECK_FALSE(verify_password(Secret(""), Secret("")));
  CHECK_FALSE(verify_password(Secret("plain"), Secret("plain")));
}

}  // namespace peyk::daemon
