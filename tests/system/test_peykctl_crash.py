"""peykctl's desk and chat when the daemon dies between a command and its answer: done once, and its sender is told."""
import contextlib

import pytest

from peyk import PASSWORD, PEYKCTL
from redis_proxy import RedisProxy
from terminal import Piped
from waiting import until


@pytest.fixture(name="proxy")
def fixture_proxy(folder, redis_server):
    proxy = RedisProxy(folder, redis_server)
    yield proxy
    proxy.stop()


def program(daemon, *arguments):
    return [PEYKCTL, "--url", f"http://127.0.0.1:{daemon.port}", *arguments]


@contextlib.contextmanager
def dying(daemon, proxy, script):
    """Around what makes the daemon call that script: it is killed when the store has done it, before anybody hears of it,
    and then started again."""
    proxy.last = f"_{script}\r\n".encode()
    yield
    until(f"the store is asked for {script}", lambda: proxy.delay > 0)
    daemon.kill9()
    proxy.delay, proxy.last = 0.0, None
    daemon.start()


def test_what_was_sent_when_the_daemon_died_is_done_once_and_its_sender_is_told(make_daemon, proxy):
    daemon = make_daemon(redis_url=proxy.url).start()
    with Piped(program(daemon, "desk", "ani"), PASSWORD) as desk, \
            Piped(program(daemon, "chat", "site-chat", "--name", "Sara")) as chat:
        desk.type("available")
        desk.wait("you are available")
        chat.wait("To go on later")
        with dying(daemon, proxy, "receive"):
            chat.type("It drips.")
        desk.wait("It drips.", 40)
        desk.type("accept")
        chat.wait("Ani is with you now", 40)
        with dying(daemon, proxy, "reply"):
            desk.type("reply Turn it off.")
        chat.wait("Ani: Turn it off.", 40)
        desk.wait("Turn it off.", 40)
        # That one is known again by its key and was sent anew; of the other the agent is told that he has to look.
        with dying(daemon, proxy, "resolve"):
            desk.type("resolve solved")
        desk.wait("resolve: the connection broke before its answer came; look whether it was done", 40)
        chat.wait("This conversation is resolved.", 40)
        assert "Turn it off." not in chat.output
    [listed] = daemon.api("mehri").get("/api/v1/conversations").expect(200)["conversations"]
    assert (listed["state"], listed["outcome"]) == ("resolved", "solved")
    messages = daemon.conversation(listed["id"])["messages"]
    said = [(message["direction"], message["text"]) for message in messages if message["direction"] in ("in", "out")]
    assert said == [("in", "It drips."), ("out", "Turn it off.")]
