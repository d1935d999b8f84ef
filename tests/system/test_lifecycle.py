"""Signals and systemd: what the process says and does from its start to its end."""
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

from peyk import PEYKD
from waiting import until


class NotifySocket:
    """Systemd's side of sd_notify: every message with the time it came."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.messages = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            data = self._socket.recv(4096)
            self.messages.append((time.monotonic(), dict(line.split("=", 1) for line in data.decode().splitlines())))

    def said(self, name, value=None):
        """The messages with that variable (and value)."""
        return [message for _, message in self.messages if name in message and value in (None, message[name])]


def start_under_systemd(daemon, folder, monkeypatch):
    notify = NotifySocket(folder)
    monkeypatch.setenv("NOTIFY_SOCKET", notify.path)
    monkeypatch.setenv("WATCHDOG_USEC", "900000")
    return notify, daemon.start()


def test_systemd_is_told_ready_watchdog_reloading_and_stopping(make_daemon, folder, monkeypatch):
    notify, daemon = start_under_systemd(make_daemon(), folder, monkeypatch)
    until("READY", lambda: notify.said("READY", "1"))
    until("the watchdog is fed thrice", lambda: len(notify.said("WATCHDOG", "1")) >= 3)

    daemon.config["queues"]["service"]["colour"] = "red"
    daemon.write_config()
    daemon.reload()
    until("the refused reload ends", lambda: len(notify.said("READY", "1")) == 2)
    reloading = notify.said("RELOADING", "1")
    assert len(reloading) == 1 and int(reloading[0]["MONOTONIC_USEC"]) > 0
    codes = [issue["code"] for issue in daemon.http.get("/health").json()["issues"]]
    assert "config.reload_failed" in codes

    code, took = daemon.terminate()
    assert code == 0 and took < 10
    assert notify.said("STOPPING", "1")


def test_a_frozen_loop_feeds_no_watchdog(make_daemon, folder, monkeypatch):
    notify, daemon = start_under_systemd(make_daemon(), folder, monkeypatch)
    until("the watchdog is fed", lambda: notify.said("WATCHDOG", "1"))
    daemon.process.send_signal(signal.SIGSTOP)
    until("it stands still", lambda: state_of(daemon.process) == "T")
    frozen = time.monotonic()
    time.sleep(1)  # time itself: a loop that runs would feed it three times
    late = [at - frozen for at, message in notify.messages if "WATCHDOG" in message and at > frozen + 0.2]
    assert not late
    daemon.process.send_signal(signal.SIGCONT)


def state_of(process):
    """As /proc has it: R, S, T…"""
    return pathlib.Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]


def test_a_second_signal_leaves_at_once_and_nothing_is_lost(make_daemon):
    daemon = make_daemon().start()
    receipt = daemon.form("Kept.").expect(202)
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(5) in (0, 128 + signal.SIGTERM)
    daemon.start()
    assert daemon.conversation(receipt["conversation"])["state"] == "waiting"


def test_what_is_wrong_with_a_configuration_ends_the_start_with_every_place(make_daemon):
    daemon = make_daemon()
    daemon.config["queues"]["service"]["colour"] = "red"
    daemon.config["agents"]["ani"]["queues"] = ["nowhere"]
    daemon.write_config()
    run = subprocess.run([PEYKD, "--check", "--config", str(daemon.config_path)], capture_output=True, text=True,
                         timeout=20, check=False, env=dict(os.environ))
    assert run.returncode == 1
    lines = [line for line in run.stdout.splitlines() if line.startswith(str(daemon.config_path))]
    assert len(lines) == 2 and all(len(line.split(":")) >= 4 for line in lines)
    daemon.start(wait=False)
    assert daemon.process.wait(10) == 1
