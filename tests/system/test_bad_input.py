"""Whatever comes in, the answer is the contract's error, nothing is stored, and the next good request works."""
import json
import socket
import time
import urllib.parse

import pytest
import websockets

from correspondence import mail
from http_client import multipart
from peyk import Daemon, agent, default_config
from sockets import Agent, Chat, Closed, Socket, call
from waiting import until

JSON = {"Content-Type": "application/json"}
NOT_UTF8 = b"\xff\xfe\xc0\xaf\xed\xa0\x80"


@pytest.fixture(name="daemon", scope="module")
def fixture_daemon(tmp_path_factory):
    """One daemon for all of this file: what one test breaks, the next one sees."""
    config = default_config()
    config["http"] = {"limits": {"body": "64KiB", "header": "4KiB", "request_time": "2s"}}
    config["channels"]["contact-form"]["limits"] = {"text": "2KiB", "attachments": 2}
    config["channels"]["contact-form"]["fields"] = {"product": {"choices": ["cooler", "blender"]},
                                                    "serial": {"max_length": 10}}
    config["channels"]["site-chat"]["limits"] = {"text": "1KiB"}
    config["channels"]["support-mail"]["limits"] = {"message": "64KiB", "parts": 10, "nesting": 5}
    config["agents"]["admin"] = agent("Admin", role="admin", queues=())
    daemon = Daemon(tmp_path_factory.mktemp("d"), config).start()
    daemon.tokens = {name: daemon.login(name) for name in ("ani", "bela", "mehri", "admin")}
    yield daemon
    daemon.stop()


def api(daemon, name="mehri"):
    return daemon.http.with_token(daemon.tokens[name])


def stored(daemon):
    """Ids of all conversations."""
    found, after = set(), ""
    while True:
        page = api(daemon).get(f"/api/v1/conversations?limit=200{after}").expect(200)
        found |= {entry["id"] for entry in page["conversations"]}
        if not page["next"]:
            return found
        after = f"&after={urllib.parse.quote(page['next'])}"


@pytest.fixture(name="unharmed", autouse=True)
def fixture_unharmed(daemon):
    """Around each test: the same process, nothing stored but what the test adds to the set it gets, and a good form
    works right after."""
    pid, expected = daemon.process.pid, stored(daemon)
    yield expected
    assert daemon.running() and daemon.process.pid == pid
    assert stored(daemon) == expected
    good = daemon.form("And a good one.").expect(202)
    assert stored(daemon) == expected | {good["conversation"]}
    daemon.check_log()


def problem(answer, status, field=None):
    """The contract's error, RFC 9457."""
    assert answer.status == status, answer
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.headers
    body = answer.json()
    assert body["status"] == status and body["type"] and body["title"] and body["detail"], body
    if field is not None:
        assert field in [error["field"] for error in body["errors"]], body
        assert all(error["message"] for error in body["errors"]), body
    return body


MALFORMED = [b"", b"{", b"null", b"[]", b'"text"', b"42", b'{"message":', b'{"message":"a",}', b'{"message":"a"} x',
             b"{'message':'a'}", b'{"message":"\\ud800"}', b'{"message":"' + NOT_UTF8 + b'"}', NOT_UTF8,
             b"[" * 20000, b'{"a":' * 500 + b"1" + b"}" * 500, b"\x00" * 100]


# Forms.

@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_a_form_that_is_no_json_is_400(daemon, body):
    problem(daemon.http.post("/form/contact-form", body, JSON), 400)


@pytest.mark.parametrize("fields, field", [
    ({}, "message"), ({"message": ""}, "message"), ({"message": " \n\t "}, "message"), ({"message": None}, "message"),
    ({"message": 42}, "message"), ({"message": ["a"]}, "message"), ({"message": {"a": 1}}, "message"),
    ({"message": "x" * 2049}, "message"), ({"message": "ک" * 1025}, "message"),
    ({"message": "a", "colour": "red"}, "colour"), ({"message": "a", "name": 7}, "name"),
    ({"message": "a", "name": "n" * 5000}, "name"), ({"message": "a", "subject": "s" * 5000}, "subject"),
    ({"message": "a", "email": "no address"}, "email"), ({"message": "a", "email": "a@b@c"}, "email"),
    ({"message": "a", "email": "a@" + "b" * 300 + ".test"}, "email"), ({"message": "a", "email": True}, "email"),
    ({"message": "a", "product": "car"}, "product"), ({"message": "a", "serial": "12345678901"}, "serial"),
])
def test_a_wrong_field_of_a_form_is_named(daemon, fields, field):
    problem(daemon.http.post("/form/contact-form", fields), 422, field)


def test_a_form_in_a_foreign_shape_is_415(daemon):
    for kind in ("text/plain", "application/xml", "image/png", "nonsense", ""):
        problem(daemon.http.post("/form/contact-form", b"message=a", {"Content-Type": kind}), 415)


def test_multipart_that_is_broken_is_refused(daemon):
    good, headers = multipart({"message": "a"})
    kind = headers["Content-Type"]
    for body, content_type in [(good[:-10], kind), (good[10:], kind), (b"", kind), (b"\r\n" * 50, kind),
                               (good, "multipart/form-data"), (good, "multipart/form-data; boundary="),
                               (good, "multipart/form-data; boundary=" + "b" * 200),
                               (good.replace(b'name="message"', b""), kind)]:
        answer = daemon.http.post("/form/contact-form", body, {"Content-Type": content_type})
        # Without its first boundary all of it is a preamble, and the message is what is missing.
        problem(answer, answer.status if answer.status in (400, 422) else 400)
    too_many, headers = multipart({"message": "a"}, [("attachments", f"{n}.txt", "text/plain", b"x") for n in range(3)])
    problem(daemon.http.post("/form/contact-form", too_many, headers), 422, "attachments")
    elsewhere, headers = multipart({"message": "a"}, [("message", "m.txt", "text/plain", b"x")])
    problem(daemon.http.post("/form/contact-form", elsewhere, headers), 422)


def test_urlencoded_that_is_no_utf8_is_refused(daemon):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    problem(daemon.http.post("/form/contact-form", b"message=%ff%fe", headers), 400)
    problem(daemon.http.post("/form/contact-form", b"message=a&message=b", headers), 422, "message")


def test_bodies_and_headers_above_their_limits_are_refused(daemon):
    problem(daemon.http.post("/form/contact-form", b"x" * 70_000, JSON), 413)
    answer = daemon.http.post("/form/contact-form", {"message": "a"}, {"X-Long": "h" * 5000})
    assert answer.status == 431, answer
    problem(daemon.http.post("/form/contact-form", {"message": "a"}, {"Idempotency-Key": "k" * 300}), 400)


@pytest.mark.parametrize("raw, status", [
    (b"GARBAGE\r\n\r\n", 400), (b"POST /form/contact-form HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    (b"POST /form/contact-form HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    (b"POST /form/contact-form HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    (b"POST /form/contact-form HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n", 413),
    (b"POST /form/contact-form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", 400),
    (b"POST /form/contact-form HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{", 408),
    (b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400), (b"\x16\x03\x01\x02\x00\x01\x00\x01", 400),
])
def test_what_is_no_proper_http_is_refused_and_the_port_lives(daemon, raw, status):
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as line:
        line.sendall(raw)
        answer = b""
        try:
            answer = line.recv(4096)
        except ConnectionResetError:
            pass
    # Who does not speak HTTP may also just be hung up on.
    assert answer == b"" or answer.startswith(f"HTTP/1.1 {status} ".encode()) or (
        status == 400 and answer.startswith(b"HTTP/1.1 4")), answer


def test_unknown_places_are_404_and_wrong_methods_405(daemon):
    problem(daemon.http.post("/form/no-such-form", {"message": "a"}), 404)
    problem(daemon.http.post("/form/site-chat", {"message": "a"}), 404)
    problem(daemon.http.get("/status/nonsense", Accept="application/json"), 404)
    problem(daemon.http.get("/status/" + "x" * 3000, Accept="application/json"), 404)
    problem(daemon.http.get("/no/such/place"), 404)
    problem(daemon.http.request("PUT", "/form/contact-form", {"message": "a"}), 405)
    problem(daemon.http.post("/form/../../etc/passwd", {"message": "a"}), 404)


# Chats.

def frame_error(chat, frame, code=None, key=None):
    chat.send(frame)
    error = chat.wait("error")
    assert error["code"] and error["message"], error
    if code:
        assert error["code"] == code, error
    if key:
        assert error["key"] == key, error
    return error


def test_bad_frames_of_a_chat_are_errors_and_the_socket_lives(daemon):
    with daemon.chat() as chat:
        for frame in ("{", "[]", "null", '"hello"', json.dumps({}), json.dumps({"type": 7}),
                      json.dumps({"type": "dance"})):
            frame_error(chat, frame, "invalid")
        frame_error(chat, {"type": "message", "key": "k1"}, "unprocessable", "k1")
        frame_error(chat, {"type": "message", "key": "k2", "text": 7}, "unprocessable", "k2")
        frame_error(chat, {"type": "message", "key": "k3", "text": "a", "colour": "red"}, "unprocessable", "k3")
        frame_error(chat, {"type": "message", "text": "no key"}, "unprocessable")
        frame_error(chat, {"type": "message", "key": "k" * 100, "text": "a"}, "unprocessable")
        frame_error(chat, {"type": "message", "key": "k4", "text": "x" * 1025}, "too_large", "k4")
        frame_error(chat, {"type": "message", "key": "k5", "text": "a", "attachments": ["b_nothing"]})
        frame_error(chat, {"type": "end"}, "not_found")
        frame_error(chat, {"type": "rate", "score": 5}, "not_found")
        chat.send({"type": "typing"})
    with daemon.chat() as chat:
        for score in (0, 6, "5", None, 2.5):
            frame_error(chat, {"type": "rate", "score": score})
        frame_error(chat, {"type": "hello"}, "conflict")
        frame_error(chat, {"type": "read", "message": ["m"]})


def test_a_chat_that_only_sends_nonsense_is_closed(daemon):
    chat = daemon.chat()
    with pytest.raises((Closed, websockets.ConnectionClosed)):
        for _ in range(100):
            chat.send("nonsense")
            chat.wait("error")
    assert chat.wait_closed() == 1008


def test_frames_that_are_too_large_or_no_utf8_close_only_their_own_socket(daemon):
    other = daemon.chat()
    large = daemon.chat()
    large.send_too_much(200_000)
    assert large.wait_closed() == 1009
    binary = daemon.chat()
    call(binary._connection.send(b"\x00\x01"))  # pylint: disable=protected-access
    assert binary.wait_closed() in (1003, 1007) or binary.kept("error")
    torn = daemon.chat()
    broken_text_frame(torn)
    assert torn.wait_closed() == 1007
    other.send({"type": "typing"})
    frame_error(other, "{", "invalid")
    other.close()


def broken_text_frame(chat):
    """A text frame whose bytes are no UTF-8, which no proper client would send."""
    async def send():
        connection = chat._connection  # pylint: disable=protected-access
        mask = b"\x00\x00\x00\x00"
        connection.transport.write(b"\x81" + bytes([0x80 | len(NOT_UTF8)]) + mask + NOT_UTF8)

    call(send())


def test_a_chat_that_does_not_begin_with_hello_is_refused(daemon):
    for first in ("nonsense", json.dumps({"type": "message", "key": "k", "text": "a"}),
                  json.dumps({"type": "hello", "visitor": 7}), json.dumps({"type": "hello", "colour": "red"}),
                  json.dumps({"type": "hello", "email": "none"}), json.dumps({"type": "hello", "name": "n" * 1000})):
        chat = Socket(f"ws://127.0.0.1:{daemon.port}/chat/site-chat", "peyk.chat.v1")
        chat.send(first)
        assert chat.wait("error")["code"] in ("invalid", "unprocessable")
        assert chat.wait_closed() == 1008


def test_a_visitors_token_that_nobody_gave_opens_nothing(daemon):
    with daemon.chat(visitor="v_guessed") as chat:
        assert chat.welcome["conversation"] is None and chat.welcome["messages"] == []
        assert chat.visitor != "v_guessed"


def test_chats_that_are_not_there_are_refused_at_the_handshake(daemon):
    for channel in ("no-such-chat", "contact-form", "support-mail", "%00", "a" * 500):
        with pytest.raises(websockets.InvalidStatusCode) as refused:
            Chat(daemon.port, channel)
        assert refused.value.status_code == (400 if channel == "%00" else 404)
    with pytest.raises((websockets.InvalidStatusCode, websockets.InvalidHandshake)):
        Socket(f"ws://127.0.0.1:{daemon.port}/chat/site-chat", "peyk.nonsense.v9")


# Agents' sockets.

def refused(ani, code, frame):
    """The `error` in answer to a frame with an id."""
    ani.send({"id": "bad", **frame})
    error = ani.wait("error", lambda answer: answer.get("re") == "bad")
    assert error["code"] == code, error
    assert error["message"], error
    return error


def test_bad_frames_of_an_agent_are_errors_and_the_socket_lives(daemon):
    ani = Agent(daemon.port, daemon.tokens["ani"])
    for frame in ("{", "[]", "null", "7", '{"id":"x","id":"y"', "{" * 5000):
        ani.send(frame)
        assert ani.wait("error")["code"] == "invalid"
    for frame in ({}, {"type": 7}, {"type": None}, {"type": "dance"}, {"type": "hello", "token": "again"}):
        refused(ani, "invalid", frame)
    missing = {"conversation": "c_nothing"}
    key = {"key": "k1", "text": "a"}
    for frame in ({"type": "presence"}, {"type": "presence", "state": "asleep"}, {"type": "presence", "state": 1},
                  {"type": "presence", "state": "busy", "mood": "good"}, {"type": "accept"},
                  {"type": "accept", "offer": 7}, {"type": "accept", "offer": "o" * 1000},
                  {"type": "reply", **missing, "key": "k1"}, {"type": "reply", **missing, "text": "a"},
                  {"type": "reply", "conversation": ["c"], **key}, {"type": "reply", **missing, "key": "k", "text": ""},
                  {"type": "reply", **missing, "key": "k", "text": "x" * 100_001},
                  {"type": "reply", **missing, **key, "attachments": "b_1"},
                  {"type": "note", **missing, "text": {"a": 1}}, {"type": "transfer", **missing},
                  {"type": "transfer", **missing, "queue": "service", "agent": "bela"},
                  {"type": "transfer", **missing, "queue": "nowhere"}, {"type": "transfer", **missing, "agent": "nobody"},
                  {"type": "transfer", **missing, "queue": "service", "require": {"flying": 3}},
                  {"type": "transfer", **missing, "queue": "service", "require": {"cooling": 99}},
                  {"type": "resolve", **missing, "outcome": "great"}, {"type": "snooze", **missing},
                  {"type": "snooze", **missing, "until": "tomorrow"},
                  {"type": "snooze", **missing, "until": "2001-01-01T00:00:00Z"},
                  {"type": "start", "channel": "nowhere", "to": "a@b.test", "text": "a"},
                  {"type": "start", "channel": "support-mail", "to": "", "text": "a"}):
        error = refused(ani, "unprocessable", frame)
        assert error["errors"] and all(entry["field"] for entry in error["errors"]), error
    assert ani.command("presence", state="busy")["type"] == "ok"
    ani.close()


def test_unknown_conversations_and_offers_are_not_found(daemon):
    ani = Agent(daemon.port, daemon.tokens["ani"])
    missing = {"conversation": "c_nothing"}
    refused(ani, "not_found", {"type": "accept", "offer": "o_nothing"})
    refused(ani, "not_found", {"type": "decline", "offer": "o_nothing"})
    for frame in ({"type": "reply", "key": "k", "text": "a"}, {"type": "note", "text": "a"},
                  {"type": "transfer", "queue": "service"}, {"type": "resolve"}, {"type": "pending"},
                  {"type": "snooze", "until": in_an_hour()}):
        refused(ani, "not_found", {**frame, **missing})
    ani.close()


def in_an_hour():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))


def test_what_is_not_his_is_forbidden(daemon, unharmed):
    ani = Agent(daemon.port, daemon.tokens["ani"])
    theirs = daemon.form("Nobody's yet.").expect(202)["conversation"]
    unharmed.add(theirs)
    ani.send({"type": "reply", "id": "r", "conversation": theirs, "key": "k", "text": "Mine!"})
    assert ani.wait("error")["code"] in ("forbidden", "conflict")
    refused(ani, "forbidden", {"type": "presence", "state": "busy", "agent": "bela"})
    ani.close()


def test_an_agents_socket_without_a_good_token_is_closed(daemon):
    url = f"ws://127.0.0.1:{daemon.port}/api/v1/agent"
    for first in ("nonsense", json.dumps({"type": "hello"}), json.dumps({"type": "hello", "token": 7}),
                  json.dumps({"type": "hello", "token": "guessed"}), json.dumps({"type": "hello", "token": "t" * 5000}),
                  json.dumps({"type": "presence", "id": 1, "state": "available"})):
        ani = Socket(url, "peyk.agent.v1")
        ani.send(first)
        assert ani.wait("error")["code"] in ("invalid", "unprocessable", "unauthorized")
        assert ani.wait_closed() == 1008
    ani = Socket(url, "peyk.agent.v1")
    ani.send_too_much(100_000)
    assert ani.wait_closed() == 1009
    ani = Agent(daemon.port, daemon.tokens["ani"])
    ani.send_too_much(2_000_000)
    assert ani.wait_closed() == 1009


# REST.

@pytest.mark.parametrize("body", MALFORMED[1:], ids=range(1, len(MALFORMED)))
def test_a_login_that_is_no_json_is_400(daemon, body):
    problem(daemon.http.post("/api/v1/session", body, JSON), 400)


def test_a_login_with_wrong_fields_is_refused(daemon):
    for fields, field in [({}, "agent"), ({"agent": "ani"}, "password"), ({"agent": 7, "password": "x"}, "agent"),
                          ({"agent": "ani", "password": "secret", "colour": "red"}, "colour"),
                          ({"agent": "a" * 1000, "password": "x"}, "agent"),
                          ({"agent": "ani", "password": "p" * 2000}, "password")]:
        problem(daemon.http.post("/api/v1/session", fields), 422, field)
    problem(daemon.http.post("/api/v1/session", {"agent": "ani", "password": "wrong"}), 401)
    problem(daemon.http.post("/api/v1/session", {"agent": "nobody", "password": "wrong"}), 401)


def test_without_a_good_token_everything_is_401(daemon):
    for path in ("/api/v1/me", "/api/v1/conversations", "/api/v1/queues", "/api/v1/agents", "/api/v1/audit"):
        for headers in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": "Basic YTpi"},
                        {"Authorization": "Bearer " + "x" * 1000}, {"Authorization": ""}):
            problem(daemon.http.request("GET", path, headers=headers), 401)


def test_rest_refuses_what_the_socket_refuses(daemon):
    desk = api(daemon, "admin")
    for query in ("state=nowhere", "limit=0", "limit=201", "limit=x", "colour=red"):
        problem(desk.get(f"/api/v1/conversations?{query}"), 422)
    for path in ("", "/explain"):
        problem(desk.get(f"/api/v1/conversations/c_nothing{path}"), 404)
    for command in ("reply", "note", "transfer", "resolve", "snooze", "pending"):
        for body in MALFORMED[1:]:
            problem(desk.post(f"/api/v1/conversations/c_nothing/{command}", body, JSON), 400)
        problem(desk.post(f"/api/v1/conversations/c_nothing/{command}", {"colour": "red"}), 422, "colour")
    problem(desk.post("/api/v1/conversations/c_nothing/dance", {}), 404)
    problem(desk.post("/api/v1/conversations/c_nothing/resolve", {}), 404)
    problem(desk.post("/api/v1/offers/o_nothing/accept", {}), 404)
    problem(desk.get("/api/v1/attachments/b_nothing"), 404)
    problem(desk.get("/api/v1/attachments/..%2f..%2fetc%2fpasswd"), 404)
    problem(desk.post("/api/v1/attachments", b""), 400)
    problem(desk.post("/api/v1/attachments", b"x" * 70_000), 413)
    problem(desk.post("/api/v1/audit", {"repair": "yes"}), 422, "repair")
    problem(api(daemon, "ani").get("/api/v1/audit"), 403)


# Mail.

class Lmtp:
    """A line to the LMTP port, as raw as can be."""

    def __init__(self, port):
        self.line = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.line.makefile("rb")
        assert self.reply() == 220

    def reply(self):
        """The code of the next reply; 0 at the end of the connection."""
        while True:
            text = self.file.readline()
            if not text:
                return 0
            if text[3:4] != b"-":
                return int(text[:3])

    def say(self, line):
        self.line.sendall(line + b"\r\n")
        return self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.line.close()


def test_lmtp_commands_that_are_wrong_are_5xx_and_the_line_lives(daemon):
    with Lmtp(daemon.lmtp_port) as lmtp:
        for line in (b"HELO x", b"EHLO x", b"NONSENSE", b"", NOT_UTF8, b"MAIL FROM:<a@b.test>", b"RCPT TO:<a@b.test>",
                     b"DATA", b"x" * 5000):
            assert 500 <= lmtp.say(line) < 600, line
        assert lmtp.say(b"LHLO x") == 250
        for line in (b"MAIL FROM:a@b.test", b"MAIL FROM:<a@b.test", b"MAIL FROM:<a@b.test> SIZE=999999999"):
            assert 500 <= lmtp.say(line) < 600, line
        assert lmtp.say(b"MAIL FROM:<a@b.test>") == 250
        for line in (b"RCPT TO:<nobody@desk.test>", b"RCPT TO:<support@elsewhere.test>", b"RCPT TO:<>", b"RCPT TO:x"):
            assert 500 <= lmtp.say(line) < 600, line
        assert 500 <= lmtp.say(b"DATA") < 600
        assert lmtp.say(b"RSET") == 250
        assert lmtp.say(b"NOOP") == 250


def test_a_line_of_nonsense_without_end_is_hung_up_on(daemon):
    with Lmtp(daemon.lmtp_port) as lmtp:
        codes = []
        try:
            for _ in range(100):
                codes.append(lmtp.say(b"NONSENSE"))
                if codes[-1] in (0, 421):
                    break
        except ConnectionError:
            codes.append(0)
        assert codes[-1] in (0, 421)


@pytest.mark.parametrize("make", [
    lambda: mail("x" * 70_000).as_bytes(),
    lambda: nested(8).encode(),
    lambda: many_parts(20).encode(),
], ids=["too large", "too deep", "too many parts"])
def test_a_mail_above_the_limits_is_refused_for_good(daemon, make):
    answers = daemon.lmtp(make(), "sara@customer.test", ["support@desk.test"])
    assert 550 <= answers["support@desk.test"][0] < 560, answers


def nested(depth):
    text = "Content-Type: text/plain\r\n\r\ndeep\r\n"
    for level in range(depth):
        text = (f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n{text}\r\n--b{level}--\r\n')
    return f"From: sara@customer.test\r\nTo: support@desk.test\r\nMessage-ID: <n{depth}@x.test>\r\n{text}"


def many_parts(count):
    parts = "".join(f"--b\r\nContent-Type: text/plain\r\n\r\n{number}\r\n" for number in range(count))
    return ("From: sara@customer.test\r\nTo: support@desk.test\r\nMessage-ID: <p@x.test>\r\n"
            f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n{parts}--b--\r\n')


def test_lines_cut_off_in_the_middle_store_nothing(daemon):
    for text in (b"LHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<support@desk.test>\r\nDATA\r\nFrom: a@b.test\r\n\r\nhalf",
                 b"LHLO x\r\nMAIL FR"):
        with socket.create_connection(("127.0.0.1", daemon.lmtp_port)) as line:
            line.sendall(text)
    for text in (b"POST /form/contact-form HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n{\"message\":",
                 b"POST /form/con"):
        with socket.create_connection(("127.0.0.1", daemon.port)) as line:
            line.sendall(text)
    until("the daemon answers", lambda: daemon.http.get("/livez").status == 200)


# What looks bad and is welcome all the same: mail from the world as it is.

def test_strange_mail_is_taken_as_it_is(daemon, unharmed):
    strange = [b"no headers at all, just text", b"Subject: only\r\n\r\n", b"\r\n\r\n\r\n",
               b"From: \xff\xfe@\xff\r\nSubject: =?utf-8?B?////?=\r\n\r\nbody \xff\xfe",
               b"From: sara@customer.test\r\nContent-Type: text/plain; charset=martian\r\n\r\n\xe9\xe8",
               b"From: sara@customer.test\r\nContent-Type: multipart/mixed\r\n\r\nno boundary"]
    for content in strange:
        answers = daemon.lmtp(content, "sara@customer.test", ["support@desk.test"])
        assert answers["support@desk.test"][0] in (250, 554), (content, answers)
    unharmed |= stored(daemon)
