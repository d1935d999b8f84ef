// Reloads that change what a channel listens at.
#include <filesystem>

#include <boost/asio/ip/tcp.hpp>
#include <boost/json.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/async/task_group.h"
#include "tests/support/daemon_house.h"

namespace peyk::daemon {
namespace {

using asio::ip::tcp;
using net::Method;

constexpr auto kForm = "  contact-form: {kind: form}\n";

asio::awaitable<void> reload_beside(Application& application, std::vector<bool>& taken) {
  const auto report = co_await application.reload();
  taken.push_back(report.has_value());
}

struct Fixture : test::DaemonFixture {
  test::TempFolder folder;

  /// A mail channel beside the form.
  std::string mail(const std::string& listen, const std::string& limit = "1MiB") const {
    return fmt::format(
        "{}  mail: {{kind: email, address: s@desk.test, lmtp: {{listen: \"{}\"}}, smtp: {{url: \"maildir:{}\"}}, "
        "limits: {{message: {}}}}}\n",
        kForm, listen, (folder.path() / "out").string(), limit);
  }
  static std::string local(std::uint16_t port) { return fmt::format("tcp:127.0.0.1:{}", port); }
  std::string status_of_mail() {
    const auto checks = house.json(house.ask(Method::get, "/health")).at("checks").as_object();
    const auto* check = checks.if_contains("channel:mail");
    return check == nullptr ? "absent" : std::string(check->at("status").as_string());
  }
  bool listens(std::uint16_t port) {
    tcp::socket socket(loop.executor());
    boost::system::error_code error;
    socket.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port), error);
    return !error;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a key that waits for the restart changes nothing before it, and is named at each reload") {
  house.start();
  const auto token = house.log_in("ani");
  house.edit("desk: test", "desk: other");
  for (int i = 0; i < 2; ++i) {
    const auto report = house.json(reload());
    REQUIRE(report.at("needs_restart").as_array().size() == 1);
    CHECK(report.at("needs_restart").at(0) == "desk");
  }
  CHECK(house.ask(Method::get, "/api/v1/me", "", token).status == 200);
  const auto uploaded = house.ask(Method::post, "/api/v1/attachments?name=a.txt", "{}", token);
  CHECK(uploaded.status == 201);
}

TEST_CASE_FIXTURE(Fixture, "of two reloads at once the second waits for the first, and both are told what came of it") {
  house.start();
  std::vector<bool> taken;
  TaskGroup asking(loop.executor(), "reloads");
  for (int i = 0; i < 2; ++i) asking.spawn("reload", reload_beside(house.application(), taken));
  loop.run(asking.join());
  CHECK(taken == std::vector<bool>{true, true});
}

TEST_CASE_FIXTURE(Fixture, "a mail listener that cannot be moved: the reload is refused, and it stays where it was") {
  const auto port = test::free_port();
  house.edit(kForm, mail(local(port)));
  house.start();
  tcp::acceptor taken(loop.context(), tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  const auto elsewhere = taken.local_endpoint().port();
  house.edit(local(port), local(elsewhere));
  house.edit("capacity: 5}\n  bela", "capacity: 7}\n  bela");
  const auto refused = reload();
  CHECK(refused.status == 422);
  CHECK(refused.body.find(std::to_string(elsewhere)) != std::string::npos);
  CHECK(house.wait_for_issue("config.reload_failed"));
  CHECK(listens(port));
  CHECK(status_of_mail() == "pass");
  CHECK(house.json(house.ask(Method::get, "/api/v1/me", "", house.log_in("ani"))).at("capacity") == 5);
  taken.close();
  CHECK(reload().status == 200);
  CHECK(listens(elsewhere));
  CHECK_FALSE(listens(port));
}

TEST_CASE_FIXTURE(Fixture,
                  "a listener that is lost while it is built anew stays in sight, and the next reload tries again") {
  const auto sockets = folder.path() / "sockets";
  std::filesystem::create_directory(sockets);
  const auto listen = "unix:" + (sockets / "lmtp").string();
  house.edit(kForm, mail(listen));
  house.start();
  CHECK(status_of_mail() == "pass");
  std::filesystem::remove_all(sockets);
  house.edit("message: 1MiB", "message: 2MiB");
  const auto taken = reload();
  CHECK(taken.status == 200);
  CHECK(taken.body.find("cannot listen") != std::string::npos);
  CHECK(house.wait_for_issue("channel.closed"));
  CHECK(status_of_mail() == "fail");
  std::filesystem::create_directory(sockets);
  CHECK(reload().status == 200);
  CHECK(house.wait_for_issue("channel.closed", false));
  CHECK(status_of_mail() == "pass");
}

}  // namespace peyk::daemon
