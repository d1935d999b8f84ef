// A name for what routing depends on, so that two daemons with different rules notice.
#pragma once

#include <string>

#include "config/config.h"

namespace peyk::config {

/// 16 hex digits of SHA-256 over everything routing depends on, defaults included and spelling left out; the same on
/// every machine.
std::string config_version(const Config& config);

}  // namespace peyk::config
