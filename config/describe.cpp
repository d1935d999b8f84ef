// The manual of the configuration, from the tables that read it.
#include <fmt/format.h>

#include "config/loader.h"
#include "config/schema.h"
#include "config/tables.h"

namespace peyk::config {
namespace {

class Manual {
 public:
  const std::string& text() const { return text_; }

  /// `path` is empty for the whole; `label` tells variants of a path apart, down to what is inside of them.
  void section(const std::string& path, const std::string& label, const TableInfo& table) {
    if (!path.empty()) text_ += fmt::format("\n## `{}`{}\n", path, label.empty() ? "" : " (" + label + ")");
    if (!table.note.empty()) text_ += fmt::format("\n{}\n", table.note);
    text_ += "\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n";
    for (const auto& key : table.keys) row(key);
    for (const auto& key : table.keys) {
      const auto inside = path.empty() ? key.name + key.inside : path + "." + key.name + key.inside;
      for (const auto& inner : key.tables) section(inside, inner->label.empty() ? label : inner->label, *inner);
    }
  }

 private:
  void row(const KeyInfo& key) {
    const auto fallback = key.fallback.empty() ? "–" : key.fallback;
    const auto* mark = key.reloads ? "" : " †";
    text_ += fmt::format("| `{}`{} | {} | {} | {} |\n", key.name, mark, key.type, fallback, key.meaning);
  }

  std::string text_;
};

}  // namespace

std::string describe(const TableInfo& table) {
  Manual manual;
  manual.section({}, {}, table);
  return manual.text();
}

std::string describe() {
  return describe(*config_table().info());
}

}  // namespace peyk::config
