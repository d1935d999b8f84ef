// The composition root: builds every part of the daemon in order, reloads it, and takes it down in order.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "config/loader.h"
#include "daemon/api.h"
#include "daemon/options.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// One thread: that of `executor`.
class Application {
 public:
  virtual ~Application() = default;

  /// Returns when messages are taken; throws, naming the part, when something but the store refuses to start. While
  /// the store is not there it waits for it, and /health, /livez and /readyz are answered meanwhile.
  virtual asio::awaitable<void> start() = 0;

  /// Loads the configuration again and swaps it, or keeps the old one and says why (`unprocessable` with the place and
  /// message of each error). One at a time: it waits for another that is under way. Cancelled, it may have written a
  /// part of the roster, which the next reload or start makes up for.
  virtual asio::awaitable<Result<ReloadReport>> reload() = 0;

  /// Drains: stops accepting, lets what is under way end, flushes, closes the store. Bounded by kDrainLimit.
  virtual asio::awaitable<void> stop() = 0;

  /// The HTTP ports bound, in the order of `http.listen`.
  virtual std::vector<std::uint16_t> ports() const = 0;
};

inline constexpr std::chrono::milliseconds kDrainLimit{9'500};

/// `loaded` must be ok.
std::unique_ptr<Application> create_application(asio::any_io_executor executor, Options options,
                                                config::LoadResult loaded);

}  // namespace peyk::daemon
