"""SIGTERM lets finish what is under way and leaves the queues; SIGHUP takes a new configuration, or keeps the old."""
import json
import signal
import socket
import time

import pytest

from crowd import Crowd
from peyk import agent, default_config
from reckoning import all_conversations
from waiting import until


def test_under_load_it_leaves_within_ten_seconds_and_loses_nothing(make_daemon):
    config = default_config()
    config["agents"]["ani"]["capacity"] = 400
    daemon = make_daemon(config).start()
    crowd = Crowd(daemon.port, daemon.lmtp_port, {"ani": daemon.login("ani")})
    crowd.start(forms=6, chats=4, mails=1)
    until("two hundred acknowledgements", lambda: crowd.ledger.acknowledgements() > 200, 60)
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 10, f"exit {code} after {seconds:.1f} s:\n{daemon.log()[-3000:]}"
    daemon.start()
    crowd.close()
    api = daemon.api("mehri")
    stored = {message["id"]: message for conversation in all_conversations(api) for message in conversation["messages"]}
    lost = [text for text, message in crowd.ledger.taken.items() if text[:4] != "mail" and message not in stored]
    assert not lost
    assert not [text for text, message in crowd.ledger.answered.items() if message not in stored]
    assert not crowd.ledger.problems
    crowd.stop()


def test_a_request_under_way_is_answered_and_no_new_one_is_taken(make_daemon):
    daemon = make_daemon().start()
    body = json.dumps({"message": "Half of it was there."}).encode()
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=15) as line:
        begin_form(line, len(body))
        line.sendall(body[:10])
        daemon.process.terminate()
        until("draining", lambda: "peyk.draining" in daemon.log())
        until("nothing listens", lambda: refuses(daemon.port), 5)
        line.sendall(body[10:])
        answer = line.recv(1000)
        assert answer.startswith(b"HTTP/1.1 202"), answer
    assert daemon.process.wait(10) == 0
    daemon.start()
    listed = daemon.conversations()
    assert len(listed) == 1


def begin_form(line, length):
    """The head of a request, read by the daemon: it is under way, and the drain waits for it."""
    line.sendall(f"POST /form/contact-form HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 f"Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n".encode())
    answer = line.recv(1000)
    assert answer.startswith(b"HTTP/1.1 100 "), answer


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return False
    except ConnectionRefusedError:
        return True


def test_the_queues_stay_as_they_are(make_daemon):
    daemon = make_daemon().start()
    waiting = [daemon.form(f"Number {number}").expect(202)["conversation"] for number in range(3)]
    before = [daemon.conversation(conversation) for conversation in waiting]
    assert daemon.terminate()[0] == 0
    daemon.start()
    assert [daemon.conversation(conversation) for conversation in waiting] == before
    ani = daemon.agent("ani")
    assert [ani.take()["conversation"] for _ in waiting] == waiting


def test_sockets_are_told_and_closed(make_daemon):
    daemon = make_daemon().start()
    ani, sara = daemon.agent("ani"), daemon.chat()
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 10
    assert ani.wait_closed() in (1001, 1012) and sara.wait_closed() in (1001, 1012)


def test_clients_that_never_end_do_not_hold_it(make_daemon):
    daemon = make_daemon().start()
    with socket.create_connection(("127.0.0.1", daemon.port)) as http, \
            socket.create_connection(("127.0.0.1", daemon.lmtp_port)) as lmtp:
        http.sendall(b"POST /form/contact-form HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        assert lmtp.recv(100).startswith(b"220")
        lmtp.sendall(b"LHLO x\r\nMAIL FROM:<a@b.test>\r\n")
        code, seconds = daemon.terminate()
        assert code == 0 and seconds < 10, f"exit {code} after {seconds:.1f} s:\n{daemon.log()[-3000:]}"


def test_a_second_signal_leaves_at_once(make_daemon):
    daemon = make_daemon().start()
    with socket.create_connection(("127.0.0.1", daemon.port)) as line:
        begin_form(line, 100)
        line.sendall(b"half")
        daemon.process.terminate()
        until("draining", lambda: "peyk.draining" in daemon.log())
        begin = time.monotonic()
        daemon.process.terminate()
        assert daemon.process.wait(5) != 0
        assert time.monotonic() - begin < 1.5
    daemon.start()  # and its store is let go
    assert daemon.form("After.").status == 202


def test_sighup_takes_a_new_configuration_without_losing_a_socket(make_daemon):
    daemon = make_daemon().start()
    ani = daemon.agent("ani")
    daemon.config["queues"]["billing"] = {"promise": {"first_reply": "4h", "resolve": "3d"}}
    daemon.config["routes"].insert(0, {"when": {"subject": "invoice"}, "queue": "billing"})
    daemon.config["agents"]["ani"]["queues"] = ["service", "billing"]
    daemon.write_config()
    daemon.reload()
    until("reloaded", lambda: "config.reloaded" in daemon.log())
    daemon.form("How much?", subject="My invoice").expect(202)
    assert ani.take()["detail"]["queue"] == "billing"


def test_sighup_with_a_broken_file_keeps_the_old_and_health_says_why(make_daemon):
    daemon = make_daemon().start()
    good = daemon.config_path.read_text(encoding="utf-8")
    daemon.config_path.write_text(good.replace('"queue": "service"', '"queue": "nowhere"'), encoding="utf-8")
    daemon.reload()
    until("refused", lambda: "config.reload_failed" in daemon.log())

    def issues():
        return {issue["code"]: issue["message"] for issue in daemon.http.get("/health").json()["issues"]}

    message = until("an issue", lambda: issues().get("config.reload_failed"))
    assert "nowhere" in message and "peyk.yaml:" in message
    assert daemon.form("Still works.").status == 202
    daemon.config_path.write_text(good, encoding="utf-8")
    daemon.reload()
    until("the issue is gone", lambda: "config.reload_failed" not in issues())


def test_a_stop_does_not_wait_for_a_reload_and_the_next_start_makes_up_for_it(make_daemon):
    daemon = make_daemon().start()
    mehri = daemon.api("mehri")
    for number in range(1500):
        daemon.config["agents"][f"extra{number}"] = agent(f"Extra{number}")
    daemon.write_config()
    daemon.reload()
    until("the roster is being written", lambda: len(mehri.get("/api/v1/agents").expect(200)["agents"]) > 3, 60)
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 10, f"exit {code} after {seconds:.1f} s:\n{daemon.log()[-3000:]}"
    daemon.start()
    agents = daemon.api("mehri").get("/api/v1/agents").expect(200)["agents"]
    assert len(agents) == len(daemon.config["agents"])


def test_peykctl_reload_says_whether_it_took(make_daemon):
    config = default_config()
    config["agents"]["admin"] = agent("Admin", role="admin", queues=())
    daemon = make_daemon(config).start()
    token = daemon.login("admin")
    daemon.config["skills"] += ["billing"]
    daemon.write_config()
    taken = daemon.ctl("reload", token=token)
    assert taken.returncode == 0 and "in force" in taken.stdout, taken
    good = daemon.config_path.read_text(encoding="utf-8")
    daemon.config_path.write_text(good.replace('"queue": "service"', '"queue": "nowhere"'), encoding="utf-8")
    refused = daemon.ctl("reload", token=token)
    assert refused.returncode == 1 and "nowhere" in refused.stderr and "peyk.yaml:" in refused.stderr, refused


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_idle_it_leaves_quickly(make_daemon, name):
    daemon = make_daemon().start()
    begin = time.monotonic()
    daemon.process.send_signal(name)
    assert daemon.process.wait(10) == 0
    assert time.monotonic() - begin < 5
