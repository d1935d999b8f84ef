#!/usr/bin/python3
"""embed_lua.py FOLDER OUTPUT: makes one Redis library of FOLDER/lib/*.lua and a function of every FOLDER/*.lua.

OUTPUT is a C++ source that holds it, or, when its name ends in .lua, the library itself with its comments. The
library's name carries a digest of its text, so that daemons of two versions can share a Redis.
"""
import hashlib
import pathlib
import re
import sys

COMMENT = re.compile(r"^\s*--(?!\[)")
CHUNK = 8000  # characters that every compiler takes as one literal

# While a library is loaded it knows no globals but this one, so that no loop does it.
REGISTER = """redis.register_function('{library}_{script}', function(keys, argv)
  return D.run('{script}', keys, argv)
end)
"""

SOURCE = """// Generated from routing/store/*.lua.
#include "routing/store/scripts.h"

#include <initializer_list>
#include <string>

namespace peyk::routing::store {{
namespace {{

using namespace std::string_view_literals;

std::string join(std::initializer_list<std::string_view> pieces) {{
  std::string text;
  for (const auto piece : pieces) text += piece;
  return text;
}}

constexpr std::string_view kNames[] = {{{names}}};

}}  // namespace

std::span<const std::string_view> script_names() {{
  return kNames;
}}

std::string_view script_library() {{
  static const auto text = join({{{chunks}}});
  return text;
}}

}}  // namespace peyk::routing::store
"""


def read(path, comments):
    lines = path.read_text(encoding="utf-8").splitlines()
    return "".join(f"{line}\n" for line in lines if comments or not COMMENT.match(line))


def library(folder, comments):
    core = folder / "lib" / "core.lua"
    names = [path.stem for path in sorted(folder.glob("*.lua"))]
    text = read(core, comments)
    for path in sorted(folder.glob("lib/*.lua")):
        if path != core:
            # A block of its own, so that the parts' locals do not add up to more than Lua allows.
            text += f"do -- {path.name}\n{read(path, comments)}end\n"
    for name in names:
        text += f"D.scripts['{name}'] = {{(function()\n{read(folder / f'{name}.lua', comments)}end)()}}\n"
    name = "peyk_" + hashlib.sha1(text.encode()).hexdigest()[:12]
    return f"#!lua name={name}\n{text}" + "".join(REGISTER.format(library=name, script=script) for script in names), names


def main():
    folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    text, names = library(folder, comments=output.suffix == ".lua")
    if output.suffix != ".lua":
        chunks = ",\n    ".join(f'R"lua({text[at:at + CHUNK]})lua"sv' for at in range(0, len(text), CHUNK))
        text = SOURCE.format(names=", ".join(f'"{name}"' for name in names), chunks=chunks)
    output.write_text(text, encoding="utf-8")


main()
