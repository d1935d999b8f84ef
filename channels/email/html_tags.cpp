#include "channels/email/html_tags.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.h"

namespace peyk::channels::email {
namespace {

// HTML's formatting elements but `a`, which HTML closes by itself before the next one.
constexpr std::array<std::string_view, 13> kLooks{"b", "big",   "code",   "em",     "font", "i", "nobr",
                                                  "s", "small", "strike", "strong", "tt",   "u"};
constexpr std::size_t kLongestName = 32;
// HTML repeats an open link, too, in every paragraph.
constexpr std::size_t kLongestAddress = 1'000;

bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool is_space(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

/// The tags of a text one after another, as HTML's tokenizer takes them apart.
class TagReader {
 public:
  TagReader(std::string_view html, std::string& out) : html_(html), out_(out) {}

  /// From a '<' that a letter, or a slash and a letter, follow; nothing is written of a tag that does not end.
  std::size_t read(std::size_t at) {
    at_ = at + 1;
    const bool closes = html_[at_] == '/';
    if (closes) ++at_;
    name_ = take_until("/>");
    while (at_ < html_.size() && html_[at_] != '>') read_attribute();
    if (at_ == html_.size()) return at_;
    ++at_;
    write(closes);
    return at_;
  }

 private:
  /// Up to white space or one of `ends`.
  std::string_view take_until(std::string_view ends) {
    const auto begin = at_;
    while (at_ < html_.size() && !is_space(html_[at_]) && !ends.contains(html_[at_])) ++at_;
    return html_.substr(begin, at_ - begin);
  }

  void skip_space() {
    while (at_ < html_.size() && is_space(html_[at_])) ++at_;
  }

  void read_attribute() {
    if (is_space(html_[at_]) || html_[at_] == '/') {
      self_closing_ = html_[at_] == '/';
      ++at_;
      return;
    }
    self_closing_ = false;
    const auto begin = at_++;  // an equals sign may begin a name
    take_until("/>=");
    const auto name = html_.substr(begin, at_ - begin);
    skip_space();
    std::string_view value;
    if (at_ < html_.size() && html_[at_] == '=') value = read_value();
    note(name, value);
  }

  std::string_view read_value() {
    ++at_;
    skip_space();
    if (at_ == html_.size() || (html_[at_] != '"' && html_[at_] != '\'')) return take_until(">");
    const auto begin = at_ + 1;
    at_ = std::min(html_.find(html_[at_], begin), html_.size());
    const auto value = html_.substr(begin, at_ - begin);
    if (at_ < html_.size()) ++at_;
    return value;
  }

  void note(std::string_view name, std::string_view value) {
    if (ascii_iequals(name, "href") && href_.empty() && value.size() <= kLongestAddress) href_ = value;
    if (ascii_iequals(name, "alt") && alt_.empty()) alt_ = value;
    if (ascii_iequals(name, "hidden")) hidden_ = true;
    if (!ascii_iequals(name, "style")) return;
    auto style = ascii_lower(value);
    std::erase_if(style, is_space);
    hidden_ = hidden_ || style.find("display:none") != std::string::npos;
  }

  void write_quoted(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"");
    for (const char byte : value) byte == '"' ? out_.append("&quot;") : out_.append(1, byte);
    out_ += '"';
  }

  void write(bool closes) {
    const auto name = name_.size() > kLongestName ? std::string(name_) : ascii_lower(name_);
    const bool looks = std::ranges::find(kLooks, name) != kLooks.end();
    out_.append(closes ? "</" : "<").append(looks ? "span" : name);
    if (!closes && name == "a" && !href_.empty()) write_quoted("href", href_);
    if (!closes && name == "img" && !alt_.empty()) write_quoted("alt", alt_);
    if (!closes && hidden_) out_ += " hidden";
    out_ += self_closing_ && !closes && !looks ? "/>" : ">";
  }

  std::string_view html_;
  std::string& out_;
  std::size_t at_ = 0;
  std::string_view name_;
  std::string_view href_;
  std::string_view alt_;
  bool hidden_ = false;
  bool self_closing_ = false;
};

bool begins_tag(std::string_view html, std::size_t at) {
  const auto next = at + 1 < html.size() && html[at + 1] == '/' ? at + 2 : at + 1;
  return next < html.size() && is_letter(html[next]);
}

}  // namespace

std::string light_tags(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  std::size_t at = 0;
  while (at < html.size()) {
    const auto tag = std::min(html.find('<', at), html.size());
    out.append(html.substr(at, tag - at));
    at = tag;
    if (tag == html.size()) break;
    if (begins_tag(html, tag)) {
      at = TagReader(html, out).read(tag);
    } else {
      out += html[at++];
    }
  }
  return out;
}

}  // namespace peyk::channels::email
