#include "channels/email/html_text.h"

#include <cctype>
#include <memory>
#include <vector>

#include <gumbo.h>

#include "base/text.h"
#include "channels/email/html_tags.h"

namespace peyk::channels::email {
namespace {

constexpr std::size_t kMostBytes = 1U << 20U;
// gumbo takes its tree down by recursion: depth is bounded by the number of tags.
constexpr std::size_t kMostTags = 20'000;

std::string_view bounded(std::string_view html) {
  html = html.substr(0, kMostBytes);
  std::size_t position = 0;
  for (std::size_t tags = 0; tags < kMostTags; ++tags) {
    position = html.find('<', position);
    if (position == std::string_view::npos) return html;
    ++position;
  }
  return html.substr(0, position - 1);
}

bool is_skipped(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_HEAD:
    case GUMBO_TAG_TITLE:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_NOSCRIPT:
    case GUMBO_TAG_OBJECT: return true;
    default: return false;
  }
}

/// Empty lines that the element keeps between itself and what stands around it; -1 for inline elements.
int margin_of(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_P:
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
    case GUMBO_TAG_DL:
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_TABLE:
    case GUMBO_TAG_HR: return 1;
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_LI:
    case GUMBO_TAG_TR:
    case GUMBO_TAG_DT:
    case GUMBO_TAG_DD:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_ARTICLE:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_ADDRESS:
    case GUMBO_TAG_CENTER:
    case GUMBO_TAG_FORM: return 0;
    default: return -1;
  }
}

/// Text with its white space folded as a browser would.
class Writer {
 public:
  void text(std::string_view text, bool preformatted) {
    for (const char letter : text) {
      const bool space = letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r' || letter == '\f';
      if (preformatted && letter == '\n') {
        line_break();
      } else if (space && !preformatted) {
        space_ = true;
      } else {
        put(letter);
      }
    }
  }

  void line_break() {
    flush_lines();
    ++lines_;
    space_ = false;
  }

  /// At least `empty` empty lines before what comes next.
  void block(int empty) {
    if (out_.empty()) return;
    lines_ = std::max(lines_, empty + 1);
    space_ = false;
  }

  void separate() { space_ = true; }

  std::string take() { return std::move(out_); }

 private:
  void flush_lines() {
    if (!out_.empty() && lines_ > 0) out_.append(static_cast<std::size_t>(std::min(lines_, 2)), '\n');
    if (lines_ > 0) lines_ = 0;
  }

  void put(char letter) {
    const bool starts_line = lines_ > 0 || out_.empty() || out_.back() == '\n';
    flush_lines();
    if (space_ && !starts_line) out_ += ' ';
    space_ = false;
    out_ += letter;
  }

  std::string out_;
  int lines_ = 0;
  bool space_ = false;
};

std::string_view attribute(const GumboElement& element, const char* name) {
  const auto* found = gumbo_get_attribute(&element.attributes, name);
  return found == nullptr ? std::string_view() : std::string_view(found->value);
}

bool is_hidden(const GumboElement& element) {
  return gumbo_get_attribute(&element.attributes, "hidden") != nullptr;
}

/// One element being walked: an explicit stack, since the depth is the stranger's choice.
struct Frame {
  const GumboNode* node;
  unsigned next_child = 0;
  bool preformatted = false;
};

class Walk {
 public:
  std::string run(const GumboNode* root) {
    enter(root, false);
    while (!stack_.empty()) {
      auto& frame = stack_.back();
      const auto& children = frame.node->v.element.children;
      if (frame.next_child == children.length) {
        leave(frame.node->v.element);
        stack_.pop_back();
        continue;
      }
      const auto* child = static_cast<const GumboNode*>(children.data[frame.next_child++]);
      visit(child, frame.preformatted);
    }
    return writer_.take();
  }

 private:
  void visit(const GumboNode* node, bool preformatted) {
    if (node->type == GUMBO_NODE_ELEMENT) {
      enter(node, preformatted);
    } else if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE || node->type == GUMBO_NODE_CDATA) {
      writer_.text(node->v.text.text, preformatted);
    }
  }

  void enter(const GumboNode* node, bool preformatted) {
    const auto& element = node->v.element;
    if (is_skipped(element.tag) || is_hidden(element)) return;
    if (element.tag == GUMBO_TAG_BR) return writer_.line_break();
    if (element.tag == GUMBO_TAG_IMG) return writer_.text(attribute(element, "alt"), false);
    const int margin = margin_of(element.tag);
    if (margin >= 0) writer_.block(margin);
    if (element.tag == GUMBO_TAG_LI) writer_.text("- ", true);
    if (element.tag == GUMBO_TAG_TD || element.tag == GUMBO_TAG_TH) writer_.separate();
    stack_.push_back({node, 0, preformatted || element.tag == GUMBO_TAG_PRE});
  }

  void leave(const GumboElement& element) {
    if (element.tag == GUMBO_TAG_A) write_link(element);
    const int margin = margin_of(element.tag);
    if (margin >= 0) writer_.block(margin);
  }

  void write_link(const GumboElement& element) {
    const auto address = attribute(element, "href");
    const bool web = address.starts_with("http://") || address.starts_with("https://");
    if (!web || address.size() > 300 || shows(element, address)) return;
    writer_.separate();
    writer_.text("<" + std::string(address) + ">", true);
  }

  /// The link's text is its address already.
  static bool shows(const GumboElement& element, std::string_view address) {
    if (element.children.length != 1) return false;
    const auto* child = static_cast<const GumboNode*>(element.children.data[0]);
    if (child->type != GUMBO_NODE_TEXT) return false;
    const auto text = trim(child->v.text.text);
    return !text.empty() && address.find(text) != std::string_view::npos;
  }

  Writer writer_;
  std::vector<Frame> stack_;
};

struct DestroyOutput {
  void operator()(GumboOutput* output) const { gumbo_destroy_output(&kGumboDefaultOptions, output); }
};

}  // namespace

std::string html_to_text(std::string_view html) {
  const auto clean = light_tags(clean_text(bounded(html)));
  auto options = kGumboDefaultOptions;
  // Each error keeps a copy of all open elements: gigabytes for tags that nobody closes.
  options.max_errors = 0;
  const std::unique_ptr<GumboOutput, DestroyOutput> parsed(
      gumbo_parse_with_options(&options, clean.data(), clean.size()));
  auto text = Walk().run(parsed->root);
  return truncate_utf8(clean_text(trim(text)), kMostBytes);
}

}  // namespace peyk::channels::email
