// The bytes of a connection that are read and not yet understood.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <boost/asio/buffer.hpp>

namespace peyk::net {

/// Grows as it must, and gives large room back when empty: thousands of idle connections hold one each.
class ReadBuffer {
 public:
  std::string_view data() const { return {storage_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t bytes);
  void clear() { begin_ = end_ = 0; }

  /// Room to read into, at least 1 KiB; `bulk` when much is to come.
  boost::asio::mutable_buffer prepare(bool bulk);
  void commit(std::size_t bytes) { end_ += bytes; }

  /// Between requests: back to a small size, unless bytes are left.
  void release();

 private:
  void resize(std::size_t capacity);

  std::unique_ptr<char[]> storage_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace peyk::net
