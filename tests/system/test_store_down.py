"""While Redis is down or does not answer, everybody is told to come back, nothing is acknowledged, and it mends itself."""
import time

import pytest

from correspondence import mail
from sockets import Refused
from waiting import until


def kill(server):
    server.kill9()


def freeze(server):
    server.freeze()


def bring_back(server):
    if server.process.poll() is None:
        server.thaw()
    else:
        server.start()


@pytest.fixture(name="desk", params=[kill, freeze], ids=["down", "frozen"])
def fixture_desk(request, redis_server, make_daemon):
    """A daemon that has taken a form and a chat, and whose store has just gone: (daemon, server, sockets)."""
    daemon = make_daemon(redis_url=redis_server.url)
    daemon.config["redis"]["timeout"] = "1s"
    daemon.write_config()
    daemon.start()
    ani = daemon.agent("ani")
    chat = daemon.chat(name="Sara")
    chat.say("Before.")
    ani.take(kind="chat")
    request.param(redis_server)
    yield daemon, redis_server, ani, chat
    bring_back(redis_server)


def issue_codes(daemon):
    answer = daemon.http.get("/health")
    return answer.status, [issue["code"] for issue in answer.json()["issues"]]


def test_the_probes_say_so_within_two_seconds_and_the_loop_turns(desk):
    daemon, server, _, _ = desk
    begin = time.monotonic()
    until("/readyz says 503", lambda: daemon.http.get("/readyz").status == 503, 5)
    assert time.monotonic() - begin < 2.0
    begin = time.monotonic()
    assert daemon.http.get("/livez").status == 200
    assert time.monotonic() - begin < 1.0
    until("/health names it", lambda: issue_codes(daemon) == (503, ["store.down"]), 5)
    assert "store.lost" in daemon.log() and 'store.lost error=""' not in daemon.log()
    begin = time.monotonic()
    daemon.http.get("/health")
    assert time.monotonic() - begin < 0.5
    bring_back(server)
    until("/readyz says 200", daemon.ready, 20)
    until("/health forgets it", lambda: "store.down" not in issue_codes(daemon)[1], 10)


def test_nothing_is_acknowledged_and_everybody_is_told_to_come_back(desk):
    daemon, server, ani, chat = desk
    form = daemon.form("While it is away.")
    assert form.status == 503 and int(form.headers["retry-after"]) > 0
    assert form.headers["content-type"].startswith("application/problem+json")
    page = daemon.http.post("/form/contact-form", {"message": "While it is away."}, {"Accept": "text/html"})
    assert page.status == 503 and "text/html" in page.headers["content-type"]
    login = daemon.http.post("/api/v1/session", {"agent": "ani", "password": "secret"})
    assert login.status == 503 and "retry-after" in login.headers
    listed = daemon.http.with_token(ani.token).get("/api/v1/conversations")
    assert listed.status == 503 and "retry-after" in listed.headers

    with pytest.raises(Refused) as refused:
        chat.say("While it is away.")
    assert refused.value.code in ("unavailable", "timeout")
    with pytest.raises(Refused) as refused:
        ani.command("presence", state="busy")
    assert refused.value.code in ("unavailable", "timeout")
    answers = daemon.lmtp(mail("While it is away.").as_bytes(), "sara@customer.test", ["support@desk.test"])
    assert answers["support@desk.test"][0] == 451

    bring_back(server)
    until("/readyz says 200", daemon.ready, 20)
    listed = daemon.conversations()
    stored = [message["text"] for entry in listed for message in daemon.conversation(entry["id"])["messages"]]
    assert stored == ["Before."]


def test_it_goes_on_by_itself_with_the_same_sockets(desk):
    daemon, server, ani, chat = desk
    until("/readyz says 503", lambda: daemon.http.get("/readyz").status == 503, 5)
    bring_back(server)
    until("/readyz says 200", daemon.ready, 20)
    ack = chat.say("After.", key="k-after")
    assert chat.say("After.", key="k-after")["message"] == ack["message"]
    receipt = daemon.form("After.").expect(202)
    assert ani.take(conversation=receipt["conversation"])["conversation"] == receipt["conversation"]
    answers = daemon.lmtp(mail("After.").as_bytes(), "sara@customer.test", ["support@desk.test"])
    assert answers["support@desk.test"][0] == 250
    ani.take(kind="email")


def test_a_daemon_started_before_its_store_waits_for_it(redis_server, make_daemon):
    redis_server.kill9()
    daemon = make_daemon(redis_url=redis_server.url).start(wait=False)

    def answers():
        try:
            return daemon.http.get("/livez").status == 200
        except OSError:
            return False

    until("/livez says 200", answers, 20)
    assert daemon.http.get("/readyz").status == 503
    assert daemon.form("Too early.").status == 503
    redis_server.start()
    daemon.wait_ready()
    assert daemon.form("In time.").status == 202


def test_a_daemon_stops_while_its_store_is_away(redis_server, make_daemon):
    daemon = make_daemon(redis_url=redis_server.url).start()
    daemon.agent("ani")
    redis_server.kill9()
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 10


def test_before_its_store_is_there_every_path_says_come_back(redis_server, make_daemon):
    redis_server.kill9()
    daemon = make_daemon(redis_url=redis_server.url)
    daemon.start(wait=False)
    until("it listens", lambda: listens(daemon), 30)
    for path in ("/api/v1/me", "/api/v1/conversations/c_1/explain", "/openapi.yaml", "/widget.js", "/form/contact-form",
                 "/chat/site-chat/attachments/b_1", "/status/x"):
        answer = daemon.http.get(path)
        assert answer.status == 503, f"{path}: {answer.status}"
        assert answer.headers["retry-after"]
    assert daemon.http.post("/form/contact-form", {"message": "Too early."}).status == 503
    assert daemon.http.get("/livez").status == 200
    redis_server.start()
    until("ready", daemon.ready, 20)
    assert daemon.form("In time.").status == 202


def listens(daemon):
    try:
        return daemon.http.get("/livez").status == 200
    except OSError:
        return False
