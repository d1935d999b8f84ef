"""The daemon under test: configured, started, killed and asked, from outside."""
import copy
import json
import os
import pathlib
import re
import signal
import smtplib
import subprocess
import time

from http_client import Http
from ports import free_port
from sockets import Agent, Chat
from waiting import until

SOURCE = pathlib.Path(os.environ.get("PEYK_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
PEYKD = os.environ.get("PEYKD", str(SOURCE / "build/debug/bin/peykd"))
PEYKCTL = os.environ.get("PEYKCTL", str(SOURCE / "build/debug/bin/peykctl"))

PASSWORD = "secret"
# argon2id of PASSWORD at libsodium's least cost, so that a hundred logins cost nothing.
PASSWORD_HASH = ("$argon2id$v=19$m=8,t=1,p=1$/rFLSxci8x9BTta1hzGUCQ$"
                 "AkWcCastPuJoWDPXCZIA+A0lRsji+DDpYqf4BeJJ2Uk")

# What a sanitizer or a failed assertion writes before it ends the program.
CRASH = re.compile(r"(ERROR: \w+Sanitizer|runtime error:|Assertion .* failed|terminate called|DEADLYSIGNAL).*")


def agent(name, skills=None, queues=("service",), capacity=10, role="agent"):
    """One entry of `agents`, logging in with PASSWORD."""
    return {"name": name, "email": f"{name.lower()}@desk.test", "password_hash_file": "agent.hash", "role": role,
            "skills": skills or {}, "queues": list(queues), "capacity": capacity}


def default_config():
    """A small desk: one queue, form, chat and mail, the agents ani and bela and the supervisor mehri."""
    return {
        "version": 1, "desk": "test", "log": {"level": "debug"},
        "redis": {"embedded": True},
        "channels": {
            "contact-form": {"kind": "form", "reply_via": "support-mail"},
            "site-chat": {"kind": "chat", "origins": ["https://shop.test"]},
            "support-mail": {"kind": "email", "address": "support@desk.test"},
        },
        "skills": ["cooling"],
        "queues": {"service": {"promise": {"first_reply": "2m", "resolve": "2d"}}},
        "kinds": {"chat": {"weight": 2}, "email": {"weight": 1}, "form": {"weight": 1}},
        "routes": [{"queue": "service"}],
        "agents": {"ani": agent("Ani"), "bela": agent("Bela"), "mehri": agent("Mehri", role="supervisor")},
    }


class Daemon:
    """One peykd with a folder of its own. `config` is written as JSON, which is YAML; ports and folders are filled in.

    `redis_url` names a shared server; without it the daemon starts its own. `smtp_port` (if given) is where mail leaves;
    without it mail is written into `maildir`.
    """

    def __init__(self, folder, config=None, redis_url=None, smtp_port=None, program=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state, self.maildir = self.folder / "state", self.folder / "sent"
        self.port, self.lmtp_port = free_port(), free_port()
        self.log_path = self.folder / "peykd.log"
        self.config_path = self.folder / "peyk.yaml"
        self.program = program or PEYKD
        self.process = None
        self.config = copy.deepcopy(config) if config else default_config()
        self._fill_in(redis_url, smtp_port)
        self.write_config()

    @property
    def http(self):
        return Http(self.port)

    def _fill_in(self, redis_url, smtp_port):
        self.config["state_dir"] = str(self.state)
        self.config["http"] = {"listen": [f"127.0.0.1:{self.port}"], "public_url": f"http://127.0.0.1:{self.port}",
                               **self.config.get("http", {})}
        if redis_url:
            self.config["redis"] = {**self.config["redis"], "embedded": False, "url": redis_url}
        mail = self.config["channels"].get("support-mail")
        if mail is not None:
            mail["lmtp"] = {"listen": f"tcp:127.0.0.1:{self.lmtp_port}"}
            if smtp_port:
                mail["smtp"] = {"url": f"smtp://127.0.0.1:{smtp_port}", "tls": "none"}
            else:
                mail["smtp"] = {"url": f"maildir:{self.maildir}"}

    def write_config(self):
        """Writes `config` where the daemon reads it at its start and on reload."""
        (self.folder / "agent.hash").write_text(PASSWORD_HASH + "\n", encoding="utf-8")
        self.config_path.write_text(json.dumps(self.config, indent=1, ensure_ascii=False), encoding="utf-8")

    # Life and death.

    def start(self, wait=True, seconds=30.0):
        """Starts it; returns when /readyz says 200, unless `wait` is false."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen([self.program, "--config", str(self.config_path)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd=self.folder)
        if wait:
            self.wait_ready(seconds)
        return self

    def wait_ready(self, seconds=30.0):
        until("the daemon is ready", self.ready, seconds)

    def ready(self):
        """Whether /readyz says 200; AssertionError when the process has ended."""
        assert self.process.poll() is None, f"peykd ended with {self.process.returncode}:\n{self.log()[-4000:]}"
        try:
            return Http(self.port, timeout=2).get("/readyz").status == 200
        except OSError:
            return False

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill9(self):
        """As a crash does: no drain, no farewell."""
        self.process.kill()
        self.process.wait(10)

    def terminate(self, seconds=15.0):
        """SIGTERM; the exit code, and how long it took in seconds."""
        begin = time.monotonic()
        self.process.terminate()
        code = self.process.wait(seconds)
        return code, time.monotonic() - begin

    def restart(self):
        self.terminate()
        return self.start()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        """For the end of a test: gone in any case, and a crash on the way is an error."""
        if self.running():
            try:
                self.terminate()
            except subprocess.TimeoutExpired:
                self.kill9()
                raise AssertionError("peykd did not end within 15 s of SIGTERM") from None
        self.check_log()

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    def check_log(self):
        """AssertionError when a sanitizer or an assertion has spoken."""
        crash = CRASH.search(self.log())
        assert not crash, f"{crash[0]}\n{self.log()[crash.start():crash.start() + 6000]}"

    # What customers and agents do.

    def form(self, message, channel="contact-form", headers=None, **fields):
        """Sends a form as JSON; the answer as it is."""
        return self.http.post(f"/form/{channel}", {"message": message, **fields}, headers)

    def chat(self, channel="site-chat", **hello):
        return Chat(self.port, channel, **hello)

    def login(self, name, password=PASSWORD):
        """A session's token."""
        return self.http.post("/api/v1/session", {"agent": name, "password": password}).expect(200)["token"]

    def agent(self, name, available=True):
        """An agent's socket, logged in and (unless told otherwise) available."""
        socket = Agent(self.port, self.login(name))
        if available:
            socket.available()
        return socket

    def api(self, name):
        """The REST API as that agent sees it."""
        return self.http.with_token(self.login(name))

    def conversation(self, conversation, name="mehri"):
        return self.api(name).get(f"/api/v1/conversations/{conversation}").expect(200)

    def conversations(self, name="mehri"):
        """The first page of all."""
        return self.api(name).get("/api/v1/conversations").expect(200)["conversations"]

    def lmtp(self, mail, sender, recipients):
        """Delivers a mail (bytes) straight by LMTP; {recipient: (code, text)}, the accepted ones included."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port, timeout=20) as session:
            session.ehlo_or_helo_if_needed()
            answers, accepted = {}, []
            assert session.mail(sender)[0] == 250
            for recipient in recipients:
                code, text = session.rcpt(recipient)
                answers[recipient] = (code, text.decode())
                if code == 250:
                    accepted.append(recipient)
            if accepted:
                self._lmtp_data(session, mail, accepted, answers)
            return answers

    @staticmethod
    def _lmtp_data(session, mail, accepted, answers):
        code, text = session.docmd("DATA")
        assert code == 354, f"{code} {text!r}"
        body = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r?\n", b"\r\n", mail))
        session.send(body.rstrip(b"\r\n") + b"\r\n.\r\n")
        for recipient in accepted:
            code, text = session.getreply()
            answers[recipient] = (code, text.decode())

    def ctl(self, *arguments, stdin="", token=None, seconds=30.0):
        """Runs peykctl against this daemon; the finished process with its output as text."""
        command = [PEYKCTL, "--url", f"http://127.0.0.1:{self.port}"]
        if token:
            token_file = self.folder / "token"
            token_file.write_text(token, encoding="utf-8")
            command += ["--token-file", str(token_file)]
        return subprocess.run([*command, *arguments], input=stdin, capture_output=True, text=True, timeout=seconds,
                              check=False)
