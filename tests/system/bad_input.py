"""What the tests of bad input share: the daemon they throw it at, and the proof that it is unharmed."""
import pytest

from peyk import Daemon, agent, default_config
from reckoning import all_listed

JSON = {"Content-Type": "application/json"}
NOT_UTF8 = b"\xff\xfe\xc0\xaf\xed\xa0\x80"
MALFORMED = [b"", b"{", b"null", b"[]", b'"text"', b"42", b'{"message":', b'{"message":"a",}', b'{"message":"a"} x',
             b"{'message':'a'}", b'{"message":"\\ud800"}', b'{"message":"' + NOT_UTF8 + b'"}', NOT_UTF8,
             b"[" * 20000, b'{"a":' * 500 + b"1" + b"}" * 500, b"\x00" * 100]


@pytest.fixture(name="daemon", scope="module")
def fixture_daemon(tmp_path_factory):
    """One daemon for all of a file: what one test breaks, the next one sees."""
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
    return {entry["id"] for entry in all_listed(api(daemon))}


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
