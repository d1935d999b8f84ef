// The Lua scripts compiled into the program.
#pragma once

#include <span>
#include <string_view>

namespace peyk::routing::store {

struct EmbeddedScript {
  std::string_view name;  // the file's stem: "receive" for receive.lua
  std::string_view text;  // with its includes resolved
};

/// Every script of routing/store, by name.
std::span<const EmbeddedScript> embedded_scripts();

}  // namespace peyk::routing::store
