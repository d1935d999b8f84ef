// The types a configuration value may have: each reads one node, says what is wrong with it, and shows a default.
#pragma once

#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/channel_config.h"
#include "config/schema.h"

namespace peyk::config {

Type<std::string> text(std::size_t max_length = 1000);
/// Lower-case letters, digits, "-" and "_", at most 63: what stands in Redis keys, URLs and metrics.
Type<std::string> name_text();
Type<bool> boolean();
Type<int> integer(int least, int most);
Type<double> decimal(double least, double most);
Type<Units> units();
Type<Duration> duration(Duration least, Duration most);
Type<std::uint64_t> size(std::uint64_t least, std::uint64_t most);
Type<Rate> rate();
Type<Language> language();
Type<Texts> texts();
Type<Pattern> pattern();
Type<DateRange> date_range();
Type<Secret> secret_file();
Type<std::string> file_path();
Type<std::string> timezone();
Type<std::string> email_address();
/// "https://host[:port]", lower-cased, as a browser sends it.
Type<std::string> origin();
Type<std::string> public_url();
/// "127.0.0.1:8080", "[::1]:0".
Type<std::string> listen_address();
/// "10.0.0.1" or "10.0.0.0/8".
Type<std::string> network();
Type<SocketAddress> socket_address();
Type<SkillLevels> skill_levels();
Type<Bands> bands();

/// The text of a scalar; reports anything else as `expected`.
const std::string* scalar(Context& context, const Node& node, std::string_view expected);
bool is_name(std::string_view text);

/// A name of something declared elsewhere in the file.
template <typename Name>
Type<Name> reference(Reference kind, std::string word) {
  Type<Name> type;
  type.name = "name of " + std::move(word);
  type.read = [kind, expected = type.name](Context& context, const Node& node) -> std::optional<Name> {
    const auto* given = scalar(context, node, expected);
    if (given == nullptr) return std::nullopt;
    context.refer(kind, *given, node.mark);
    return Name(*given);
  };
  type.show = [](const Name& value) { return value.str(); };
  return type;
}
inline Type<QueueName> queue_name() {
  return reference<QueueName>(Reference::queue, "a queue");
}
inline Type<HoursName> hours_name() {
  return reference<HoursName>(Reference::hours, "hours");
}
inline Type<ChannelName> channel_name() {
  return reference<ChannelName>(Reference::channel, "a channel");
}
inline Type<AgentName> agent_name() {
  return reference<AgentName>(Reference::agent, "an agent");
}

template <typename E>
Type<E> choice(std::vector<std::pair<std::string, E>> words) {
  Type<E> type;
  std::vector<std::string> names;
  for (const auto& [word, value] : words) {
    type.name += (type.name.empty() ? "`" : " \\| `") + word + "`";
    names.push_back(word);
  }
  type.read = [words, names](Context& context, const Node& node) -> std::optional<E> {
    const auto* given = scalar(context, node, "a word");
    if (given == nullptr) return std::nullopt;
    for (const auto& [word, value] : words) {
      if (word == *given) return value;
    }
    context.unknown(node.mark, "value", *given, names);
    return std::nullopt;
  };
  type.show = [words](const E& shown) {
    for (const auto& [word, value] : words) {
      if (value == shown) return word;
    }
    return std::string();
  };
  return type;
}
Type<ChannelKind> channel_kind();

struct ListRules {
  bool single_allowed = false;  // a scalar (or map) alone stands for a list of one
  std::size_t most = 100'000;
};

template <typename V>
Type<std::vector<V>> list(const Type<V>& element, ListRules rules = {}) {
  Type<std::vector<V>> type;
  type.name = (rules.single_allowed ? "one or a list of " : "list of ") + element.name;
  type.tables = element.tables;
  type.inside = "[]";
  type.read = [read = element.read, rules](Context& context, const Node& node) -> std::optional<std::vector<V>> {
    std::vector<V> values;
    if (node.kind != Node::Kind::list && rules.single_allowed) {
      auto value = read(context, node);
      if (value) values.push_back(std::move(*value));
      return values;
    }
    if (node.kind != Node::Kind::list || node.items.size() > rules.most) {
      context.error(node.mark, "expected a list");
      return std::nullopt;
    }
    std::set<std::string> seen;
    for (const auto& item : node.items) {
      if (item->kind == Node::Kind::scalar && !seen.insert(item->text).second) {
        context.error(item->mark, "\"" + item->text + "\" is in this list twice");
        continue;
      }
      auto value = read(context, *item);
      if (value) values.push_back(std::move(*value));
    }
    return values;
  };
  type.show = [show = element.show](const std::vector<V>& values) {
    std::string shown = "[";
    for (const auto& value : values) shown += (shown.size() > 1 ? ", " : "") + show(value);
    return shown + "]";
  };
  return type;
}

/// A map whose keys are names; `finish(value, name, mark)` lets a value know its own.
template <typename Name, typename V>
Type<std::map<Name, V>> named(const Type<V>& element, Reference kind,
                              std::function<void(V&, const Name&, const Mark&)> finish) {
  Type<std::map<Name, V>> type;
  type.name = "map of name to " + element.name;
  type.tables = element.tables;
  type.inside = ".NAME";
  type.read = [read = element.read, kind, finish](Context& context,
                                                  const Node& node) -> std::optional<std::map<Name, V>> {
    std::map<Name, V> values;
    if (node.kind != Node::Kind::map) {
      context.error(node.mark, "expected names, each with its keys");
      return std::nullopt;
    }
    for (const auto& member : node.members) {
      context.define(kind, member.key);
      if (!is_name(member.key)) {
        context.error(member.mark, "\"" + member.key.substr(0, 60) +
                                       "\" is no name: lower-case letters, digits, - and _, up to 63 of them");
      }
      auto value = read(context, *member.value);
      if (!value) continue;
      finish(*value, Name(member.key), member.mark);
      values.emplace(Name(member.key), std::move(*value));
    }
    return values;
  };
  return type;
}

}  // namespace peyk::config
