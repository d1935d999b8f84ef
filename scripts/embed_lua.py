#!/usr/bin/python3
"""embed_lua.py FOLDER OUTPUT writes OUTPUT, a C++ source holding the text of every FOLDER/*.lua;
when OUTPUT is a folder, each script with its includes resolved into it, for linters.

A line `--@include NAME` is replaced by FOLDER/lib/NAME.lua, once a script.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r"^--@include ([a-z_]+)$")


def resolve(path, folder, seen):
    for line in path.read_text(encoding="utf-8").splitlines():
        match = INCLUDE.match(line)
        if not match:
            yield line
        elif match[1] not in seen:
            seen.add(match[1])
            yield from resolve(folder / "lib" / f"{match[1]}.lua", folder, seen)


def main():
    folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    if output.is_dir():
        for script in sorted(folder.glob("*.lua")):
            (output / script.name).write_text("\n".join(resolve(script, folder, set())) + "\n", encoding="utf-8")
        return
    entries = []
    for script in sorted(folder.glob("*.lua")):
        # One literal a line: no limit on a literal's length to meet.
        lines = "\n".join(f'     R"lua({line}\n)lua"' for line in resolve(script, folder, set()))
        entries.append(f'    {{"{script.stem}",\n{lines}}},\n')
    output.write_text(
        '// Generated from routing/store/*.lua.\n#include "routing/store/scripts.h"\n\n#include <array>\n\n'
        "namespace peyk::routing::store {\nstd::span<const EmbeddedScript> embedded_scripts() {\n"
        f"  static constexpr std::array<EmbeddedScript, {len(entries)}> kScripts{{{{\n" + "".join(entries) +
        "  }};\n  return kScripts;\n}\n}  // namespace peyk::routing::store\n", encoding="utf-8")


main()
