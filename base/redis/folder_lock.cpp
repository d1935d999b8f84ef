#include "base/redis/folder_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/async/deadline.h"

namespace peyk::redis {

FolderLock::~FolderLock() {
  if (fd_ >= 0) close(fd_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

asio::awaitable<Result<FolderLock>> FolderLock::acquire(std::filesystem::path folder, std::chrono::milliseconds limit) {
  const auto path = folder / "lock";
  FolderLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.fd_ < 0) {
    const auto reason = std::generic_category().message(errno);
    co_return fail(ErrorCode::unavailable, fmt::format("cannot open {}: {}", path.string(), reason));
  }
  // flock(2) would block the loop; its holder is mostly a server that is just being killed, so that a short pause does.
  constexpr std::chrono::milliseconds kPause{10};
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= deadline) {
      co_return fail(ErrorCode::unavailable,
                     fmt::format("another redis-server still uses {} (it holds the file lock there)", folder.string()));
    }
    co_await sleep_for(kPause);
  }
  co_return std::move(lock);
}

}  // namespace peyk::redis
