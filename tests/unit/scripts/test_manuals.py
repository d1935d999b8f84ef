"""The manuals name what the sources have, and nothing else: metrics, issues of /health, events of the log and of the
stream, scripts, requests.
docs/configuration.md is held against its tables by tests/unit/config/shipped_test.cpp.
"""
import pathlib
import re

SOURCE = pathlib.Path(__file__).resolve().parents[3]
FOLDERS = ("base", "channels", "daemon", "routing")
NAME = r"[a-z_]+\.[a-z_]+"


def sources(*suffixes):
    """The text of each file of the programs, peykctl aside: what it says, it says to whoever runs it."""
    texts = [file.read_text(encoding="utf-8") for folder in FOLDERS for file in sorted((SOURCE / folder).rglob("*"))
             if file.suffix in suffixes and "ctl" not in file.parts]
    assert len(texts) > 50, "where are the sources?"
    return texts


def named(pattern, *suffixes):
    return {name for text in sources(*suffixes) for name in re.findall(pattern, text)}


def manual(name):
    return (SOURCE / "docs" / name).read_text(encoding="utf-8")


def names_of_table(heading):
    """What stands in backticks in the first column of the table under that heading of operating.md."""
    section = manual("operating.md").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.M)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_metric_is_in_the_manual():
    assert named(r'"(peyk_[a-z_]+)"', ".cpp") == set(re.findall(r"`(peyk_[a-z_]+)", manual("api.md")))


def test_every_issue_of_health_is_in_the_manual():
    described = names_of_table("Health issues")
    # First in an Issue, or in what raises or reports one, or chosen for it; from Lua its member `code`.
    written = named(rf'(?:\{{|raise\(|report\(|[?:] )"({NAME})"(?:,|\s+:|;|\s*\}})', ".cpp")
    written |= named(rf"code = '({NAME})'", ".lua")
    areas = {code.split(".")[0] for code in described}
    issues = {name for name in written if name.split(".")[0] in areas}
    assert len(issues) > 20, issues
    # Channels say what they like: one row is for all of them.
    assert {code for code in issues if not code.startswith("channel.")} <= described
    literals = named(rf"[\"']({NAME})[\"']", ".cpp", ".lua") | {"channel.…", "not_yet"}
    assert described <= literals, "the manual has what no source says"


def test_every_event_of_the_log_is_in_the_manual():
    described = names_of_table("Log events")
    written = named(rf'spdlog::(?:debug|info|warn|error|critical|log)\((?:[^"();]*, )?\s*"({NAME})\b', ".cpp", ".h")
    assert len(written) > 70, written
    assert written <= described
    literals = named(rf'"({NAME})\b', ".cpp", ".h")
    outcomes = {f"outbox.{outcome}" for outcome in ("retry", "failed")}  # put together from what became of an answer
    assert described <= literals | outcomes, "the manual has what no source says"


def test_every_script_of_the_store_is_in_its_manual():
    scripts = {file.stem for file in (SOURCE / "routing" / "store").glob("*.lua")}
    assert len(scripts) > 40, scripts
    assert {script for script in scripts if f"`{script}`" not in manual("store.md")} == set()


def test_every_event_of_the_stream_is_in_its_manual():
    section = manual("store.md").split("\n## Events\n")[1].split("\n## ")[0]
    described = set()
    for row in re.findall(r"^\| `.*", section, re.M):
        area = ""
        for quoted in re.findall(r"`([a-z]*\.[a-z. ]+)`", row):
            for name in quoted.split():
                area = name.split(".")[0] or area
                described.add(f"{area}.{name.split('.')[1]}")
    # With the outcome of an offer put to it where there is but a dot.
    written = named(r"D\.emit\('([a-z]+\.[a-z]+)'", ".lua") | {"offer.declined", "offer.expired"}
    assert len(written) > 25, written
    assert written == described


def described_requests():
    """(method, path) of openapi.yaml."""
    found, path = set(), None
    for line in manual("openapi.yaml").splitlines():
        if here := re.fullmatch(r"  (/\S*):", line):
            path = here[1]
        elif not line.startswith("  "):
            path = None
        elif path and (method := re.fullmatch(r"    (get|put|post|delete|patch):", line)):
            found.add((method[1], path))
    return found


def test_every_request_is_described():
    described = described_requests()
    registered = named(r'\b(get|post)\("(/[^"?]*)",', ".cpp") | named(r'Method::(\w+),\s*"(/[^"]*)"', ".cpp")
    registered |= {("get", path) for path in named(r'add_websocket\("(/[^"]*)"', ".cpp")}
    registered |= {("post", path) for path in named(r'add_upload\(\s*routes, "(/[^"]*)"', ".cpp")}
    # Two methods of one path.
    registered |= {(method, path) for text in sources(".cpp") for path in re.findall(r'path = "(/[^"]*)";', text)
                   for method in re.findall(r"Method::(\w+), path,", text)}
    registered = {({"del": "delete"}.get(method, method), path) for method, path in registered if method != "options"}
    assert len(registered) > 30, registered
    for method, pattern in [each for each in registered if each[1].endswith("/{command}")]:
        registered.remove((method, pattern))
        commands = {each for each in described if re.fullmatch(re.escape(pattern[:-9]) + "[a-z]+", each[1])}
        assert commands and {each[0] for each in commands} - {"get"} == {method}, pattern
        registered |= commands
    assert registered == described
