"""A body that is too large is refused as soon as it is: its sender, who never comes to the end, has the answer."""
import socket

import pytest

from peyk import Daemon, default_config

KIB = 1024


@pytest.fixture(name="daemon", scope="module")
def fixture_daemon(tmp_path_factory):
    config = default_config()
    config["http"] = {"limits": {"body": "2MiB", "request_time": "60s"}}
    config["channels"]["site-chat"]["limits"] = {"attachment": "64KiB"}
    config["channels"]["support-mail"]["limits"] = {"message": "96KiB"}
    daemon = Daemon(tmp_path_factory.mktemp("d"), config).start()
    yield daemon
    daemon.stop()


def endless(daemon, path, headers, kibibytes):
    """The answer's head and body, while the last chunk is still owed."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Transfer-Encoding: chunked"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    chunk = b"400\r\n" + b"x" * KIB + b"\r\n"
    answer = b""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as line:
        line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + chunk * kibibytes)
        while b"\r\n\r\n" not in answer or b"}" not in answer:
            part = line.recv(65536)
            if not part:
                break
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode().lower(), body.decode()


def test_an_agents_upload_is_refused_while_it_is_sent(daemon):
    token = {"Authorization": f"Bearer {daemon.login('ani')}"}
    status, head, _ = endless(daemon, "/api/v1/attachments?name=a", token, 2 * KIB + 1)
    assert status == 413 and "application/problem+json" in head


def test_an_agents_file_has_at_most_what_a_customer_may_send(daemon):
    ani = daemon.api("ani")
    path = "/api/v1/attachments?name=a"
    ani.request("POST", path, b"x" * 96 * KIB).expect(201)
    refused = ani.request("POST", path, b"x" * (96 * KIB + 1))
    assert refused.status == 413 and "98304 bytes" in refused.json()["detail"]
    assert refused.headers["content-type"] == "application/problem+json"
    status, _, _ = endless(daemon, path, {"Authorization": f"Bearer {ani.token}"}, 97)
    assert status == 413


def test_an_agent_uploads_so_much_in_a_day(daemon):
    bela = daemon.api("bela")
    path = "/api/v1/attachments?name=a"
    answers = [bela.request("POST", path, b"x" * 96 * KIB).status for _ in range(101)]
    assert answers == [201] * 100 + [429]
    daemon.api("ani").request("POST", path, b"x").expect(201)


def test_an_upload_of_nobody_is_refused_before_it_is_sent(daemon):
    status, head, body = endless(daemon, "/api/v1/attachments?name=a", {}, 1)
    assert status == 401 and "www-authenticate: bearer" in head and "log in" in body


def test_an_upload_with_a_token_that_nobody_has_is_refused_before_it_is_sent(daemon):
    token = {"Authorization": f"Bearer {'A' * 60}"}
    for path in ("/api/v1/attachments?name=a", "/chat/site-chat/attachments?name=a"):
        status, head, _ = endless(daemon, path, token, 1)
        assert status == 401 and "application/problem+json" in head, path
        status, head, _ = endless(daemon, path, {**token, "Expect": "100-continue"}, 0)
        assert status == 401 and "connection: close" in head, path


def test_a_forms_files_are_refused_while_they_are_sent(daemon):
    files = {"Content-Type": "multipart/form-data; boundary=b"}
    status, head, _ = endless(daemon, "/form/contact-form", files, 2 * KIB + 1)
    assert status == 413 and "application/problem+json" in head


def test_a_form_without_files_is_refused_at_its_own_smaller_limit(daemon):
    status, head, _ = endless(daemon, "/form/contact-form", {"Content-Type": "application/json"}, KIB + 1)
    assert status == 413 and "application/problem+json" in head


def test_a_visitors_file_is_refused_at_the_limit_of_its_chat(daemon):
    with daemon.chat() as chat:
        token = {"Authorization": f"Bearer {chat.visitor}"}
        status, head, _ = endless(daemon, "/chat/site-chat/attachments?name=a", token, 65)
    assert status == 413 and "application/problem+json" in head
