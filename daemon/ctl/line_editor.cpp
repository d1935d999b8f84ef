#include "daemon/ctl/line_editor.h"

#include <array>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <deque>
#include <histedit.h>
#include <poll.h>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace peyk::ctl {
namespace {

constexpr int kRestOfKeyMilliseconds = 50;
constexpr int kHistoryLines = 500;

struct EndEditLine {
  void operator()(EditLine* editor) const { ::el_end(editor); }
};
struct EndHistory {
  void operator()(History* history) const { ::history_end(history); }
};

/// Where a terminal's cursor stands after letters: libedit's own way of breaking lines.
class Column {
 public:
  explicit Column(int columns) : columns_(columns) {}

  void add(std::wstring_view letters) {
    for (const auto letter : letters) {
      const auto width = std::max(0, ::wcwidth(letter));
      if (column_ + width > columns_) next_row();
      column_ += width;
      if (column_ >= columns_) next_row();
    }
  }
  int row() const { return row_; }

 private:
  void next_row() {
    column_ = 0;
    ++row_;
  }
  int columns_;
  int column_ = 0;
  int row_ = 0;
};

std::wstring widened(const std::string& text) {
  std::wstring wide(text.size(), L'\0');
  const auto count = std::mbstowcs(wide.data(), text.c_str(), wide.size());
  wide.resize(count == static_cast<std::size_t>(-1) ? 0 : count);
  return wide;
}

// libedit's readline interface is not used: after each line it reads the next one whole before it returns, and it hands
// out the line being typed from memory that may be gone.
class TerminalLineEditor : public LineEditor {
 public:
  explicit TerminalLineEditor(std::string prompt)
      : prompt_(std::move(prompt)), history_(::history_init()), editor_(::el_init("peykctl", stdin, stdout, stderr)) {
    HistEvent event{};
    ::history(history_.get(), &event, H_SETSIZE, kHistoryLines);
    ::el_set(editor_.get(), EL_CLIENTDATA, this);
    ::el_set(editor_.get(), EL_PROMPT, &TerminalLineEditor::prompt_of);
    ::el_set(editor_.get(), EL_GETCFN, &TerminalLineEditor::next_letter);
    ::el_set(editor_.get(), EL_HIST, &::history, history_.get());
    bind_keys();
    ::el_source(editor_.get(), nullptr);  // the person's own ~/.editrc
    begin();
  }
  ~TerminalLineEditor() override {
    erase();
    ::el_set(editor_.get(), EL_UNBUFFERED, 0);
  }
  TerminalLineEditor(const TerminalLineEditor&) = delete;
  TerminalLineEditor& operator=(const TerminalLineEditor&) = delete;

  std::vector<std::string> read_keys() override {
    std::vector<std::string> lines;
    read_bytes();
    while (!bytes_.empty() && !ended_) {
      int count = 0;
      const auto* typed = ::el_wgets(editor_.get(), &count);
      if (typed == nullptr || count <= 0) continue;
      if (count == 1 && typed[0] == kEnd) ended_ = true;
      if (typed[count - 1] == L'\n' || typed[count - 1] == L'\r') lines.push_back(take_line());
    }
    // libedit's cursor goes astray where a letter has no width, as Persian's half space.
    if (lines.empty() && has_zero_width()) show([] {});
    return lines;
  }

  bool ended() const override { return ended_; }

  void print(const std::string& text) override {
    show([&] { std::printf("%s\n", text.c_str()); });
  }

  void set_prompt(std::string prompt) override {
    if (prompt == prompt_) return;
    show([&] { prompt_ = std::move(prompt); });
  }

  void draw_again() override {
    erase();
    ::el_resize(editor_.get());
    // Whoever had the terminal meanwhile may have left it in another mode.
    ::el_set(editor_.get(), EL_PREP_TERM, 0);
    ::el_set(editor_.get(), EL_PREP_TERM, 1);
    ::el_set(editor_.get(), EL_REFRESH);
  }

 private:
  static constexpr wchar_t kEnd = 4;

  static TerminalLineEditor& of(EditLine* editor) {
    void* self = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<TerminalLineEditor*>(self);
  }
  static char* prompt_of(EditLine* editor) { return of(editor).prompt_.data(); }
  static int next_letter(EditLine* editor, wchar_t* letter) { return of(editor).next(*letter); }

  void bind_keys() {
    auto* editor = editor_.get();
    ::el_set(editor, EL_EDITOR, "emacs");
    constexpr std::array<std::pair<const char*, const char*>, 12> kKeys{{
        {"^R", "em-inc-search-prev"},
        {"\\e[H", "ed-move-to-beg"},
        {"\\eOH", "ed-move-to-beg"},
        {"\\e[1~", "ed-move-to-beg"},
        {"\\e[F", "ed-move-to-end"},
        {"\\eOF", "ed-move-to-end"},
        {"\\e[4~", "ed-move-to-end"},
        {"\\e[3~", "ed-delete-next-char"},
        {"\\e[1;5C", "em-next-word"},
        {"\\e[1;5D", "ed-prev-word"},
        {"\\e\\e[C", "em-next-word"},
        {"\\e\\e[D", "ed-prev-word"},
    }};
    for (const auto& [key, command] : kKeys) ::el_set(editor, EL_BIND, key, command, nullptr);
  }

  /// An empty line, its prompt drawn; the terminal in raw mode.
  void begin() { ::el_set(editor_.get(), EL_UNBUFFERED, 1); }

  std::string take_line() {
    const auto* line = ::el_line(editor_.get());
    std::string text(line->buffer, line->lastchar);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    HistEvent event{};
    if (!text.empty()) ::history(history_.get(), &event, H_ENTER, text.c_str());
    ::el_set(editor_.get(), EL_UNBUFFERED, 0);
    begin();
    return text;
  }

  template <typename Change>
  void show(Change change) {
    erase();
    change();
    ::el_set(editor_.get(), EL_REFRESH);
    std::fflush(stdout);
  }

  /// Takes prompt and line from the screen: they may fill several rows.
  void erase() {
    int columns = 0;
    if (::el_get(editor_.get(), EL_GETTC, "co", &columns) != 0 || columns < 1) columns = 80;
    const auto* line = ::el_wline(editor_.get());
    Column cursor(columns);
    cursor.add(widened(prompt_));
    cursor.add({line->buffer, line->cursor});
    if (cursor.row() > 0) std::printf("\x1b[%dA", cursor.row());
    // The row first, since some terminals keep what a cleared screen had above it.
    std::printf("\r\x1b[K\x1b[J");
  }

  bool has_zero_width() {
    const auto* line = ::el_wline(editor_.get());
    for (const auto* letter = line->buffer; letter < line->lastchar; ++letter) {
      if (*letter >= 0x300 && ::wcwidth(*letter) == 0) return true;
    }
    return false;
  }

  void read_bytes() {
    std::array<char, 4096> buffer{};
    const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count > 0) {
      bytes_.insert(bytes_.end(), buffer.data(), buffer.data() + count);
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
      ended_ = true;
    }
  }

  /// The rest of a key that came in part, as slow lines bring it.
  bool more_bytes() {
    if (!bytes_.empty()) return true;
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, kRestOfKeyMilliseconds) == 1) read_bytes();
    return !bytes_.empty();
  }

  /// 1 with a letter, -1 where none has come.
  int next(wchar_t& letter) {
    std::mbstate_t state{};
    while (more_bytes()) {
      const char byte = bytes_.front();
      bytes_.pop_front();
      const auto length = std::mbrtowc(&letter, &byte, 1, &state);
      if (length == static_cast<std::size_t>(-2)) continue;
      if (length != static_cast<std::size_t>(-1)) return 1;
      state = {};
    }
    letter = L'\0';
    return -1;
  }

  std::string prompt_;
  std::deque<char> bytes_;
  bool ended_ = false;
  std::unique_ptr<History, EndHistory> history_;
  std::unique_ptr<EditLine, EndEditLine> editor_;
};

}  // namespace

std::unique_ptr<LineEditor> create_line_editor(std::string prompt) {
  return std::make_unique<TerminalLineEditor>(std::move(prompt));
}

}  // namespace peyk::ctl
