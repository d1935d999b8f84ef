// The lock of a folder that only one server may use.
#pragma once

#include <chrono>
#include <filesystem>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace peyk::redis {

namespace asio = boost::asio;

/// An flock(2) on `folder`/lock. It is held until all copies of the descriptor are closed: a child that inherited one
/// goes on holding it when this object, or this whole process, is gone.
class FolderLock {
 public:
  FolderLock() = default;
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

  /// Waits while another holds it; `unavailable` when `limit` has passed.
  static asio::awaitable<Result<FolderLock>> acquire(std::filesystem::path folder, std::chrono::milliseconds limit);

  int fd() const { return fd_; }

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace peyk::redis
