// A declared table of keys for each part of the configuration: type, default, range and meaning stand once, and both
// the reader and the manual come from them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/context.h"

namespace peyk::config {

struct TableInfo;

/// One key as the manual shows it.
struct KeyInfo {
  std::string name;
  std::string type;
  std::string fallback;  // what holds without it; "required"
  std::string meaning;
  bool reloads = true;
  std::vector<std::shared_ptr<const TableInfo>> tables;  // of what is inside
  std::string inside;                                    // how a table inside is reached: "", ".NAME", "[]"
};

struct TableInfo {
  std::string note;   // what the keys together mean; may be empty
  std::string label;  // tells it from others at the same place: "kind: chat"
  std::vector<KeyInfo> keys;
};

/// Its keys and those of the tables inside, with type, default, range and meaning, in Markdown.
std::string describe(const TableInfo& table);

/// How a value is read and shown. `read` reports what is wrong and gives nothing then.
template <typename V>
struct Type {
  std::string name;
  std::function<std::optional<V>(Context&, const Node&)> read;
  std::function<std::string(const V&)> show = [](const V&) { return std::string(); };
  std::vector<std::shared_ptr<const TableInfo>> tables;
  std::string inside;
};

/// The keys of one map, read into a T. Keys that are not declared, are missing though required, or are wrong are
/// reported, each at its place; the others are read all the same.
template <typename T>
class Table {
 public:
  using Read = std::function<void(Context&, const Node&, T&)>;

  explicit Table(std::string note = {}, T prototype = {})
      : prototype_(std::move(prototype)), info_(std::make_shared<TableInfo>()) {
    info_->note = std::move(note);
  }

  /// Tells this table from others that stand at the same place.
  Table& labelled(std::string label) {
    info_->label = std::move(label);
    return *this;
  }

  /// `access` is a member pointer, or gives a reference to where the value goes.
  template <typename V, typename Access>
  Table& key(std::string name, const Type<V>& type, Access access, std::string meaning) {
    auto info = info_of(std::move(name), type, std::move(meaning));
    T shown = prototype_;
    info.fallback = show_fallback(type, std::invoke(access, shown));
    add(std::move(info), reader(type, access), false);
    return *this;
  }

  template <typename V, typename Access>
  Table& required(std::string name, const Type<V>& type, Access access, std::string meaning) {
    auto info = info_of(std::move(name), type, std::move(meaning));
    info.fallback = "required";
    add(std::move(info), reader(type, access), true);
    return *this;
  }

  /// A key read by a function of its own.
  Table& custom(KeyInfo info, Read read, bool required = false) {
    add(std::move(info), std::move(read), required);
    return *this;
  }

  /// Keys that begin with `prefix`; `read` gets the rest of the key.
  Table& prefixed(std::string prefix, KeyInfo info,
                  std::function<void(Context&, const std::string&, const Member&, T&)> read) {
    info_->keys.push_back(std::move(info));
    prefix_ = std::move(prefix);
    read_prefixed_ = std::move(read);
    return *this;
  }

  /// The key declared last takes effect at the next start only.
  Table& at_restart() {
    info_->keys.back().reloads = false;
    return *this;
  }

  /// The key declared last has this default, which is not a value of the struct.
  Table& by_default(std::string text) {
    info_->keys.back().fallback = std::move(text);
    return *this;
  }

  std::shared_ptr<const TableInfo> info() const { return info_; }
  const T& prototype() const { return prototype_; }

  void read(Context& context, const Node& node, T& into) const {
    if (node.kind != Node::Kind::map && node.kind != Node::Kind::null) {
      context.error(node.mark, "expected keys and values here");
      return;
    }
    for (const auto& member : node.members) read_member(context, member, into);
    for (const auto& entry : entries_) {
      if (!entry.required) continue;
      const auto* given = node.find(entry.name);
      if (given == nullptr || given->value->kind == Node::Kind::null) {
        context.error(given == nullptr ? node.mark : given->mark, "\"" + entry.name + "\" is missing");
      }
    }
  }

 private:
  struct Entry {
    std::string name;
    Read read;
    bool required;
  };

  template <typename V>
  static KeyInfo info_of(std::string name, const Type<V>& type, std::string meaning) {
    return KeyInfo{std::move(name), type.name, {}, std::move(meaning), true, type.tables, type.inside};
  }

  template <typename V, typename Value>
  static std::string show_fallback(const Type<V>& type, const Value& value) {
    if constexpr (std::is_same_v<Value, std::optional<V>>) {
      return value ? type.show(*value) : std::string();
    } else {
      return type.show(value);
    }
  }

  template <typename V, typename Access>
  static Read reader(const Type<V>& type, Access access) {
    return [read = type.read, access](Context& context, const Node& node, T& into) {
      auto value = read(context, node);
      if (!value) return;
      V& accepted = *value;
      std::invoke(access, into) = std::move(accepted);
    };
  }

  void add(KeyInfo info, Read read, bool required) {
    entries_.push_back(Entry{info.name, std::move(read), required});
    info_->keys.push_back(std::move(info));
  }

  void read_member(Context& context, const Member& member, T& into) const {
    for (const auto& entry : entries_) {
      if (entry.name != member.key) continue;
      if (member.value->kind != Node::Kind::null) entry.read(context, *member.value, into);
      return;
    }
    if (!prefix_.empty() && member.key.starts_with(prefix_) && member.key.size() > prefix_.size()) {
      read_prefixed_(context, member.key.substr(prefix_.size()), member, into);
      return;
    }
    const auto names = std::views::transform(entries_, &Entry::name);
    std::vector<std::string> known(names.begin(), names.end());
    if (!prefix_.empty()) known.push_back(prefix_ + "NAME");
    context.unknown(member.mark, "key", member.key, known);
  }

  T prototype_;
  std::shared_ptr<TableInfo> info_;
  std::vector<Entry> entries_;
  std::string prefix_;
  std::function<void(Context&, const std::string&, const Member&, T&)> read_prefixed_;
};

/// A map of declared keys as a value. `table` outlives the type.
template <typename T>
Type<T> object(const Table<T>& table) {
  Type<T> type;
  type.name = "keys";
  type.tables = {table.info()};
  type.read = [&table](Context& context, const Node& node) {
    auto value = table.prototype();
    table.read(context, node, value);
    return std::optional<T>(std::move(value));
  };
  return type;
}

}  // namespace peyk::config
