"""Two daemons on one Redis are one desk, and one goes on when the other dies."""
import time

import pytest

from maildir import Maildir, is_automatic, text_of
from peyk import agent, default_config
from waiting import until

GRACE = 3.0  # counts from the last sign of life, so that a lease shorter than it does not add to it
LEASE = 1.5


def shared_config():
    config = default_config()
    config["presence"] = {"lease": f"{int(LEASE * 1000)}ms", "grace": f"{int(GRACE * 1000)}ms", "reassign_after": "1s"}
    config["queues"]["service"]["offer"] = {"timeout": "60s"}
    config["agents"]["admin"] = agent("Admin", role="admin", queues=())
    return config


@pytest.fixture(name="pair")
def fixture_pair(redis_server, make_daemon):
    """Two daemons, A and B, ready, on one store and with one folder of blobs."""
    first = make_daemon(shared_config(), redis_url=redis_server.url)
    second = make_daemon(shared_config(), redis_url=redis_server.url)
    second.config["state_dir"] = first.config["state_dir"]
    for name, channel in first.config["channels"].items():
        if "smtp" in channel:
            second.config["channels"][name]["smtp"] = channel["smtp"]
    # Links lead to the same place, whichever daemon writes them.
    second.config["http"]["public_url"] = first.config["http"]["public_url"]
    second.write_config()
    return first.start(), second.start()


def audit(daemon):
    done = daemon.ctl("--json", "audit", token=daemon.login("admin"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_form_on_b_reaches_an_agent_on_a_and_his_answer_leaves(pair):
    a, b = pair
    ani = a.agent("ani")
    receipt = b.form("My cooler drips.", email="sara@customer.test").expect(202)
    assert ani.take(kind="form")["conversation"] == receipt["conversation"]
    said = ani.reply(receipt["conversation"], "We come tomorrow.")
    assert "We come tomorrow." in text_of(Maildir(a.maildir).next())
    ani.sent(receipt["conversation"], said["message"])
    assert b.conversation(receipt["conversation"])["agent"] == "ani"
    assert len([mail for mail in Maildir(a.maildir).mails() if not is_automatic(mail)]) == 1
    audit(b)


def test_a_chat_on_a_is_answered_by_an_agent_on_b(pair):
    a, b = pair
    bela = b.agent("bela")
    with a.chat(name="Sara") as sara:
        sara.say("Is anybody there?")
        conversation = bela.take(kind="chat")["conversation"]
        assert sara.wait("assigned")["agent"]["name"] == "Bela"
        bela.reply(conversation, "Yes.")
        assert sara.heard()["text"] == "Yes."
        sara.say("It drips.")
        assert bela.wait("message", lambda frame: frame["message"]["text"] == "It drips.")["conversation"] == conversation
        bela.command("typing", conversation=conversation)
        sara.wait("typing")
        bela.resolve(conversation)
        sara.wait("resolved")
    audit(a)


def test_an_agent_with_a_socket_on_each_daemon_loses_one_and_stays(pair):
    a, b = pair
    here, there = a.agent("ani"), b.agent("ani")
    here.close()
    receipt = a.form("For the socket that is left.").expect(202)
    assert there.take()["conversation"] == receipt["conversation"]


def test_an_agent_with_two_sockets_on_one_daemon_loses_the_older_after_its_lease_and_stays(pair):
    a, b = pair
    older, newer = a.agent("ani"), a.agent("ani")
    time.sleep(LEASE * 2)  # so that whatever is not renewed has run out
    older.close()
    states = []

    def still_there():
        states.extend(view["connected"] for view in b.api("mehri").get("/api/v1/agents").expect(200)["agents"]
                      if view["name"] == "ani")
        return len(states) >= 20

    until("twenty looks at the agent", still_there)
    assert all(states), "gone for a moment, though a socket was left"
    receipt = b.form("For the newer socket.").expect(202)
    assert newer.take()["conversation"] == receipt["conversation"]


def test_what_a_held_when_it_was_killed_goes_to_agents_on_b_within_grace_and_a_second(pair):
    a, b = pair
    ani = a.agent("ani")
    chat = a.chat(name="Sara")
    chat.say("I need help.")
    active = ani.take(kind="chat")["conversation"]
    ani.reply(active, "One moment.")
    chat.heard("One moment.")
    chat.say("I am waiting.")
    offered = a.form("I am only offered yet.").expect(202)["conversation"]
    ani.next_offer(conversation=offered)
    bela = b.agent("bela")

    a.kill9()
    begin = time.monotonic()
    offer = bela.next_offer(conversation=offered)
    took = time.monotonic() - begin
    assert took < GRACE + 1.0, f"the offer took {took:.2f} s"
    bela.accept(offer)
    assert bela.take(kind="chat")["conversation"] == active
    assert time.monotonic() - begin < GRACE + 1.0 + 1.0 + 1.0, "his chat took longer than reassign_after"

    with b.chat(visitor=chat.visitor) as back:
        assert back.welcome["conversation"] == active
        assert "One moment." in [message["text"] for message in back.welcome["messages"]]
        back.say("Are you new?")
        bela.reply(active, "Yes, but I have read it all.")
        assert back.heard("Yes, but I have read it all.")
    views = {view["name"]: view for view in b.api("mehri").get("/api/v1/agents").expect(200)["agents"]}
    assert not views["ani"]["connected"] and not views["ani"]["conversations"] and views["ani"]["load"] == 0
    audit(b)


def test_everything_at_once_on_two_daemons_while_one_is_killed_and_comes_back(pair):
    a, b = pair
    bela = b.agent("bela")
    receipts = [daemon.form(f"Number {number}").expect(202)["conversation"]
                for number in range(6) for daemon in (a, b)]
    taken = set()
    a.kill9()
    while len(taken) < 10:  # Bela's capacity; the others wait for him
        taken.add(bela.take()["conversation"])
    a.start()
    ani = a.agent("ani")
    while len(taken) < len(receipts):
        taken.add(ani.take()["conversation"])
    assert taken == set(receipts)
    audit(a)
