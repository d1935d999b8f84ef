#include "channels/email/maildir.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::channels::email {
namespace {

namespace fs = std::filesystem;

class FileDescriptor {
 public:
  FileDescriptor(const fs::path& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~FileDescriptor() {
    if (value_ >= 0) ::close(value_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

std::unexpected<Error> failed(std::string_view what, const fs::path& path) {
  return fail(ErrorCode::unavailable, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)));
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<> deliver_to_maildir(const fs::path& folder, std::string_view message_id, std::string_view bytes) {
  std::error_code error;
  for (const auto* part : {"tmp", "new", "cur"}) {
    fs::create_directories(folder / part, error);
    if (error)
      return fail(ErrorCode::unavailable, fmt::format("cannot make {}: {}", (folder / part).string(), error.message()));
  }
  const auto name = sha256_hex(message_id).substr(0, 40) + ".peyk";
  const auto temporary = folder / "tmp" / fmt::format("{}.{}", name, ::getpid());
  {
    const FileDescriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.get() < 0) return failed("write", temporary);
    if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0) return failed("write", temporary);
  }
  fs::rename(temporary, folder / "new" / name, error);
  if (error)
    return fail(ErrorCode::unavailable, fmt::format("cannot move mail into {}: {}", folder.string(), error.message()));
  const FileDescriptor parent(folder / "new", O_RDONLY | O_DIRECTORY);
  if (parent.get() < 0 || ::fsync(parent.get()) != 0) return failed("sync", folder / "new");
  return {};
}

}  // namespace peyk::channels::email
