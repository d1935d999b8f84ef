"""peykctl as operators, agents and visitors use it, against a living daemon."""
import contextlib
import json
import re
import time

import pytest

from peyk import PASSWORD, PEYKCTL, agent, default_config
from terminal import Piped, Tmux, tmux_missing
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


def program(daemon, *arguments):
    return [PEYKCTL, "--url", f"http://127.0.0.1:{daemon.port}", *arguments]


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
    waits(0.2)  # nothing was known to tell him
    waits(1.5)  # was told the last one's wait
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


def test_a_visitor_and_an_agent_talk_through_pipes(daemon):
    with Piped(program(daemon, "desk", "ani"), PASSWORD) as desk, \
            Piped(program(daemon, "chat", "site-chat", "--name", "Sara")) as chat:
        desk.type("available")
        desk.wait("you are available")
        chat.wait("To go on later")
        chat.type("Is anybody there?")
        desk.wait("offer 1: chat from Sara in service")
        desk.wait("Is anybody there?")
        desk.type("accept")
        desk.wait("is yours")
        chat.wait("Ani is with you now")
        desk.type("reply Yes.\\nHow can I help?")
        chat.wait("Ani: Yes.\nHow can I help?")
        chat.type("It drips. می‌چکد")
        desk.wait("It drips. می‌چکد")
        desk.type("note He sounds tired.")
        desk.wait("He sounds tired.")
        desk.type("list")
        desk.wait("active")
        desk.type("resolve solved")
        chat.wait("This conversation is resolved.")
        chat.type("/rate 5 Quick.")
        chat.wait("Thank you for rating.")
        assert "He sounds tired." not in chat.output
        assert chat.end() == 0
        desk.type("quit")
        assert desk.process.wait(10) == 0
    listed = daemon.api("mehri").get("/api/v1/conversations").expect(200)["conversations"]
    assert [(entry["state"], entry["outcome"]) for entry in listed] == [("resolved", "solved")]
    rating = daemon.api("mehri").get(f"/api/v1/conversations/{listed[0]['id']}").expect(200)["rating"]
    assert (rating["score"], rating["comment"]) == (5, "Quick."), rating
    assert re.search(r"^rating +5 of 5: Quick\.$", run(daemon, "show", listed[0]["id"]), re.MULTILINE)
    until("the rating is counted",
          lambda: 'peyk_rating_sum{queue="service"} 5' in daemon.http.get("/metrics").text)


def test_the_desk_declines_transfers_and_puts_aside(daemon):
    bela = daemon.agent("bela", available=False)
    with Piped(program(daemon, "desk", "ani"), PASSWORD) as desk:
        desk.type("available")
        desk.wait("you are available")
        receipt = daemon.form("For Bela.", subject="A leak").expect(202)
        desk.wait("● offer")
        desk.type("accept")
        desk.wait("is yours")
        bela.available()
        desk.type("transfer @bela She knows coolers.")
        offer = bela.next_offer(conversation=receipt["conversation"])
        detail = bela.accept(offer)["detail"]
        assert "She knows coolers." in [message["text"] for message in detail["messages"]]
        bela.command("presence", state="away")
        second = daemon.form("For later.").expect(202)["conversation"]
        desk.wait("● offer")
        desk.type("accept")
        desk.wait("is yours")
        desk.type("snooze 2h")
        until("it is snoozed", lambda: daemon.conversation(second)["state"] == "snoozed")
        desk.type("dance")
        desk.wait("unknown command")
        third = daemon.form("Not for Ani.").expect(202)["conversation"]
        desk.wait("● offer")
        desk.type("decline")
        desk.wait("is gone: declined")
        until("it waits again", lambda: daemon.conversation(third)["state"] == "waiting")
        assert desk.end() == 0


def test_desk_and_chat_come_back_after_the_daemon_died(daemon):
    with Piped(program(daemon, "desk", "ani"), PASSWORD) as desk, \
            Piped(program(daemon, "chat", "site-chat", "--name", "Sara")) as chat:
        desk.type("available")
        desk.wait("you are available")
        chat.wait("To go on later")
        chat.type("Before.")
        desk.wait("Before.")
        desk.type("accept")
        desk.wait("is yours")
        daemon.kill9()
        desk.wait("trying again")
        chat.type("While it was down.")
        daemon.start()
        desk.wait("While it was down.", 40)
        desk.type("reply Here we are.")
        chat.wait("Here we are.")
    listed = daemon.api("mehri").get("/api/v1/conversations").expect(200)["conversations"]
    messages = daemon.conversation(listed[0]["id"])["messages"]
    assert [message["text"] for message in messages if message["direction"] == "in"] == ["Before.", "While it was down."]


def test_a_chat_that_is_not_there_ends_with_a_word(daemon):
    with Piped(program(daemon, "chat", "no-such-chat")) as chat:
        assert chat.process.wait(10) == 1
        assert chat.output or until("a word", lambda: chat.output)


@contextlib.contextmanager
def talking(daemon, folder, **terminal):
    """Ani's desk, available, and a chat she has taken, each in a terminal: (desk, chat)."""
    with Tmux(folder, "desk", program(daemon, "desk", "ani"), **terminal) as desk, \
            Tmux(folder, "chat", program(daemon, "chat", "site-chat", "--name", "Sara"), **terminal) as chat:
        desk.wait("Password of ani:")
        desk.type(PASSWORD)
        desk.wait("ani ")
        desk.type("available")
        desk.wait("you are available")
        chat.wait("you >")
        chat.type("Is anybody there?")
        desk.wait("Is anybody there?")
        desk.type("accept")
        chat.wait("Ani is with you now")
        desk.wait("[PK-")
        yield desk, chat


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
def test_a_visitor_and_an_agent_talk_in_real_terminals(daemon, folder):
    with talking(daemon, folder) as (desk, chat):
        assert PASSWORD not in desk.text()
        # What arrives does not disturb what is being typed.
        desk.keys("reply Yes, I am he")
        chat.type("Hello?")
        desk.wait("Hello?")
        desk.type("re.")
        chat.wait("Ani: Yes, I am here.")
        desk.type("reply درود، چطور می‌توانم کمک کنم؟")
        chat.wait("درود")
        assert "\x1b[" in chat.screen(colours=True)
        desk.type("resolve solved")
        chat.wait("This conversation is resolved.")
        desk.type("quit")
        chat.type("/quit")
        desk.wait_ended()
        chat.wait_ended()


@pytest.fixture(name="terminals")
def fixture_terminals(daemon, folder):
    """Ani's desk and a chat she has taken, both in narrow terminals."""
    with talking(daemon, folder, columns=60) as both:
        yield both


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
def test_what_is_being_typed_stands_below_what_arrives(terminals):
    desk, chat = terminals
    prompt = desk.screen().rstrip().splitlines()[-1].rstrip()
    for number, typed in enumerate(["r", "reply Yes, I", "reply Yes, I am"]):
        desk.keys(typed[len(["", "r", "reply Yes, I"][number]):])
        desk.wait_last(f"{prompt} {typed}")
        chat.type(f"Hello {number}?")
        desk.wait(f"Hello {number}?")
        desk.wait_last(f"{prompt} {typed}")
    # The line is one: a key pressed far to the left changes it there.
    desk.press("Left", "Left", "BSpace")
    desk.keys("_")
    desk.wait_last(f"{prompt} reply Yes, I_am")
    # Escape alone waits for nothing.
    desk.press("Escape")
    chat.type("Still there?")
    desk.wait("Still there?")
    desk.wait_last(f"{prompt} reply Yes, I_am")
    desk.type("")
    chat.wait("Ani: Yes, I_am")
    desk.wait_last(prompt)
    desk.press("Up")
    desk.wait_last(f"{prompt} reply Yes, I_am")


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
def test_a_line_longer_than_the_terminal_is_drawn_once(terminals):
    desk, chat = terminals
    words = " ".join(f"word{number}" for number in range(30))
    desk.keys("reply " + words)
    desk.wait("word29")
    for number in range(3):
        chat.type(f"Hello {number}?")
        desk.wait(f"Hello {number}?")
    desk.wait("word29")
    shown = desk.text()
    assert shown.count("word17") == 1 and shown.count("word29") == 1, shown
    desk.resize(40, 30)
    chat.type("Now narrow?")
    desk.wait("Now narrow?")
    desk.type("")
    chat.wait("word29")
    chat.wait(f"Ani: {words}")


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
def test_persian_and_armenian_are_typed_shown_and_sent(daemon, terminals):
    desk, chat = terminals
    persian, armenian = "درود، چطور می‌توانم کمک کنم؟", "Բարեւ ձեզ, ինչո՞վ օգնեմ"
    desk.keys("reply " + persian[:12])
    chat.type(armenian)
    desk.wait(armenian)
    desk.type(persian[12:])
    chat.wait("Ani: درود")
    desk.keys("reply " + armenian + "xy")
    desk.wait(armenian + "xy")
    desk.press("BSpace", "BSpace")
    desk.type(" ։")
    chat.wait("Ani: " + armenian)
    listed = daemon.api("mehri").get("/api/v1/conversations").expect(200)["conversations"]
    messages = [message["text"] for message in daemon.conversation(listed[0]["id"])["messages"]]
    assert persian in messages and armenian in messages and armenian + " ։" in messages, messages


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
@pytest.mark.parametrize("key", ["C-c", "C-d"])
def test_ctrl_c_and_ctrl_d_leave_in_order_and_give_the_terminal_back(daemon, folder, key):
    shell = ["sh", "-c", 'trap : INT; "$@"; echo "left with $?"; stty -a; exec cat', "sh"]
    with Tmux(folder, "chat", [*shell, *program(daemon, "chat", "site-chat")]) as chat:
        chat.wait("To go on later")
        if key == "C-c":
            chat.keys("half a line")
        chat.press(key)
        chat.wait("left with 0")
        assert "half a line" not in chat.wait(" icanon ") and " echo " in chat.text(), chat.text()
