"""peykctl's desk and chat while the daemon's store does not answer: what was typed arrives once, when it does again."""
import pytest

from peyk import PASSWORD, PEYKCTL
from terminal import Piped


@pytest.fixture(name="daemon")
def fixture_daemon(redis_server, make_daemon):
    daemon = make_daemon(redis_url=redis_server.url)
    daemon.config["redis"]["timeout"] = "1s"
    daemon.write_config()
    return daemon.start()


def program(daemon, *arguments):
    return [PEYKCTL, "--url", f"http://127.0.0.1:{daemon.port}", *arguments]


def test_what_was_refused_for_now_leaves_by_itself_once_the_store_is_back(daemon, redis_server):
    with Piped(program(daemon, "desk", "ani"), PASSWORD) as desk, \
            Piped(program(daemon, "chat", "site-chat", "--name", "Sara")) as chat:
        desk.type("available")
        desk.wait("you are available")
        chat.wait("To go on later")
        chat.type("Before.")
        desk.wait("Before.")
        desk.type("accept")
        desk.wait("is yours")
        redis_server.freeze()
        desk.type("reply First.")
        desk.wait("it is sent again by itself")
        desk.type("reply Second.")
        chat.type("Meanwhile.")
        chat.wait("not stored")
        redis_server.thaw()
        chat.wait("First.", 40)
        chat.wait("Second.", 40)
        desk.wait("Meanwhile.", 40)
    [conversation] = daemon.api("mehri").get("/api/v1/conversations").expect(200)["conversations"]
    messages = daemon.conversation(conversation["id"])["messages"]
    said = [(message["direction"], message["text"]) for message in messages if message["direction"] != "note"]
    assert sorted(said) == [("in", "Before."), ("in", "Meanwhile."), ("out", "First."), ("out", "Second.")], said
    assert said.index(("out", "First.")) < said.index(("out", "Second."))
