// What the readers of one load share: the problems found, the names referred to, where secrets lie.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "config/yaml_tree.h"

namespace peyk::config {

/// What a name may refer to.
enum class Reference : std::uint8_t { hours, skill, queue, channel, agent };
inline constexpr int kReferences = 5;

class Context {
 public:
  Context(std::filesystem::path file, LoadOptions options, std::vector<Problem>& problems)
      : file_(std::move(file)), options_(std::move(options)), problems_(problems) {}

  void error(const Mark& mark, std::string message);
  void warning(const Mark& mark, std::string message);
  /// "unknown key "quue"; did you mean "queue"?"
  void unknown(const Mark& mark, std::string_view what, const std::string& name, const std::vector<std::string>& known);

  void define(Reference kind, const std::string& name);
  void refer(Reference kind, const std::string& name, const Mark& mark);
  /// Reports every name that was referred to and never defined.
  void check_references();

  /// An absolute path, or a name looked up in the credentials directory and then beside the configuration. A trailing
  /// newline is dropped. Reports what is missing or unreadable.
  std::optional<Secret> read_secret(const Mark& mark, const std::string& name);

 private:
  struct Use {
    Reference kind;
    std::string name;
    Mark mark;
  };

  std::filesystem::path file_;
  LoadOptions options_;
  std::vector<Problem>& problems_;
  std::set<std::string> defined_[kReferences];
  std::vector<Use> uses_;
};

/// The one of `known` that `name` most likely was meant to be; empty when none is near.
std::string nearest(const std::string& name, const std::vector<std::string>& known);

}  // namespace peyk::config
