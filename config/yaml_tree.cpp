#include "config/yaml_tree.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace peyk::config {
namespace {

/// Ends the parse: the text cannot be read on.
struct Refused {
  Mark mark;
  std::string message;
};

/// Turns the YAML library's marks (lines and bytes, from 0) into ours (lines and characters, from 1).
class Marks {
 public:
  Marks(std::string_view text, const std::string& file)
      : text_(text), file_(std::make_shared<const std::string>(file)) {
    starts_.push_back(0);
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\n') starts_.push_back(at + 1);
    }
  }

  Mark at(const YAML::Mark& mark) const {
    if (mark.is_null()) return Mark{file_, 0, 0};
    return at(mark.line, mark.column);
  }

  Mark at_offset(std::size_t offset) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const auto line = static_cast<int>(next - starts_.begin()) - 1;
    return at(line, static_cast<int>(offset - starts_[static_cast<std::size_t>(line)]));
  }

  Mark whole() const { return Mark{file_, 0, 0}; }

 private:
  Mark at(int line, int bytes) const {
    if (line < 0 || static_cast<std::size_t>(line) >= starts_.size()) return Mark{file_, line + 1, bytes + 1};
    const auto from = starts_[static_cast<std::size_t>(line)];
    const auto part = text_.substr(from, static_cast<std::size_t>(std::max(bytes, 0)));
    const auto characters = std::count_if(part.begin(), part.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // not the rest of a UTF-8 sequence
    });
    return Mark{file_, line + 1, static_cast<int>(characters) + 1};
  }

  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::vector<std::size_t> starts_;
};

/// Builds the tree from the parser's events.
class Builder : public YAML::EventHandler {
 public:
  Builder(const Marks& marks, const YamlLimits& limits, std::vector<Problem>& problems)
      : marks_(marks), limits_(limits), problems_(problems) {}

  NodePtr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(Node::Kind::null, marks_.at(mark), anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{marks_.at(mark), "this alias stands inside of what it names"};
    count(found->second->weight, marks_.at(mark));
    add(found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    auto node = make(Node::Kind::scalar, marks_.at(mark), anchor);
    node->text = value;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    NodePtr node;
    YAML::anchor_t anchor;
    bool expects_value = false;
    std::unordered_map<std::string, Mark> keys;
  };

  NodePtr make(Node::Kind kind, const Mark& mark, YAML::anchor_t anchor) {
    count(1, mark);
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->mark = mark;
    if (anchor != 0 && (kind == Node::Kind::null || kind == Node::Kind::scalar)) anchors_[anchor] = node;
    return node;
  }

  void count(std::size_t nodes, const Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes) {
      throw Refused{mark, fmt::format("more than {} values (aliases counted as what they stand for)", limits_.nodes)};
    }
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;  // plain and quoted
    throw Refused{marks_.at(mark), fmt::format("the tag \"{}\": tags are not read here", tag.substr(0, 60))};
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    const auto place = marks_.at(mark);
    if (static_cast<int>(stack_.size()) >= limits_.depth) {
      throw Refused{place, fmt::format("nested deeper than {} levels", limits_.depth)};
    }
    if (!stack_.empty() && stack_.back().node->kind == Node::Kind::map && !stack_.back().expects_value) {
      throw Refused{place, "a key must be plain text"};
    }
    stack_.push_back(Open{make(kind, place, anchor), anchor, false, {}});
  }

  void close() {
    auto done = std::move(stack_.back());
    stack_.pop_back();
    for (const auto& item : done.node->items) done.node->weight += item->weight;
    for (const auto& member : done.node->members) done.node->weight += 1 + member.value->weight;
    if (done.anchor != 0) anchors_[done.anchor] = done.node;
    add(std::move(done.node));
  }

  void add(NodePtr node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& parent = stack_.back();
    if (parent.node->kind == Node::Kind::list) {
      parent.node->items.push_back(std::move(node));
    } else if (parent.expects_value) {
      parent.node->members.back().value = std::move(node);
      parent.expects_value = false;
    } else {
      add_key(parent, *node);
    }
  }

  void add_key(Open& parent, const Node& key) {
    if (key.kind != Node::Kind::scalar) throw Refused{key.mark, "a key must be plain text"};
    if (key.text == "<<") throw Refused{key.mark, "merge keys (<<) are not read here: write the keys out"};
    const auto [first, fresh] = parent.keys.emplace(key.text, key.mark);
    if (!fresh) {
      problems_.push_back(error_at(key.mark, fmt::format("\"{}\" is there twice: first at line {}, column {}", key.text,
                                                         first->second.line, first->second.column)));
    }
    parent.node->members.push_back(Member{key.text, key.mark, nullptr});
    parent.expects_value = true;
  }

  const Marks& marks_;
  const YamlLimits& limits_;
  std::vector<Problem>& problems_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
  NodePtr root_;
  std::size_t nodes_ = 0;
};

/// The length of the UTF-8 sequence at the front of `text`; 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(text[at])); };
  const auto first = byte(0);
  if (first < 0x80U) return 1;
  const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (first < 0xC2U || first > 0xF4U || text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) return 0;
  }
  const auto second = byte(1);
  const bool overlong = (first == 0xE0U && second < 0xA0U) || (first == 0xF0U && second < 0x90U);
  const bool beyond = (first == 0xEDU && second > 0x9FU) || (first == 0xF4U && second > 0x8FU);
  return overlong || beyond ? 0 : length;
}

void refuse_bad_text(std::string_view text, const Marks& marks, const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    throw Refused{marks.whole(), fmt::format("larger than {} MiB", limits.bytes >> 20U)};
  }
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_length(text.substr(at));
    if (length == 0) throw Refused{marks.at_offset(at), "not UTF-8"};
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
    if (control) throw Refused{marks.at_offset(at), fmt::format("a control character (0x{:02x})", byte)};
    at += length;
  }
}

NodePtr parse(std::string_view text, const Marks& marks, const YamlLimits& limits, std::vector<Problem>& problems) {
  refuse_bad_text(text, marks, limits);
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  Builder builder(marks, limits, problems);
  if (!parser.HandleNextDocument(builder) || builder.root() == nullptr) {
    throw Refused{marks.whole(), "there is nothing in it"};
  }
  auto root = builder.root();
  Builder second(marks, limits, problems);
  if (parser.HandleNextDocument(second)) {
    const auto mark = second.root() == nullptr ? marks.whole() : second.root()->mark;
    throw Refused{mark, "a second document: the configuration is one"};
  }
  return root;
}

}  // namespace

const Member* Node::find(std::string_view key) const {
  for (const auto& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

Place to_place(const Mark& mark) {
  return Place{mark.file == nullptr ? std::string() : *mark.file, mark.line, mark.column};
}

Problem error_at(const Mark& mark, std::string message) {
  auto place = to_place(mark);
  return Problem{std::move(place.file), place.line, place.column, std::move(message), Severity::error};
}

NodePtr parse_yaml(std::string_view text, const std::string& file, std::vector<Problem>& problems,
                   const YamlLimits& limits) {
  const Marks marks(text, file);
  try {
    return parse(text, marks, limits, problems);
  } catch (const Refused& refused) {
    problems.push_back(error_at(refused.mark, refused.message));
  } catch (const YAML::Exception& broken) {
    problems.push_back(error_at(marks.at(broken.mark), fmt::format("not YAML: {}", broken.msg)));
  }
  return nullptr;
}

}  // namespace peyk::config
