"""A daemon is killed after the store has taken a change and before it could tell the customer: the next one tells him,
once."""
import threading

import pytest

from maildir import Maildir, text_of
from peyk import default_config
from redis_proxy import RedisProxy
from waiting import until

OWED = "peyk:{test}:texts"


@pytest.fixture(name="proxy")
def fixture_proxy(folder, redis_server):
    proxy = RedisProxy(folder, redis_server)
    yield proxy
    proxy.stop()


@pytest.fixture(name="daemon")
def fixture_daemon(make_daemon, proxy):
    return make_daemon(default_config(), redis_url=proxy.url).start()


def die_knowing_nothing(daemon, proxy, store, script, text, act):
    """Does `act`, whose script owes that text; the daemon is killed before it hears of the script's success. The member
    that says what is owed."""
    proxy.last = f"_{script}\r\n".encode()
    acting = threading.Thread(target=act, daemon=True)
    acting.start()
    owed = until(f"the store owes {text}",
                 lambda: next((entry for entry in store.zrange(OWED, 0, -1) if f" {text}" in entry), None))
    daemon.kill9()
    proxy.delay, proxy.last = 0.0, None
    acting.join(20)
    return owed


def told_once(daemon, store, conversation, word):
    """Waits until nothing is owed; the texts of Peyk's own in the conversation that have this word, one."""
    until("nothing is owed", lambda: not store.exists(OWED), 60)
    messages = daemon.conversation(conversation)["messages"]
    texts = [message["text"] for message in messages if message["direction"] == "system" and word in message["text"]]
    assert len(texts) == 1, messages
    return texts[0]


def mailed_once(daemon, text):
    """Waits until that text is in a mail, and all that was to go out is out: it is in no second one."""
    sent = Maildir(daemon.maildir)
    first_line = text.splitlines()[0]
    until("the mail", lambda: any(first_line in text_of(mail) for mail in sent.mails()), 30)
    until("nothing waits to go out",
          lambda: daemon.http.get("/health").json()["checks"]["outbox"]["observedValue"] == 0, 30)
    assert sum(first_line in text_of(mail) for mail in sent.mails()) == 1


def test_that_a_message_came_is_said_by_the_next_daemon(daemon, proxy, redis_server):
    store = redis_server.client()

    def send():
        try:
            daemon.form("It drips.", name="Sara", email="sara@customer.test")
        except OSError:
            pass  # the daemon was killed: that it was stored is what nobody told him

    owed = die_knowing_nothing(daemon, proxy, store, "receive", "received", send)
    daemon.start()
    text = told_once(daemon, store, owed.split()[0], "PK-")
    mailed_once(daemon, text)


def test_that_a_matter_is_solved_is_said_by_the_next_daemon(daemon, proxy, redis_server):
    store = redis_server.client()
    ani, bela = daemon.agent("ani"), daemon.agent("bela", available=False)
    conversation = daemon.form("It drips.", name="Sara", email="sara@customer.test").expect(202)["conversation"]
    ani.take(conversation=conversation)
    until("what was owed is said", lambda: not store.exists(OWED))
    ani.command("transfer", conversation=conversation, agent="bela")
    bela.available()
    bela.take(conversation=conversation)
    owed = die_knowing_nothing(daemon, proxy, store, "resolve", "resolved", lambda: bela.send(
        {"type": "resolve", "id": "r", "conversation": conversation, "outcome": "solved"}))
    assert owed.split()[0] == conversation
    daemon.start()
    mailed_once(daemon, told_once(daemon, store, conversation, "solved"))
