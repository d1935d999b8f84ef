// Agents' passwords: argon2id hashes.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace peyk::daemon {

/// "$argon2id$…" with libsodium's interactive cost (64 MiB, some tens of milliseconds). `unavailable` without memory.
Result<std::string> hash_password(const Secret& password);

/// Blocks for some tens of milliseconds: run it on a WorkerPool. False for a hash that is none.
bool verify_password(const Secret& hash, const Secret& password);

}  // namespace peyk::daemon
