"""Whatever comes in over sockets of chats and agents, the answer is the contract's error, and nothing is stored."""
import json
import time

import pytest
import websockets

from bad_input import NOT_UTF8, fixture_daemon, fixture_unharmed
from sockets import Agent, Chat, Closed, Socket, call


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
