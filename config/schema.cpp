#include "config/schema.h"

namespace peyk::config {

UntypedTable::UntypedTable(std::string note) : info_(std::make_shared<TableInfo>()) {
  info_->note = std::move(note);
}

void UntypedTable::add(KeyInfo info, ReadUntyped read, bool required) {
  entries_.push_back(Entry{info.name, std::move(read), required});
  info_->keys.push_back(std::move(info));
}

void UntypedTable::add_prefixed(std::string prefix, KeyInfo info, ReadPrefixed read) {
  info_->keys.push_back(std::move(info));
  prefix_ = std::move(prefix);
  read_prefixed_ = std::move(read);
}

void UntypedTable::read_untyped(Context& context, const Node& node, void* into) const {
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

void UntypedTable::read_member(Context& context, const Member& member, void* into) const {
  for (const auto& entry : entries_) {
    if (entry.name != member.key) continue;
    if (member.value->kind != Node::Kind::null) entry.read(context, *member.value, into);
    return;
  }
  if (!prefix_.empty() && member.key.starts_with(prefix_) && member.key.size() > prefix_.size()) {
    read_prefixed_(context, member.key.substr(prefix_.size()), member, into);
    return;
  }
  std::vector<std::string> known;
  known.reserve(entries_.size());
  for (const auto& entry : entries_) known.push_back(entry.name);
  if (!prefix_.empty()) known.push_back(prefix_ + "NAME");
  context.unknown(member.mark, "key", member.key, known);
}

}  // namespace peyk::config
