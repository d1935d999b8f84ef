#include "base/net/read_buffer.h"

#include <algorithm>
#include <cstring>

namespace peyk::net {
namespace {

constexpr std::size_t kSmall = 4096;
constexpr std::size_t kBulk = std::size_t{64} << 10U;
constexpr std::size_t kLeastRoom = 1024;

}  // namespace

void ReadBuffer::consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == end_) clear();
}

boost::asio::mutable_buffer ReadBuffer::prepare(bool bulk) {
  const auto wanted = bulk && capacity_ < kBulk ? kBulk : std::max(capacity_, kSmall);
  if (wanted > capacity_) resize(wanted);
  if (capacity_ - end_ < kLeastRoom) {
    const auto kept = end_ - begin_;
    if (capacity_ - kept < kLeastRoom) {
      resize(capacity_ * 2);
    } else {
      std::memmove(storage_.get(), storage_.get() + begin_, kept);
      begin_ = 0;
      end_ = kept;
    }
  }
  return boost::asio::buffer(storage_.get() + end_, capacity_ - end_);
}

void ReadBuffer::release() {
  if (capacity_ > kSmall && empty()) {
    storage_.reset();
    capacity_ = 0;
  }
}

void ReadBuffer::resize(std::size_t capacity) {
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  const auto kept = end_ - begin_;
  if (kept > 0) std::memcpy(larger.get(), storage_.get() + begin_, kept);
  storage_ = std::move(larger);
  capacity_ = capacity;
  begin_ = 0;
  end_ = kept;
}

}  // namespace peyk::net
