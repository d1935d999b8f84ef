// The Redis library compiled into the program: its functions are the scripts of routing/store.
#pragma once

#include <span>
#include <string_view>

namespace peyk::routing::store {

/// Every script of routing/store, in order: "receive" for receive.lua.
std::span<const std::string_view> script_names();

/// The text for FUNCTION LOAD; its functions are called LIBRARY_SCRIPT.
std::string_view script_library();

}  // namespace peyk::routing::store
