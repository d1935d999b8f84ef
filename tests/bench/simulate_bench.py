"""How long a large day takes: 20,000 conversations and 200 agents on `peykctl simulate`, as an operator runs it.

Usage: simulate_bench.py [CONVERSATIONS [AGENTS]]
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

SKILLS = ["cooling", "kitchen", "billing", "fa", "hy"]
# Shares of a day's conversations by hour, of a desk that is open from eight to twenty.
HOURS = [0] * 8 + [6, 9, 11, 11, 9, 8, 9, 10, 9, 7, 6, 5] + [0] * 4
WANTED_SECONDS = 30


def configuration(agents):
    """Four queues by language and product, skills of several levels, three kinds of channel."""
    people = {}
    for number in range(agents):
        skills = {SKILLS[number % 3]: 2 + number % 4, SKILLS[3 + number % 2]: 3}
        queues = ["service", "billing"] if number % 3 == 2 else ["service", "repairs"]
        people[f"agent-{number:03}"] = {"name": f"Agent {number}", "skills": skills, "queues": queues, "capacity": 4}
    return {
        "version": 1, "desk": "bench", "timezone": "Asia/Yerevan",
        "redis": {"embedded": True}, "http": {"listen": ["127.0.0.1:0"]},
        "channels": {"site-chat": {"kind": "chat"},
                     "contact-form": {"kind": "form", "fields": {"product": {"label": "Product"}}}},
        "skills": SKILLS,
        "queues": {"service": {"promise": {"first_reply": "2m", "resolve": "2d"}, "wrap_up": "20s"},
                   "repairs": {"promise": {"first_reply": "10m", "resolve": "2d"}},
                   "billing": {"promise": {"first_reply": "1h", "resolve": "3d"}}},
        "kinds": {"chat": {"weight": 2}, "form": {"weight": 1}},
        "routes": [{"when": {"language": "hy"}, "queue": "service", "require": {"hy": 3}},
                   {"when": {"field.product": "cooler"}, "queue": "repairs", "require": {"cooling": 2},
                    "prefer": [{"skills": {"cooling": 4}, "for": "60s"}]},
                   {"when": {"field.product": "invoice"}, "queue": "billing", "require": {"billing": 2}},
                   {"queue": "service"}],
        "agents": people,
    }


def profile(conversations, agents):
    def stream(share, handling, **more):
        rates = [round(conversations * share * hour / sum(HOURS), 3) for hour in HOURS]
        return {"per_hour": rates, "handling": {"lognormal": {"mean": handling, "p90": f"{2 * int(handling[:-1])}m"}},
                **more}
    return {
        "date": "2026-11-23", "accept_delay": "4s",
        "arrivals": [
            stream(0.5, "8m", channel="site-chat", language="fa", patience={"exponential": {"mean": "8m"}}),
            stream(0.1, "8m", channel="site-chat", language="hy", patience={"exponential": {"mean": "8m"}}),
            stream(0.25, "10m", channel="contact-form", language="fa", fields={"product": "cooler"}),
            stream(0.15, "6m", channel="contact-form", language="fa", fields={"product": "invoice"}),
        ],
        "shifts": [{"queue": "service", "count": agents * 6 // 10, "from": "08:00", "to": "16:00"},
                   {"queue": "service", "count": agents * 4 // 10, "from": "12:00", "to": "20:00"}],
    }


def simulate(folder, *arguments):
    began = time.monotonic()
    command = [os.environ["PEYKCTL"], "simulate", "--config", "desk.yaml", "--profile", "day.yaml", *arguments]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    return time.monotonic() - began, done.stdout


def main():
    conversations = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    agents = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory(prefix="peyk-bench-") as name:
        folder = pathlib.Path(name)
        (folder / "desk.yaml").write_text(json.dumps(configuration(agents)), encoding="utf-8")
        (folder / "day.yaml").write_text(json.dumps(profile(conversations, agents)), encoding="utf-8")
        seconds, table = simulate(folder)
        print(table)
        total = re.search(r"^all +(\d+)", table, re.M)
        calls = int(re.search(r"^(\d+) script calls", table, re.M)[1])
        print(f"{int(total[1]):,} conversations, {agents} agents: {seconds:.1f} s, start of Redis and report included; "
              f"{calls:,} script calls, {calls / seconds:,.0f} a second (wanted for 20,000 and 200: "
              f"under {WANTED_SECONDS} s)")
        seconds, _ = simulate(folder, "--config", "desk.yaml", "--plot", "day.svg")
        print(f"two configurations, five seeds each, and a plot: {seconds:.1f} s")


main()
