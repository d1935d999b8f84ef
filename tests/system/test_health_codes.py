"""Each code that /health may show, provoked in a running daemon that no other file provokes it in (store.down,
config.reload_failed and those of tests/integration/daemon are elsewhere), and gone again when its cause is.
"""
import contextlib
import os
import pathlib
import select
import socket
import subprocess
import time

import pytest

from correspondence import mail
from http_client import multipart
from peyk import agent
from ports import free_port
from redis_proxy import RedisProxy
from redis_server import RedisServer
from waiting import until


def issues(daemon):
    return daemon.http.get("/health").json()["issues"]


def codes(daemon):
    return {issue["code"] for issue in issues(daemon)}


def begins(daemon, code, words=""):
    def found():
        return any(issue["code"] == code and words in issue["message"] for issue in issues(daemon))

    until(f"/health says {code} with '{words}'", found, 30)


def answers(daemon):
    try:
        return daemon.http.get("/livez").status == 200
    except OSError:
        return False


def lmtp_code(daemon, message):
    return daemon.lmtp(message.as_bytes(), "sara@customer.test", ["support@desk.test"])["support@desk.test"][0]


def ends(daemon, code):
    until(f"/health says {code} no more", lambda: code not in codes(daemon), 30)


@pytest.fixture(name="start")
def fixture_start(make_daemon, redis_server):
    """start(redis_url=None, **changes): a daemon on the shared server, with these keys of the configuration changed."""
    def start(redis_url=None, wait=True, **changes):
        daemon = make_daemon(redis_url=redis_url or redis_server.url)
        for key, value in changes.items():
            daemon.config[key] = {**daemon.config[key], **value} if isinstance(daemon.config.get(key), dict) else value
        daemon.write_config()
        return daemon.start(wait)

    return start


@pytest.fixture(name="proxy")
def fixture_proxy(folder, redis_server):
    proxy = RedisProxy(folder, redis_server)
    yield proxy
    proxy.stop()


def test_store_slow(start, proxy):
    daemon = start(proxy.url)
    proxy.delay = 0.4
    begins(daemon, "store.slow")
    assert "store.slow_call" in daemon.log()
    proxy.delay = 0.0
    ends(daemon, "store.slow")


def test_store_version(start, folder):
    # Debian 12 has no older Redis; what Peyk meets first in one (seen with 6.2.5) is that FUNCTION is no command there.
    server = RedisServer(folder / "old", "--rename-command", "FUNCTION", "").start()
    try:
        daemon = start(server.url, wait=False)
        until("it answers", lambda: answers(daemon), 30)
        begins(daemon, "store.version", "is older than Redis 7.0")
        assert codes(daemon) == {"store.version"}, issues(daemon)
        assert daemon.http.get("/health").status == 503 and daemon.http.get("/readyz").status == 503
        assert daemon.form("Nobody can store this.").status == 503
    finally:
        server.stop()


# A disk of its own for the daemon's state, in a mount namespace that only root, or who may have a user namespace, gets.
SMALL_DISK = """#!/bin/sh
[ "$(id -u)" = 0 ] || map=--map-root-user
exec unshare --mount $map \\
  sh -c 'mount -t tmpfs -o size=32m,mode=0755 peyk-test "$0" && exec "$@"' '{state}' '{program}' "$@"
"""


def on_small_disk(make_daemon):
    """A daemon on a disk of 32 MiB, and that disk as seen from here."""
    daemon = make_daemon()
    daemon.state.mkdir()
    wrapper = daemon.folder / "on-small-disk"
    wrapper.write_text(SMALL_DISK.format(state=daemon.state, program=daemon.program), encoding="utf-8")
    wrapper.chmod(0o755)
    if subprocess.run([wrapper, "--version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk is not permitted here")
    daemon.program = str(wrapper)
    daemon.start()
    return daemon, pathlib.Path(f"/proc/{daemon.process.pid}/root{daemon.state}")


def test_store_disk_full_of_its_own_redis(make_daemon):
    daemon, disk = on_small_disk(make_daemon)
    space = os.statvfs(disk)
    (disk / "filler").write_bytes(b"x" * (space.f_bavail * space.f_frsize - 300_000))
    taken = []

    def refused():
        answer = daemon.form(f"{len(taken)} " + "x" * 10_000, name="Sara", email="sara@home.test")
        if answer.status == 202:
            taken.append(answer.json()["conversation"])
        return answer.status == 503

    until("no form is taken any more", refused, 60)
    assert taken, "there was room for none"
    begins(daemon, "store.disk_full", "full")
    assert daemon.http.get("/health").status == 503 and daemon.http.get("/readyz").status == 503
    assert "retry-after" in daemon.form("There is none.").headers
    assert lmtp_code(daemon, mail("There is none.")) == 451
    (disk / "filler").unlink()
    ends(daemon, "store.disk_full")
    daemon.wait_ready()
    daemon.form("There is room again.").expect(202)
    mehri = daemon.api("mehri")
    for number, conversation in enumerate(taken):
        first = mehri.get(f"/api/v1/conversations/{conversation}").expect(200)["messages"][0]
        assert first["text"].startswith(f"{number} "), first


def test_files_that_find_no_room_are_refused_alone_and_leave_nothing(make_daemon):
    daemon, disk = on_small_disk(make_daemon)
    space = os.statvfs(disk)
    (disk / "filler").write_bytes(b"x" * (space.f_bavail * space.f_frsize - 1_500_000))

    def files_kept():
        return {file for file in (disk / "blobs").rglob("*") if file.is_file()}

    before = files_kept()
    picture = os.urandom(3_000_000)
    body, headers = multipart({"message": "With a picture."}, [("attachments", "leak.jpg", "image/jpeg", picture)])
    heavy = mail("With a picture, too.")
    heavy.add_attachment(picture, maintype="image", subtype="jpeg", filename="leak.jpg")
    for _ in range(3):
        answer = daemon.http.post("/form/contact-form", body, headers)
        assert answer.status == 503 and "retry-after" in answer.headers, answer.body
        assert lmtp_code(daemon, heavy) == 451
    assert files_kept() == before, "half a file is left"
    daemon.form("Words find room.").expect(202)
    begins(daemon, "files.unwritable", "No space left on device")
    assert codes(daemon) == {"files.unwritable"}, issues(daemon)
    (disk / "filler").unlink()
    daemon.http.post("/form/contact-form", body, headers).expect(202)
    assert lmtp_code(daemon, heavy) == 250  # the largest of what found no room
    ends(daemon, "files.unwritable")
    stored = [daemon.conversation(entry["id"])["messages"] for entry in daemon.conversations()]
    assert sorted(messages[0]["text"].strip() for messages in stored) == [
        "With a picture, too.", "With a picture.", "Words find room."]
    files = [file["id"] for messages in stored for message in messages for file in message.get("attachments", [])]
    assert len(files) == 2
    for file in files:
        kept = daemon.api("mehri").get(f"/api/v1/attachments/{file}")
        assert kept.status == 200 and kept.body == picture


def test_store_disk_full_of_a_foreign_one(start, proxy):
    daemon = start(proxy.url)
    proxy.lies = [(b"aof_last_write_status:ok\r\n", b"aof_last_write_status:err\n")]
    begins(daemon, "store.disk_full")
    assert daemon.http.get("/health").status == 503
    proxy.lies = []
    ends(daemon, "store.disk_full")


def test_store_memory(start, redis_server):
    daemon = start()
    redis = redis_server.client()
    redis.set("ballast", "x" * 20_000_000)  # so that a few buffers more or less do not matter

    def scarce():
        redis.config_set("maxmemory", int(redis.info("memory")["used_memory"] * 1.05))
        return "store.memory" in codes(daemon)

    until("/health says store.memory", scarce, 30, 0.5)
    redis.config_set("maxmemory", 0)
    ends(daemon, "store.memory")


def test_store_replicas(start, redis_server, folder):
    port = free_port()
    redis_server.client().config_set("port", port)
    replica = RedisServer(folder / "replica").start()
    try:
        replica.client().replicaof("127.0.0.1", port)
        daemon = start(redis={"durability": "replicated", "replicas": 1})
        daemon.form("On two servers.").expect(202)
    finally:
        replica.stop()
    begins(daemon, "store.replicas", "0 of 1")
    assert daemon.http.get("/health").status == 503


def test_store_unavailable(make_daemon, redis_server, folder):
    port = free_port()
    redis_server.client().config_set("port", port)
    daemon = make_daemon(redis_url=redis_server.url)
    daemon.config["redis"].update({"durability": "replicated", "replicas": 1})
    daemon.write_config()
    daemon.start(wait=False)  # and nobody who could keep a copy of the roster

    def answers():
        try:
            return "store.unavailable" in codes(daemon)
        except OSError:
            return False

    until("/health says store.unavailable", answers, 30)
    assert daemon.form("Too early.").status == 503
    replica = RedisServer(folder / "replica").start()
    try:
        replica.client().replicaof("127.0.0.1", port)
        daemon.wait_ready()
        ends(daemon, "store.unavailable")
    finally:
        replica.stop()


def test_store_settings_unknown(start, redis_server):
    redis_server.client().acl_setuser("default", enabled=True, nopass=True, keys=["*"], channels=["*"],
                                      categories=["+@all"], commands=["-config"])
    begins(start(), "store.settings_unknown")


def test_store_empty(start, redis_server):
    daemon = start()
    redis = redis_server.client()
    redis.flushall()
    redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    begins(daemon, "store.empty")
    daemon.form("The roster was written anew.").expect(202)


def test_store_gap(start, redis_server):
    daemon = start(presence={"lease": "3s", "grace": "2s", "reassign_after": "4s"})
    redis_server.freeze()
    try:
        time.sleep(2)  # the pause itself
    finally:
        redis_server.thaw()
    begins(daemon, "store.gap", "nothing ran for")


def test_store_clock_jump(start, redis_server):
    daemon = start()
    meta = "peyk:{test}:meta"

    def jumped():
        # What a clock that was set back leaves: the last tick lies in what is now the future.
        redis_server.client().hset(meta, "tick", int(time.time() * 1000) + 600_000)
        return "store.clock_jump" in codes(daemon)

    until("/health says store.clock_jump", jumped, 30, 0.2)


def test_store_damage(start, redis_server):
    daemon = start()
    redis_server.client().zadd("peyk:{test}:timers:bulk", {"q|nonsense": 1})
    begins(daemon, "store.damage", "nonsense")


def test_store_unusable(start, redis_server):
    """The key that all else is read by is damaged: named wherever one looks, mended by an audit or the next start."""
    daemon = start(agents={"root": agent("Root", role="admin", queues=())})
    reference = daemon.form("Before.").expect(202)["reference"]
    redis, meta = redis_server.client(), "peyk:{test}:meta"
    redis.set(meta, "of another type")
    begins(daemon, "store.unusable", "meta is a string and should be a hash: peykctl audit --repair mends it")
    assert daemon.http.get("/health").status == 503 and daemon.http.get("/readyz").status == 503
    assert daemon.form("Meanwhile.").status == 503
    answers = daemon.lmtp(mail("Meanwhile.").as_bytes(), "sara@customer.test", ["support@desk.test"])
    assert answers["support@desk.test"][0] == 451, answers
    token = daemon.login("root")
    refused = daemon.ctl("reload", token=token)
    assert "meta is a string and should be a hash: peykctl audit --repair" in refused.stdout + refused.stderr, refused
    found = daemon.ctl("audit", token=token)
    assert "meta is a string and should be a hash" in found.stdout, found
    mended = daemon.ctl("audit", "--repair", token=token)
    assert "meta is a string" in mended.stdout and redis.type(meta) == "hash", mended
    ends(daemon, "store.unusable")
    assert daemon.http.get("/readyz").status == 200
    assert "nothing wrong" in daemon.ctl("audit", token=token).stdout
    assert daemon.form("After.").expect(202)["reference"] != reference
    redis.hset(meta, "numbers", b"\xc1")
    daemon.restart()
    assert "store.mended desk=test" in daemon.log()
    daemon.form("After the restart.").expect(202)
    assert "nothing wrong" in daemon.ctl("audit", token=daemon.login("root")).stdout


def test_channel_sending_and_outbox_stuck(start):
    daemon = start(outbox={"retry_after": "200ms", "retry_limit": "1s"}, log={"level": "debug"})
    daemon.config["channels"]["support-mail"]["smtp"] = {"url": f"smtp://127.0.0.1:{free_port()}", "tls": "none"}
    daemon.write_config()
    daemon.restart()
    daemon.form("It leaks.", email="sara@customer.test").expect(202)
    begins(daemon, "channel.sending", "support-mail")
    begins(daemon, "outbox.stuck")


def test_http_bodies_full(start):
    daemon = start(http={"trusted_proxies": ["127.0.0.1"]})
    size = 24 << 20  # of which two fit what one network may hold
    head = ("POST /form/contact-form HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.7\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {size}\r\n\r\n").encode()
    with contextlib.ExitStack() as open_lines:
        lines = [open_lines.enter_context(socket.create_connection(("127.0.0.1", daemon.port), timeout=30))
                 for _ in range(3)]
        for line, sent in zip(lines, (size - 1, size - 1, 18 << 20)):
            line.sendall(head + b"x" * sent)
        answered = select.select(lines, [], [], 30)[0]
        assert answered and answered[0].recv(12) == b"HTTP/1.1 503"
        begins(daemon, "http.bodies_full")
        assert daemon.http.get("/health").status == 200
        assert "http.bodies_full network=192.0.2.7" in daemon.log()
    ends(daemon, "http.bodies_full")


def test_demand_unroutable(start):
    begins(start(routes=[{"when": {"subject": "cooler"}, "queue": "service", "require": {"cooling": 5}},
                         {"queue": "service"}]), "demand.unroutable", "cooling")


def test_not_yet(start, folder):
    password = folder / "imap.password"
    password.write_text("secret\n", encoding="utf-8")
    daemon = start()
    daemon.config["channels"]["support-mail"]["imap"] = {
        "url": "imaps://mail.test/INBOX", "user": "desk", "password_file": str(password)}
    daemon.write_config()
    daemon.restart()
    begins(daemon, "not_yet", "channels.support-mail.imap")


def test_desk_stale_configuration(start):
    older = start()
    newer = start(conversations={"reopen_within": "3d"})
    begins(older, "desk.stale_configuration")
    assert "desk.stale_configuration" not in codes(newer)
    older.config["conversations"] = {"reopen_within": "3d"}
    older.write_config()
    older.reload()
    ends(older, "desk.stale_configuration")
