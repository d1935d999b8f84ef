// Ids and names as types of their own, so that an agent's name is never passed where a queue's is meant.
#pragma once

#include <compare>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

namespace peyk {

/// Opaque text with a type. `Tag` is any type, declared only.
template <typename Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string text) : text_(std::move(text)) {}

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend auto operator<=>(const StrongId&, const StrongId&) = default;
  friend std::ostream& operator<<(std::ostream& out, const StrongId& id) { return out << id.text_; }

 private:
  std::string text_;
};

}  // namespace peyk

template <typename Tag>
struct std::hash<peyk::StrongId<Tag>> {
  std::size_t operator()(const peyk::StrongId<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
