// Configurations for tests: the least one that loads, and ways to change it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/loader.h"

namespace peyk::test {

/// A desk with one chat, one queue, one catch-all route and one agent; 13 lines and the agent.
std::string minimal();

/// `minimal()` with `from` replaced by `to`; throws when `from` is not in it.
std::string minimal_with(std::string_view from, std::string_view to);

/// Loads `text` as peyk.yaml, missing secrets being warnings.
config::LoadResult load_lenient(std::string_view text);

/// Loads `text`, which must be right; throws with the errors when it is not.
config::ConfigPtr load_right(std::string_view text);

/// The problems as they are printed, without the word "warning: ".
std::vector<std::string> errors_of(const config::LoadResult& result);
std::vector<std::string> warnings_of(const config::LoadResult& result);

}  // namespace peyk::test
