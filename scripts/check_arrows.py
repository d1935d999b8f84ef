#!/usr/bin/python3
"""Refuses includes against the arrows daemon -> channels -> routing -> config -> base, and libraries outside their place.

Usage: check_arrows.py [ROOT]. One `FILE:LINE: message` for each offence; exit 1 when there is one.
"""
import pathlib
import re
import sys

# A folder may include itself and the folders before it; tests may include everything.
ORDER = ["base", "config", "routing", "channels", "daemon"]

# What only these folders (prefixes of a path) may see. The first pattern that matches an include decides.
LIBRARIES = [
    (r"boost/beast\b", ["base/net/", "base/boost_impl.cpp"]),
    (r"boost/asio/ssl\b", ["base/net/", "base/redis/", "base/boost_impl.cpp"]),
    (r"hiredis\b", ["base/redis/"]),
    (r"yaml-cpp\b", ["config/"]),
    (r"(gmime|gumbo)\b", ["channels/"]),
    (r"(re2|cld2|compact_lang_det)\b", ["config/", "routing/"]),
    (r"prometheus\b", ["daemon/"]),
    (r"CLI/", ["daemon/"]),
    (r"systemd\b", ["daemon/", "base/"]),
    (r"doctest\b", ["tests/"]),
]

# Our own folders that these folders may not see although the arrows would let them.
CLOSED = [("routing/", "base/net/", "routing knows neither HTTP nor mail nor WebSocket"),
          ("config/", "base/net/", "configuration knows no network"),
          ("config/", "base/redis/", "configuration knows no store"),
          ("base/redis/", "base/net/", "the store's client stands apart from the network's front door")]

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def offences(path, kind, target):
    """What is wrong with the include of `target` (kind: quote or angle) in the file `path`."""
    top = path.split("/")[0]
    if top == "tests":
        return
    if kind == '"':
        yield from offences_of_ours(path, top, target)
    for pattern, places in LIBRARIES:
        if re.match(pattern, target):
            if not any(path.startswith(place) for place in places):
                yield f"<{target}> belongs only in {', '.join(places)}"
            return


def offences_of_ours(path, top, target):
    other = target.split("/")[0]
    if "/" not in target or other not in ORDER:
        yield f'"{target}" does not start at one of {", ".join(ORDER)}'
        return
    if ORDER.index(other) > ORDER.index(top):
        yield f'{top}/ may not include {other}/ ("{target}"): the arrows are {" -> ".join(reversed(ORDER))}'
    for place, closed, reason in CLOSED:
        if path.startswith(place) and target.startswith(closed):
            yield f'"{target}" is closed to {place}: {reason}'


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    bad = 0
    for top in ORDER:
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".h", ".cpp") or not path.is_file():
                continue
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                for message in offences(name, *match.groups()) if match else ():
                    print(f"{name}:{number}: {message}")
                    bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
