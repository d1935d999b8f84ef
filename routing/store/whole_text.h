// Replies that a script hands on in pieces.
#pragma once

#include <string>

#include "base/redis/reply.h"

namespace peyk::routing::store {

/// A script's reply as one text: those that show messages come as an array of the texts that it is made of.
inline redis::Reply whole_text(redis::Reply reply) {
  if (!reply.is_array()) return reply;
  redis::Reply whole;
  whole.kind = redis::Reply::Kind::text;
  std::size_t bytes = 0;
  for (const auto& item : reply.items) bytes += item.text.size();
  whole.text.reserve(bytes);
  for (const auto& item : reply.items) whole.text += item.text;
  return whole;
}

}  // namespace peyk::routing::store
