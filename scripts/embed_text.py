#!/usr/bin/python3
"""Writes OUTPUT, a C++ source that defines FUNCTION (a qualified name) to return the text of INPUT as a string_view."""
import pathlib
import sys


def main():
    source, output, header, function = sys.argv[1:]
    namespace, _, name = function.rpartition("::")
    # One literal a line: no limit on a literal's length to meet.
    lines = pathlib.Path(source).read_text(encoding="utf-8").splitlines()
    text = "\n".join(f'      R"text({line}\n)text"' for line in lines)
    pathlib.Path(output).write_text(
        f'// Generated from {pathlib.Path(source).name}.\n#include "{header}"\n\nnamespace {namespace} {{\n'
        f"std::string_view {name}() {{\n  return\n{text};\n}}\n}}  // namespace {namespace}\n", encoding="utf-8")


main()
