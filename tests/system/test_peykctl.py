"""peykctl as operators use it, against a living daemon: its commands, as tables and as JSON."""
import json
import re
import time

import pytest

from peyk import PASSWORD, agent, default_config
from waiting import until


@pytest.fixture(name="daemon")
def fixture_daemon(make_daemon):
    config = default_config()
    config["agents"]["admin"] = agent("Admin", role="admin", queues=())
    return make_daemon(config).start()


def run(daemon, *arguments, name="admin"):
    """Standard output of a command that succeeds."""
    done = daemon.ctl(*arguments, token=daemon.login(name))
    assert done.returncode == 0, done
    return done.stdout


def test_login_keeps_a_token_that_the_other_commands_use(daemon):
    token = str(daemon.folder / "kept" / "token")
    done = daemon.ctl("--token-file", token, "login", "ani", stdin=PASSWORD + "\n")
    assert done.returncode == 0 and "logged in as ani" in done.stdout, done
    assert (daemon.folder / "kept" / "token").stat().st_mode & 0o777 == 0o600
    assert daemon.ctl("--token-file", token, "queues").returncode == 0
    wrong = daemon.ctl("--token-file", token, "login", "ani", stdin="wrong\n")
    assert wrong.returncode == 1 and "password" in wrong.stderr, wrong
    assert daemon.ctl("--token-file", token, "queues").returncode == 0, "a failed log-in took the old token away"


def test_without_a_login_it_says_what_to_do(daemon):
    done = daemon.ctl("--token-file", str(daemon.folder / "none"), "queues")
    assert done.returncode == 1 and "log in" in done.stderr, done


def test_status_is_the_health_in_words_and_as_json(daemon):
    assert re.search(r"Peyk \S+ at 127\.0\.0\.1:\d+: pass", run(daemon, "status"))
    until("a look at the queues", lambda: "queue:service" in json.loads(run(daemon, "status", "--json"))["checks"])
    daemon.kill9()
    gone = daemon.ctl("status")
    assert gone.returncode == 1 and str(daemon.port) in gone.stderr, gone


def test_queues_and_agents_are_tables_and_json(daemon):
    ani = daemon.agent("ani")
    daemon.form("One.").expect(202)
    ani.next_offer()
    table = run(daemon, "queues")
    assert re.search(r"^QUEUE\s+WAITING", table) and re.search(r"^service\s+0\s+1\s+0", table, re.M), table
    queues = json.loads(run(daemon, "--json", "queues"))["queues"]
    assert [(queue["name"], queue["offered"]) for queue in queues] == [("service", 1)]
    table = run(daemon, "agents")
    assert re.search(r"^ani\s+Ani\s+available", table, re.M), table
    agents = {view["name"]: view for view in json.loads(run(daemon, "agents", "--json"))["agents"]}
    assert agents["ani"]["presence"] == "available" and agents["bela"]["presence"] != "available"


def test_conversations_are_listed_by_state_shown_and_explained(daemon):
    ani = daemon.agent("ani")
    receipt = daemon.form("My cooler drips.", name="Sara", subject="A leak").expect(202)
    conversation = receipt["conversation"]
    ani.take(conversation=conversation)
    waiting = run(daemon, "conversations", "--state", "waiting")
    assert conversation not in waiting
    active = run(daemon, "conversations", "--state", "active", "--agent", "ani", "--queue", "service")
    assert conversation in active and receipt["reference"] in active and "A leak" in active
    listed = json.loads(run(daemon, "conversations", "--json"))
    assert [entry["id"] for entry in listed["conversations"]] == [conversation]
    shown = run(daemon, "show", conversation)
    assert "My cooler drips." in shown and "Sara" in shown and "next" in shown and "promise" in shown
    assert json.loads(run(daemon, "show", conversation, "--json"))["messages"][0]["text"] == "My cooler drips."
    assert "ani" in run(daemon, "explain", conversation).lower()
    assert json.loads(run(daemon, "--json", "explain", conversation))
    missing = daemon.ctl("show", "c_nothing", token=daemon.login("admin"))
    assert missing.returncode == 1 and missing.stderr.strip(), missing


def test_route_shows_the_rule_and_its_demand_of_the_daemon_and_of_a_file(daemon):
    table = run(daemon, "route", "--channel", "contact-form", "--subject", "A leak", "--text", "It drips.")
    assert re.search(r"^queue\s+service, open", table, re.M) and re.search(r"^AFTER\s+ASKED OF AN AGENT", table, re.M), table
    asked = json.loads(run(daemon, "route", "--channel", "contact-form", "--at", "2026-07-15T09:00:00Z", "--json"))
    assert asked["queue"] == "service" and asked["rule"]["number"] >= 1 and asked["steps"][0]["agents"]["could"] >= 1
    offline = daemon.ctl("route", "--channel", "contact-form", "--config", str(daemon.config_path), "--json",
                         "--at", "2026-07-15T09:00:00Z")
    assert offline.returncode == 0, offline
    assert json.loads(offline.stdout)["steps"] == asked["steps"]
    for arguments, word in ((("--channel", "fax"), "there is no channel fax"),
                            (("--channel", "contact-form", "--field", "colour=red"), "no field colour"),
                            (("--channel", "contact-form", "--field", "colour"), "NAME=VALUE"),
                            (("--channel", "contact-form", "--at", "noon"), "2026-07-15T09:00:00Z"),
                            (("--channel", "contact-form", "--config", "/nowhere.yaml"), "/nowhere.yaml")):
        refused = daemon.ctl("route", *arguments, token=daemon.login("admin"))
        assert refused.returncode == 1 and word in refused.stderr, refused
    refused = daemon.ctl("route", "--channel", "contact-form", token=daemon.login("ani"))
    assert refused.returncode == 1 and "supervisor" in refused.stderr, refused


def test_tags_of_a_conversation_and_its_contact_are_changed_and_shown(daemon):
    conversation = daemon.form("One.", name="Sara").expect(202)["conversation"]
    contact = json.loads(run(daemon, "show", conversation, "--json"))["contact"]
    assert "complaint, legal" in run(daemon, "tag", conversation, "--add", "legal", "--add", "complaint")
    assert json.loads(run(daemon, "tag", contact, "--add", "vip", "--json"))["tags"] == ["vip"]
    shown = run(daemon, "show", conversation)
    assert re.search(r"^tags\s+complaint, legal", shown, re.M) and re.search(r"^contact's tags\s+vip", shown, re.M), shown
    assert "no tags" in run(daemon, "tag", contact, "--remove", "vip")


def test_pages_of_conversations_follow_each_other(daemon):
    receipts = {daemon.form(f"Number {number}").expect(202)["conversation"] for number in range(5)}
    first = json.loads(run(daemon, "conversations", "--limit", "3", "--json"))
    second = json.loads(run(daemon, "conversations", "--limit", "3", "--after", first["next"], "--json"))
    assert len(first["conversations"]) == 3 and second["next"] is None
    assert {entry["id"] for entry in first["conversations"] + second["conversations"]} == receipts


def test_audit_finds_nothing_and_is_for_admins(daemon):
    daemon.form("One.").expect(202)
    assert "nothing wrong" in run(daemon, "audit")
    assert json.loads(run(daemon, "audit", "--json"))["findings"] == []
    refused = daemon.ctl("audit", token=daemon.login("ani"))
    assert refused.returncode == 1 and refused.stderr.strip(), refused


def test_audit_finds_what_was_damaged_and_mends_it(redis_server, make_daemon):
    config = default_config()
    config["agents"]["admin"] = agent("Admin", role="admin", queues=())
    daemon = make_daemon(config, redis_url=redis_server.url).start()
    daemon.form("I am about to fall out of my lane.").expect(202)
    store = redis_server.client()
    lanes = [key for key in store.keys("peyk:{test}:lane:*") if store.type(key) == "zset"]
    assert lanes
    store.delete(*lanes)
    token = daemon.login("admin")
    found = daemon.ctl("audit", token=token)
    assert found.returncode == 1 and "c_" in found.stdout, found
    daemon.ctl("audit", "--repair", token=token)
    again = daemon.ctl("audit", token=token)
    assert again.returncode == 0, again
    assert daemon.agent("ani").take()["detail"]["messages"][0]["text"] == "I am about to fall out of my lane."


def test_a_hashed_password_logs_in(daemon):
    done = daemon.ctl("hash-password", stdin="a new one\n")
    assert done.returncode == 0 and done.stdout.startswith("$argon2id$"), done
    (daemon.folder / "bela.hash").write_text(done.stdout, encoding="utf-8")
    daemon.config["agents"]["bela"]["password_hash_file"] = "bela.hash"
    daemon.write_config()
    assert "in force" in run(daemon, "reload")
    assert daemon.login("bela", "a new one")


def test_queues_show_by_how_much_the_told_waits_were_wrong(daemon):
    def error():
        header, service = run(daemon, "queues").splitlines()[:2]
        return service[header.index("ERROR"):].strip()

    def waits(seconds):
        receipt = daemon.form("I wait.").expect(202)
        time.sleep(seconds)  # what is estimated is time itself
        ani.available()
        detail = ani.take()["detail"]
        ani.command("resolve", conversation=receipt["conversation"], seen=detail["messages"][-1]["id"])
        ani.command("presence", state="busy")

    ani = daemon.agent("ani", available=False)
    ani.command("presence", state="busy")
    assert error() == "–"
    waits(1.1)  # nothing was known to tell him
    waits(3)  # was told the last one's wait
    until("the error shows", lambda: error() != "–", 20)
    ratio = json.loads(run(daemon, "--json", "queues"))["queues"][0]["wait_error_ratio"]
    assert ratio > 0 and abs(float(error()) - ratio) < 0.01, (error(), ratio)


def test_a_refused_reload_says_each_mistake_once(daemon):
    for mistake in ({"log": {"level": "loud"}}, {"surprise": 1}):
        daemon.config.update(mistake)
        daemon.write_config()
        done = daemon.ctl("reload", token=daemon.login("admin"))
        assert done.returncode == 1, done
        places = re.findall(r"peyk\.yaml:\d+:\d+: ", done.stderr)
        assert len(places) == len(set(places)) == done.stderr.strip().count("\n") + 1, done.stderr
    assert len(places) == 2, done.stderr


def test_wrong_command_lines_are_status_two_or_more(daemon):
    for arguments in (["dance"], ["show"], ["conversations", "--limit", "1000"], []):
        done = daemon.ctl(*arguments)
        assert done.returncode >= 2 and (done.stderr or done.stdout), done
