// Bytes in, replies out: hiredis' reader behind a type that owns it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/redis/reply.h"

namespace peyk::redis {

/// Reads RESP2. An error is final: what follows on that connection has no meaning any more.
class ReplyParser {
 public:
  /// `limit_bytes` bounds what one reply may take in memory: a larger one is read past and becomes an error reply.
  explicit ReplyParser(std::size_t limit_bytes);
  ~ReplyParser();
  ReplyParser(ReplyParser&&) noexcept;
  ReplyParser& operator=(ReplyParser&&) noexcept;

  void feed(std::string_view bytes);

  /// The next whole reply, nothing when more bytes are needed; `invalid` when the bytes are not RESP, or announce what
  /// nobody would send (a line of over 64 KiB, a text over a gigabyte, one over the limit within an array).
  Result<std::optional<Reply>> next();

  /// Whether bytes of a reply not yet whole are held.
  bool in_the_middle() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peyk::redis
