#!/usr/bin/python3
"""Prints the build targets that must exist before clang-tidy can read SOURCEs: their precompiled headers.

Usage: tidy_inputs.py BUILD_FOLDER SOURCE…
"""
import json
import pathlib
import re
import sys


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    wanted = {str(pathlib.Path(source).resolve()) for source in sys.argv[2:]}
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    inputs = set()
    for command in commands:
        if command["file"] in wanted:
            inputs.update(re.findall(r"-include-pch -Xclang (\S+)", command["command"]))
    for path in sorted(inputs):
        print(pathlib.Path(path).relative_to(build).as_posix())


main()
