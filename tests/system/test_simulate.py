"""peykctl simulate, as an operator uses it before a change: no daemon runs."""
import json
import os
import re
import signal
import subprocess

import pytest

from peyk import PEYKCTL, SOURCE, default_config
from waiting import until

DATE = "2026-11-21"
# One conversation for each of ten minutes; ani and bela are slower than they come.
TRACE = "time,channel,handling,patience,name\n" + "".join(
    f"09:{minute:02},site-chat,15m,{'1m' if minute == 9 else ''},case {minute}\n" for minute in range(10))
PROFILE = {
    "date": DATE,
    "accept_delay": "2s",
    "arrivals": [{"channel": "site-chat", "handling": {"exponential": {"mean": "6m"}}, "patience": "10m",
                  "per_hour": [0] * 9 + [30] * 4 + [0] * 11}],
    "shifts": [{"agents": ["ani", "bela"], "from": "09:00", "to": "13:00"}],
}


@pytest.fixture(name="desk")
def fixture_desk(folder):
    """A folder with slow.yaml (two agents of one chat each), fast.yaml (of three each), day.csv and day.yaml."""
    for name, capacity in (("slow", 2), ("fast", 6)):
        config = default_config()
        config["state_dir"] = str(folder / "state")
        config["http"] = {"listen": ["127.0.0.1:0"]}
        config["channels"] = {"site-chat": {"kind": "chat"}}
        del config["agents"]["mehri"]
        for agent in config["agents"].values():
            agent["capacity"] = capacity
        (folder / f"{name}.yaml").write_text(json.dumps(config), encoding="utf-8")
    (folder / "day.csv").write_text(TRACE, encoding="utf-8")
    (folder / "day.yaml").write_text(json.dumps(PROFILE), encoding="utf-8")
    (folder / "tmp").mkdir()
    return folder


def run(desk, *arguments, **environment):
    return subprocess.run([PEYKCTL, "simulate", *arguments], cwd=desk, capture_output=True, text=True, timeout=300,
                          check=False, env={**os.environ, "TMPDIR": str(desk / "tmp"), **environment})


def of_trace(desk, *arguments):
    done = run(desk, "--config", "slow.yaml", "--trace", "day.csv", "--date", DATE, *arguments)
    assert done.returncode == 0, done
    assert not done.stderr, "progress is for terminals"
    assert not list((desk / "tmp").iterdir()), "it left files behind"
    return done.stdout


def test_every_bad_row_of_a_trace_is_named_and_nothing_is_run(desk):
    (desk / "bad.csv").write_text("time,channel,queue,handling\n"
                                  "09:00,site-chat,service,5m\n"
                                  "late,site-caht,servcie,soon\n"
                                  "09:00,site-chat\n"
                                  "09:00,\"site-chat,service,5m\n", encoding="utf-8")
    done = run(desk, "--config", "slow.yaml", "--trace", "bad.csv", "--date", DATE)
    assert done.returncode == 1 and not done.stdout, done
    assert re.findall(r"^bad\.csv:(\d+): (\w+)", done.stderr, re.M) == [
        ("3", "time"), ("3", "channel"), ("3", "queue"), ("3", "handling"), ("4", "2"), ("5", "a")], done.stderr


def test_errors_of_configuration_and_profile_have_their_place(desk):
    (desk / "bad.yaml").write_text("version: 1\nqueus: {}\n", encoding="utf-8")
    done = run(desk, "--config", "bad.yaml", "--profile", "day.yaml")
    assert done.returncode == 1 and "bad.yaml:2:1: unknown key \"queus\"" in done.stderr, done
    (desk / "bad-day.yaml").write_text("arrivals:\n  - {channel: site-chat, per_hour: many, handling: 5m}\n",
                                       encoding="utf-8")
    done = run(desk, "--config", "slow.yaml", "--profile", "bad-day.yaml")
    assert done.returncode == 1 and "bad-day.yaml:2:36: \"many\"" in done.stderr, done
    for arguments in ([], ["--config", "slow.yaml"], ["--config", "slow.yaml", "--trace", "day.csv", "--seeds", "0"],
                      [word for _ in range(3) for word in ("--config", "slow.yaml")] + ["--trace", "day.csv"]):
        assert run(desk, *arguments).returncode >= 2, arguments
    done = run(desk, "--config", "slow.yaml", "--trace", "nowhere.csv")
    assert done.returncode == 1 and "nowhere.csv: cannot be read" in done.stderr, done


def test_a_trace_is_simulated_exactly(desk):
    """One chat at a time each: cases 0 and 1 at once, 2 and 3 when those are done, and so on; 9 leaves soon."""
    report = json.loads(of_trace(desk, "--json"))["a"]
    service = report["queues"]["service"]
    assert (service["offered"], service["answered"], service["abandoned"], service["unanswered"]) == (10, 9, 1, 0)
    # Case n arrives at minute n and is taken at minute n % 2 + 15 · (n // 2).
    waits = sorted([60 * (n % 2 + 15 * (n // 2) - n) for n in range(9)] + [60])
    assert service["wait"]["mean"] == pytest.approx(sum(waits) / 10)
    assert [service["wait"][name] for name in ("p50", "p90", "max")] == [waits[4], waits[8], waits[9]]
    assert service["within_promise"] == 0.2
    assert report["worst"][0] == {"name": "case 8", "queue": "service", "agent": "ani", "seed": 1, "end": "answered",
                                  "arrived": "2026-11-21T09:08:00.000Z", "wait": 3120.0}
    agents = {agent["agent"]: agent for agent in report["agents"]}
    # Case 8 is taken when the hour that is reported has ended.
    assert agents["ani"]["answered"] == 4 and agents["bela"]["answered"] == 4
    # Both have work from the first minute to the end of the hour that is reported.
    assert agents["ani"]["occupancy"] == pytest.approx(1) and agents["bela"]["busy"] == pytest.approx(59 / 60)


def test_a_trace_has_the_replies_that_customers_really_sent(desk):
    """Ani's one chat lasts from 9:00 to 9:15: two minutes, and after silence twice one more, then five."""
    (desk / "talk.csv").write_text("time,channel,handling,replies.after,replies.handling,name\n"
                                   "09:00,site-chat,2m,90 5m30s,60 5m,talk\n"
                                   "09:01,site-chat,20m,,,bela's\n"
                                   "09:02,site-chat,1m,,,next\n", encoding="utf-8")
    done = run(desk, "--config", "slow.yaml", "--trace", "talk.csv", "--date", DATE, "--json")
    assert done.returncode == 0, done
    report = json.loads(done.stdout)["a"]
    assert report["total"]["replies"] == 2 and report["total"]["answered"] == 3
    assert report["worst"][0]["name"] == "next" and report["worst"][0]["wait"] == 13 * 60
    table = run(desk, "--config", "slow.yaml", "--trace", "talk.csv", "--date", DATE).stdout
    assert "Customers wrote again: 2 times." in table, table
    (desk / "bad.csv").write_text("time,channel,handling,replies.after,replies.handling\n"
                                  "09:00,site-chat,5m,1m,1 2\n"
                                  "09:00,site-chat,5m,soon,\n", encoding="utf-8")
    done = run(desk, "--config", "slow.yaml", "--trace", "bad.csv", "--date", DATE)
    assert done.returncode == 1 and not done.stdout, done
    assert re.findall(r"^bad\.csv:(\d+): (\S+):", done.stderr, re.M) == [
        ("2", "replies.handling"), ("3", "replies.after")], done.stderr


def test_a_trace_as_tables(desk):
    table = of_trace(desk)
    assert "day.csv, 2026-11-21 09:00 to 2026-11-21 10:00, seed 1" in table
    assert re.search(r"^service\s+10\s+9\s+1\s+0\s+20\.0 %", table, re.M), table
    assert re.search(r"^ani\s+4\s+4\s+0\s+20\.0 %.*\s1 h 00\s+100\.0 %", table, re.M), table
    assert re.search(r"^52 min 00\s+case 8\s+service\s+09:08:00\s+answered\s+ani", table, re.M), table
    assert re.search(r"^1 min 00\s+case 9\s+service\s+09:09:00\s+left\s+–", table, re.M), table


def test_the_same_input_gives_the_same_json_and_another_seed_another_day(desk):
    arguments = ("--config", "slow.yaml", "--profile", "day.yaml", "--json")
    first, second, other = run(desk, *arguments), run(desk, *arguments), run(desk, *arguments, "--seed", "2")
    assert first.returncode == 0 and first.stdout == second.stdout, (first, second)
    assert first.stdout != other.stdout
    assert 80 < json.loads(first.stdout)["a"]["total"]["offered"] < 160


def test_two_configurations_are_compared_over_five_days(desk):
    done = run(desk, "--config", "slow.yaml", "--config", "fast.yaml", "--profile", "day.yaml", "--json")
    assert done.returncode == 0, done
    answer = json.loads(done.stdout)
    assert answer["seeds"] == [1, 2, 3, 4, 5] and answer["confidence"] == 0.95
    assert answer["a"]["total"]["offered"] == answer["b"]["total"]["offered"], "both have the same days"
    difference = {one["figure"]: one for one in answer["difference"] if one["queue"] is None}
    p95 = difference["wait_p95"]
    assert p95["better"] == "b" and 0 < p95["low"] < p95["difference"] < p95["high"], p95
    assert p95["difference"] == pytest.approx(p95["a"] - p95["b"], abs=1e-5)
    table = run(desk, "--config", "slow.yaml", "--config", "fast.yaml", "--profile", "day.yaml", "--seeds", "3").stdout
    assert re.search(r"^wait, p50\s+all\s+.*\+.* to \+.*\s+B$", table, re.M), table


def test_days_like_a_trace_and_shifts_of_a_profile(desk):
    answer = json.loads(of_trace(desk, "--json", "--seeds", "4"))
    assert answer["a"]["total"]["offered"] == 40
    assert {worst["seed"] for worst in answer["a"]["worst"]} > {1}
    figures = {one["figure"]: one for one in answer["a"]["figures"] if one["queue"] is None}
    assert figures["wait_mean"]["low"] < figures["wait_mean"]["mean"] < figures["wait_mean"]["high"]
    nobody = dict(PROFILE, shifts=[{"agents": "ani", "from": "10:00", "to": "11:00"}])
    (desk / "late.yaml").write_text(json.dumps(nobody), encoding="utf-8")
    total = json.loads(of_trace(desk, "--json", "--profile", "late.yaml"))["a"]["total"]
    assert total["wait"]["p50"] > 3000, "nobody is there before ten"


def with_replies_and_losses(**more):
    """The profile's day, on which customers write again and agents lose their connections."""
    stream = dict(PROFILE["arrivals"][0], handling="2m", replies={"chance": 0.5, "after": "4m", **more.pop("replies", {})})
    return dict(PROFILE, arrivals=[stream], losses={"per_hour": 3, "for": "3m", **more})


def test_customers_who_write_again_and_lost_connections_are_in_the_report(desk):
    (desk / "lively.yaml").write_text(json.dumps(with_replies_and_losses()), encoding="utf-8")
    arguments = ("--config", "fast.yaml", "--profile", "lively.yaml")
    lively, quiet = (run(desk, *arguments, "--json"), run(desk, "--config", "fast.yaml", "--profile", "day.yaml", "--json"))
    assert lively.returncode == 0 and quiet.returncode == 0, (lively, quiet)
    report = json.loads(lively.stdout)["a"]
    # Half of those who are answered write again, and half of those once more.
    answered, replies = report["total"]["answered"], report["total"]["replies"]
    assert replies == report["queues"]["service"]["replies"] and 0.5 * answered < replies < 2 * answered
    losses = {agent["agent"]: (agent["losses"], agent["lost"]) for agent in report["agents"]}
    assert all(count > 0 and 0 < lost <= count * 180 for count, lost in losses.values()), losses
    table = run(desk, *arguments).stdout
    assert f"Customers wrote again: {replies} times." in table, table
    assert f"Connections lost: {sum(count for count, _ in losses.values())}, for " in table, table
    still = json.loads(quiet.stdout)["a"]
    assert still["total"]["replies"] == 0 and {agent["losses"] for agent in still["agents"]} == {0}
    assert report["total"]["wait"]["mean"] > 0 and lively.stdout == run(desk, *arguments, "--json").stdout


def test_bad_replies_and_losses_have_their_line(desk):
    (desk / "bad.yaml").write_text("arrivals:\n"
                                   "  - channel: site-chat\n"
                                   "    per_hour: 1\n"
                                   "    handling: 5m\n"
                                   "    replies:\n"
                                   "      chance: 1.5\n"
                                   "      after: soon\n"
                                   "      most: 0\n"
                                   "      more: 1\n"
                                   "  - {channel: site-chat, per_hour: 1, handling: 5m, replies: {chance: 0.5}}\n"
                                   "losses:\n"
                                   "  per_hour: 61\n"
                                   "  for: {exponential: {}}\n", encoding="utf-8")
    done = run(desk, "--config", "slow.yaml", "--profile", "bad.yaml")
    assert done.returncode == 1 and not done.stdout, done
    lines = sorted(int(line) for line in re.findall(r"^bad\.yaml:(\d+):\d+: ", done.stderr, re.M))
    assert lines == [6, 7, 8, 9, 10, 12, 13], done.stderr
    (desk / "bad.csv").write_text("time,channel,handling,replies\n09:00,site-chat,5m,2\n", encoding="utf-8")
    done = run(desk, "--config", "slow.yaml", "--trace", "bad.csv", "--date", DATE)
    assert done.returncode == 1 and "bad.csv:1: " in done.stderr and "replies" in done.stderr, done


def test_a_plot_is_drawn_and_a_missing_gnuplot_is_named_at_once(desk):
    of_trace(desk, "--plot", "waits.svg")
    picture = (desk / "waits.svg").read_text(encoding="utf-8")
    assert picture.startswith("<?xml") and "service" in picture and picture.rstrip().endswith("</svg>")
    of_trace(desk, "--plot", str(desk / "it's; waits.png"))
    assert (desk / "it's; waits.png").read_bytes().startswith(b"\x89PNG")
    done = run(desk, "--config", "slow.yaml", "--trace", "day.csv", "--date", DATE, "--plot", "waits.jpg")
    assert done.returncode == 1 and ".svg or .png" in done.stderr, done
    done = run(desk, "--config", "slow.yaml", "--trace", "day.csv", "--plot", "waits.svg", PATH=str(desk))
    assert done.returncode == 1 and "apt-get install gnuplot-nox" in done.stderr, done


def test_an_interrupted_simulation_leaves_nothing_behind(desk):
    command = [PEYKCTL, "simulate", "--config", "slow.yaml", "--profile", "day.yaml", "--seeds", "100"]
    program = subprocess.Popen(command, cwd=desk, env={**os.environ, "TMPDIR": str(desk / "tmp")},
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    until("it runs", lambda: list((desk / "tmp").glob("*/*.sock")))
    program.send_signal(signal.SIGINT)
    assert "interrupted" in program.communicate(timeout=120)[1] and program.returncode == 1
    assert not list((desk / "tmp").iterdir())


def test_the_example_profile_fits_the_example_configuration(desk):
    done = run(desk, "--config", str(SOURCE / "config/peyk.yaml"), "--profile", str(SOURCE / "config/day.yaml"))
    assert done.returncode == 0 and not done.stderr and "IN PROMISE" in done.stdout, done
