#include "routing/simulation/scratch_store.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "base/redis/private_server.h"
#include "routing/store/runner.h"

namespace peyk::routing::simulation {
namespace {

constexpr auto kStartLimit = std::chrono::seconds(20);
constexpr auto kStopLimit = std::chrono::seconds(5);
constexpr auto kCallTimeout = std::chrono::minutes(1);  // of a batch, on a machine that does much else

/// A fresh folder, mode 0700; empty when there can be none.
std::filesystem::path make_folder() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  if (error) return {};
  std::string name = (parent / "peyk-simulation-XXXXXX").string();
  return mkdtemp(name.data()) == nullptr ? std::filesystem::path() : std::filesystem::path(name);
}

class PrivateScratchStore : public ScratchStore {
 public:
  PrivateScratchStore(const asio::any_io_executor& executor, std::filesystem::path folder)
      : folder_(std::move(folder)),
        server_(redis::create_private_server(executor, {.folder = folder_, .keep = false, .least_free_bytes = 0})),
        executor_(executor) {}
  ~PrivateScratchStore() override { remove_folder(); }

  asio::awaitable<Result<>> start() {
    const auto started = co_await server_->start(kStartLimit);
    if (!started) co_return started;
    redis::ClientOptions options;
    options.endpoint.unix_path = server_->socket_path();
    options.timeout = kCallTimeout;
    client_ = redis::create_client(executor_, options);
    client_->start(store::all_scripts());
    const bool connected = co_await client_->wait_connected(kStartLimit);
    if (!connected) co_return fail(ErrorCode::unavailable, "the simulation's redis-server: " + client_->last_error());
    co_return Result<>();
  }

  redis::Client& client() override { return *client_; }

  asio::awaitable<void> stop() override {
    if (client_) co_await client_->stop();
    co_await server_->stop(kStopLimit);
    remove_folder();
  }

 private:
  void remove_folder() {
    std::error_code ignored;  // what cannot be removed stays among the temporary files
    std::filesystem::remove_all(folder_, ignored);
  }

  std::filesystem::path folder_;
  std::unique_ptr<redis::PrivateServer> server_;
  asio::any_io_executor executor_;
  std::unique_ptr<redis::Client> client_;
};

}  // namespace

asio::awaitable<Result<std::unique_ptr<ScratchStore>>> start_scratch_store() {
  auto folder = make_folder();
  if (folder.empty()) co_return fail(ErrorCode::unavailable, "cannot make a temporary folder for the simulation");
  const auto executor = co_await asio::this_coro::executor;
  auto store = std::make_unique<PrivateScratchStore>(executor, std::move(folder));
  const auto started = co_await store->start();
  if (started) co_return std::unique_ptr<ScratchStore>(std::move(store));
  co_await store->stop();
  co_return std::unexpected(started.error());
}

}  // namespace peyk::routing::simulation
