// Reads a configuration file into a Config, or says everything that is wrong with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace peyk::config {

enum class Severity : std::uint8_t { error, warning };

struct Problem {
  std::string file;
  int line = 0;  // from 1; 0: the file as a whole
  int column = 0;
  std::string message;
  Severity severity = Severity::error;
};
/// "peyk.yaml:31:5: message", with "warning: " before the message of a warning.
std::string to_string(const Problem& problem);

/// A key that is set though what it asks for is not built: for the log at start and the health issue `not_yet`.
struct NotYet {
  std::string key;  // "channels.support-mail.imap"
  std::string message;
};

struct LoadOptions {
  std::filesystem::path credentials_directory;  // systemd's $CREDENTIALS_DIRECTORY; empty: none
  bool secrets_required = true;                 // a missing secret file is an error; else a warning
  /// Dotted path → scalar or flow-style YAML, set before validation: {"http.listen", "[127.0.0.1:9000]"}.
  std::map<std::string, std::string> overrides;
};

struct LoadResult {
  ConfigPtr config;               // null exactly when there is an error
  std::vector<Problem> problems;  // by line and column
  std::vector<NotYet> not_yet;    // also among `problems`, as warnings

  bool ok() const { return config != nullptr; }
};

/// Never throws for what the file says; a file that cannot be read is a problem too. Blocking reads of the file and
/// its secrets; one thread.
LoadResult load(const std::filesystem::path& file, const LoadOptions& options);

/// The same from memory; `file` is for messages and for the folder where secrets are looked up.
LoadResult load_text(std::string_view text, const std::filesystem::path& file, const LoadOptions& options);

/// Every key with type, default, range and meaning, in Markdown: the body of docs/configuration.md.
std::string describe();

}  // namespace peyk::config
