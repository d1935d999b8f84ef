"""Whatever comes in over HTTP, the answer is the contract's error, nothing is stored, and the next good request works."""
import socket

import pytest

from bad_input import JSON, MALFORMED, api, fixture_daemon, fixture_unharmed, problem
from http_client import multipart


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
