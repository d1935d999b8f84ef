// Writes mails into a maildir instead of sending them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace peyk::channels::email {

/// Puts one mail into `folder`/new, durably (file and folder synced). The same `message_id` twice is one file: a
/// repeated delivery replaces it. Makes the folders as needed. Blocks: run it on the pool.
Result<> deliver_to_maildir(const std::filesystem::path& folder, std::string_view message_id, std::string_view bytes);

}  // namespace peyk::channels::email
