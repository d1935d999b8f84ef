#include "routing/blobs.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::routing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHexDigits = 64;

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::unexpected<Error> disk_error(std::string_view what, const fs::path& path, int error) {
  return fail(ErrorCode::unavailable, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error)));
}

Result<> sync_folder(const fs::path& folder) {
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file || ::fsync(file.fd()) != 0) return disk_error("sync", folder, errno);
  return {};
}

Result<> write_all(const File& file, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const auto written = ::write(file.fd(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return disk_error("write", path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.fd()) != 0) return disk_error("sync", path, errno);
  return {};
}

/// The 64 hex digits of an id; empty for anything else, so that no id ever becomes a path of its own.
std::string_view digest_of(const BlobId& id) {
  std::string_view text = id.str();
  if (!text.starts_with("b_")) return {};
  text.remove_prefix(2);
  const bool hex = text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return hex && text.size() == kHexDigits ? text : std::string_view();
}

struct Stored {
  BlobId id;
  bool written = false;  // or it was there already
};

/// The files; used by threads of the pool.
class Folder {
 public:
  explicit Folder(fs::path root) : root_(std::move(root)) {}

  Result<Stored> put(const std::string& content) {
    const auto digest = sha256_hex(content);
    const auto folder = root_ / digest.substr(0, 2);
    const auto path = folder / digest;
    if (const auto made = make_folder(folder, digest); !made) return std::unexpected(made.error());
    // A file that was there counts as stored now, for whoever removes what nobody names.
    const bool there = ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0;
    if (!there) {
      if (const auto written = write_file(folder, path, content); !written) return std::unexpected(written.error());
    }
    // Also for a file that was there: whoever renamed it may not have come to this yet.
    if (const auto synced = sync_folder(folder); !synced) return std::unexpected(synced.error());
    return Stored{BlobId("b_" + digest), !there};
  }

  Result<std::string> get(const BlobId& id) const {
    const auto digest = digest_of(id);
    if (digest.empty()) return fail(ErrorCode::not_found, "there is no such attachment");
    const auto path = root_ / digest.substr(0, 2) / digest;
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno == ENOENT) return fail(ErrorCode::not_found, "there is no such attachment");
    if (!file) return disk_error("open", path, errno);
    auto content = read_all(file, path);
    if (content && sha256_hex(*content) != digest) {
      return fail(ErrorCode::internal,
                  fmt::format("{} is damaged: its content is not what its name says", path.string()));
    }
    return content;
  }

  Result<> keep(const std::vector<BlobId>& ids) const {
    for (const auto& id : ids) {
      const auto digest = digest_of(id);
      const auto path = root_ / digest.substr(0, 2) / digest;
      if (!digest.empty() && ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0) continue;
      if (!digest.empty() && errno != ENOENT) return disk_error("keep", path, errno);
      return fail(ErrorCode::unprocessable, "an attachment is here no longer: upload it again",
                  {{"attachments", "one is here no longer: upload it again"}});
    }
    return {};
  }

 private:
  static Result<std::string> read_all(const File& file, const fs::path& path) {
    struct stat info{};
    if (::fstat(file.fd(), &info) != 0) return disk_error("read", path, errno);
    std::string content(static_cast<std::size_t>(info.st_size), '\0');
    for (std::size_t at = 0; at < content.size();) {
      const auto got = ::read(file.fd(), content.data() + at, content.size() - at);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return disk_error("read", path, errno);
      if (got == 0) return fail(ErrorCode::internal, fmt::format("{} became shorter while it was read", path.string()));
      at += static_cast<std::size_t>(got);
    }
    return content;
  }

  /// Makes the folder of a digest last; once a run, since another process may have made it and died before.
  Result<> make_folder(const fs::path& folder, const std::string& digest) {
    auto& lasting = lasting_.at(std::stoul(digest.substr(0, 2), nullptr, 16));
    if (lasting) return {};
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return disk_error("make", folder, error.value());
    if (const auto synced = sync_folder(root_.parent_path()); !synced) return synced;
    if (const auto synced = sync_folder(root_); !synced) return synced;
    lasting = true;
    return {};
  }

  static Result<> write_file(const fs::path& folder, const fs::path& path, const std::string& content) {
    auto temporary = (folder / ".new-XXXXXX").string();
    const File file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file) return disk_error("make a file in", folder, errno);
    auto result = write_all(file, content, path);
    if (result && ::rename(temporary.c_str(), path.c_str()) != 0) result = disk_error("rename to", path, errno);
    if (!result) ::unlink(temporary.c_str());
    return result;
  }

  fs::path root_;
  std::array<std::atomic<bool>, 256> lasting_{};
};

class FileBlobs : public Blobs {
 public:
  FileBlobs(WorkerPool& pool, fs::path folder) : pool_(pool), folder_(std::make_shared<Folder>(std::move(folder))) {}

  asio::awaitable<Result<BlobId>> put(std::string content) override {
    const auto bytes = content.size();
    auto put = co_await pool_.run([folder = folder_, body = std::move(content)] { return folder->put(body); });
    note(put, bytes);
    if (!put) co_return std::unexpected(std::move(put.error()));
    co_return std::move(put->id);
  }

  asio::awaitable<Result<std::string>> get(BlobId id) override {
    co_return co_await pool_.run([folder = folder_, wanted = std::move(id)] { return folder->get(wanted); });
  }

  asio::awaitable<Result<>> keep(std::vector<BlobId> ids) override {
    co_return co_await pool_.run([folder = folder_, wanted = std::move(ids)] { return folder->keep(wanted); });
  }

  Trouble trouble() const override { return trouble_; }

 private:
  /// `bytes`: of what was to be written.
  void note(const Result<Stored>& put, std::size_t bytes) {
    if (put) {
      // What was there already needed no room.
      if (!put->written || bytes < unwritten_) return;
      trouble_.why.clear();
      unwritten_ = 0;
    } else if (put.error().code == ErrorCode::unavailable) {
      trouble_.why = put.error().message;
      ++trouble_.times;
      unwritten_ = std::max(unwritten_, bytes);
    }
  }

  WorkerPool& pool_;
  std::shared_ptr<Folder> folder_;
  Trouble trouble_;
  std::size_t unwritten_ = 0;  // bytes of the largest that the trouble kept out
};

}  // namespace

std::unique_ptr<Blobs> create_blobs(WorkerPool& pool, fs::path folder) {
  return std::make_unique<FileBlobs>(pool, std::move(folder));
}

}  // namespace peyk::routing
