// The manual of the configuration, from the tables that read it.
#include <fmt/format.h>

#include "config/loader.h"
#include "config/tables.h"

namespace peyk::config {
namespace {

class Manual {
 public:
  const std::string& text() const { return text_; }

  void section(const std::string& title, const TableInfo& table) {
    if (!title.empty()) text_ += fmt::format("\n## {}\n", title);
    if (!table.note.empty()) text_ += fmt::format("\n{}\n", table.note);
    text_ += "\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n";
    for (const auto& key : table.keys) row(key);
    for (const auto& key : table.keys) {
      for (const auto& inner : key.tables) {
        const auto path = title.empty() ? key.name : plain(title) + "." + key.name;
        section(fmt::format("`{}{}`", path, key.inside), *inner);
      }
    }
  }

 private:
  static std::string plain(const std::string& title) { return title.substr(1, title.size() - 2); }

  void row(const KeyInfo& key) {
    const auto fallback = key.fallback.empty() ? "–" : key.fallback;
    const auto* mark = key.reloads ? "" : " †";
    text_ += fmt::format("| `{}`{} | {} | {} | {} |\n", key.name, mark, key.type, fallback, key.meaning);
  }

  std::string text_;
};

}  // namespace

std::string describe() {
  Manual manual;
  manual.section({}, *config_table().info());
  return manual.text();
}

}  // namespace peyk::config
