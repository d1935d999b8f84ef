// A declared table of keys for each part of the configuration: type, default, range and meaning stand once, and both
// the reader and the manual come from them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
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

/// What a table does whatever it is read into: that part is compiled once, not for each type.
class UntypedTable {
 public:
  explicit UntypedTable(std::string note);

  std::shared_ptr<const TableInfo> info() const { return info_; }

 protected:
  /// `into` is the struct of the table that the reader was added to.
  using ReadUntyped = std::function<void(Context&, const Node&, void* into)>;
  using ReadPrefixed = std::function<void(Context&, const std::string&, const Member&, void* into)>;

  void add(KeyInfo info, ReadUntyped read, bool required);
  void add_prefixed(std::string prefix, KeyInfo info, ReadPrefixed read);
  void read_untyped(Context& context, const Node& node, void* into) const;
  TableInfo& own_info() { return *info_; }

 private:
  struct Entry {
    std::string name;
    ReadUntyped read;
    bool required;
  };

  void read_member(Context& context, const Member& member, void* into) const;

  std::shared_ptr<TableInfo> info_;
  std::vector<Entry> entries_;
  std::string prefix_;
  ReadPrefixed read_prefixed_;
};

/// The keys of one map, read into a T. Keys that are not declared, are missing though required, or are wrong are
/// reported, each at its place; the others are read all the same.
template <typename T>
class Table : public UntypedTable {
 public:
  using Read = std::function<void(Context&, const Node&, T&)>;

  explicit Table(std::string note = {}, T prototype = {})
      : UntypedTable(std::move(note)), prototype_(std::move(prototype)) {}

  /// Tells this table from others that stand at the same place.
  Table& labelled(std::string label) {
    own_info().label = std::move(label);
    return *this;
  }

  /// `access` is a member pointer, or gives a reference to where the value goes.
  template <typename V, typename Access>
  Table& key(std::string name, const Type<V>& type, Access access, std::string meaning) {
    auto info = info_of(std::move(name), type, std::move(meaning));
    info.fallback = show_fallback(type, std::invoke(access, prototype_));
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
    add(
        std::move(info),
        [read = std::move(read)](Context& context, const Node& node, void* into) {
          read(context, node, *static_cast<T*>(into));
        },
        required);
    return *this;
  }

  /// Keys that begin with `prefix`; `read` gets the rest of the key.
  Table& prefixed(std::string prefix, KeyInfo info,
                  std::function<void(Context&, const std::string&, const Member&, T&)> read) {
    add_prefixed(std::move(prefix), std::move(info),
                 [read = std::move(read)](Context& context, const std::string& rest, const Member& member, void* into) {
                   read(context, rest, member, *static_cast<T*>(into));
                 });
    return *this;
  }

  /// The key declared last takes effect at the next start only.
  Table& at_restart() {
    own_info().keys.back().reloads = false;
    return *this;
  }

  /// The key declared last has this default, which is not a value of the struct.
  Table& by_default(std::string text) {
    own_info().keys.back().fallback = std::move(text);
    return *this;
  }

  const T& prototype() const { return prototype_; }

  void read(Context& context, const Node& node, T& into) const { read_untyped(context, node, &into); }

 private:
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
  static ReadUntyped reader(const Type<V>& type, Access access) {
    return [read = type.read, access](Context& context, const Node& node, void* into) {
      auto value = read(context, node);
      if (!value) return;
      V& accepted = *value;
      std::invoke(access, *static_cast<T*>(into)) = std::move(accepted);
    };
  }

  T prototype_;
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
