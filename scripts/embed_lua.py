#!/usr/bin/python3
"""embed_lua.py FOLDER OUTPUT writes OUTPUT, a C++ source holding the text of every FOLDER/*.lua;
when OUTPUT is a folder, each script with its includes resolved into it, for linters.

A line `--@include NAME` is replaced by FOLDER/lib/NAME.lua, once a script.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r"^--@include ([a-z_]+)$")
COMMENT = re.compile(r"^\s*--(?!\[)")
CHUNK = 8000
HEAD = """// Generated from routing/store/*.lua.
#include "routing/store/scripts.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace peyk::routing::store {
namespace {

using namespace std::string_view_literals;

struct Text {
  std::string name;
  std::string text;
  operator EmbeddedScript() const { return {name, text}; }
};

std::string join(std::initializer_list<std::string_view> pieces) {
  std::string text;
  for (const auto piece : pieces) text += piece;
  return text;
}

std::vector<Text> make_texts() {
  std::vector<Text> texts;
"""
TAIL = """  return texts;
}

}  // namespace

std::span<const EmbeddedScript> embedded_scripts() {
  static const auto texts = make_texts();
  static const std::vector<EmbeddedScript> scripts(texts.begin(), texts.end());
  return scripts;
}

}  // namespace peyk::routing::store
"""


def resolve(path, folder, seen):
    for line in path.read_text(encoding="utf-8").splitlines():
        match = INCLUDE.match(line)
        if not match:
            yield line
        elif match[1] not in seen:
            seen.add(match[1])
            yield from resolve(folder / "lib" / f"{match[1]}.lua", folder, seen)


def chunks(text):
    """Pieces that every compiler takes as one literal (65,536 bytes are the least that C++ asks for)."""
    for start in range(0, len(text), CHUNK):
        yield f'R"lua({text[start:start + CHUNK]})lua"sv'


def main():
    folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    entries = []
    for script in sorted(folder.glob("*.lua")):
        # Comments are for readers of the sources: without them a third less is sent and parsed on each connect.
        lines = (line for line in resolve(script, folder, set()) if not COMMENT.match(line))
        text = "".join(f"{line}\n" for line in lines)
        entries.append(f'  texts.push_back({{"{script.stem}", join({{{", ".join(chunks(text))}}})}});\n')
    output.write_text(HEAD + "".join(entries) + TAIL, encoding="utf-8")


main()
