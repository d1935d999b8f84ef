"""A desk under load whose daemon or store is killed or frozen, and the reckoning afterwards.

PEYK_KILLS and PEYK_ACKS say how often and under how many acknowledgements; PEYK_FREEZES and PEYK_FREEZE how often a store
stands still and for how many seconds.
"""
import os
import random

from crowd import Crowd
from peyk import agent, default_config
from reckoning import all_conversations, check, check_mails, wait_for_rest
from waiting import until

KILLS = int(os.environ.get("PEYK_KILLS", "20"))
ACKS = int(os.environ.get("PEYK_ACKS", "5000"))
FREEZES = int(os.environ.get("PEYK_FREEZES", "3"))
FREEZE = float(os.environ.get("PEYK_FREEZE", "12"))  # longer than every lease: the outbox's has ten seconds
STALLED = 120.0  # seconds without progress after which something hangs
AGENTS = ("ani", "bela", "nare", "davit")


def busy_config():
    """A desk whose agents take all there is, and whose leases are short."""
    config = default_config()
    config["agents"] = {name: agent(name.title(), capacity=400) for name in AGENTS}
    config["agents"]["admin"] = agent("Admin", role="admin", queues=())
    config["presence"] = {"lease": "3s", "grace": "2s", "reassign_after": "4s"}
    config["outbox"] = {"retry_after": "200ms", "retry_limit": "1s"}
    config["log"] = {"level": "info"}
    return config


class BusyDesk:
    """A daemon with a Postfix around it, ready, and the crowd that uses it."""

    def __init__(self, make_daemon, make_postfix, redis_url=None):
        self.daemon = make_daemon(busy_config(), redis_url=redis_url, smtp_port=1)
        self.postfix = make_postfix(self.daemon.lmtp_port)
        self.daemon.config["channels"]["support-mail"]["smtp"]["url"] = f"smtp://127.0.0.1:{self.postfix.port}"
        self.daemon.write_config()
        self.daemon.start(seconds=60)
        tokens = {name: self.daemon.login(name) for name in AGENTS}
        self.crowd = Crowd(self.daemon.port, self.daemon.lmtp_port, tokens)
        self.crowd.start(forms=12, chats=12, mails=3, posts=2, post=self.postfix.send)

    def wait_until_ready(self):
        until("the daemon is ready again", self.daemon.ready, 60)

    def wait_for_acknowledgements(self, count):
        """Until the ledger has `count`; stops early when something is wrong already."""
        ledger = self.crowd.ledger

        def enough():
            assert not ledger.problems, ledger.problems[:20]
            assert self.daemon.running(), f"peykd ended with {self.daemon.process.returncode}"
            return ledger.acknowledgements() >= count

        while not enough():
            before = ledger.acknowledgements()
            try:
                until(f"more than {before} acknowledgements", lambda: ledger.acknowledgements() > before, STALLED, 0.005)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{self.standing()}") from None

    def under_load(self, times, disturb):
        """Calls `disturb` so many times, spread over ACKS acknowledgements, each at a moment of its own."""
        dice = random.Random(20261122)
        for _ in range(times):
            here = self.crowd.ledger.acknowledgements()
            self.wait_for_acknowledgements(here + max(1, dice.randrange(max(1, ACKS // times * 2))))
            disturb()
        self.wait_for_acknowledgements(ACKS)

    def reckon(self):
        """Lets everything come to an end and compares. Returns how many mails arrived more than once."""
        try:
            self.crowd.close()
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.standing()}") from None
        api = self.daemon.api("admin")
        wait_for_rest(self.daemon, api, postfix=self.postfix)
        audit = self.daemon.ctl("--json", "audit", token=api.token, seconds=120)
        assert audit.returncode == 0, audit.stdout + audit.stderr
        ledger = self.crowd.ledger
        replies = check(ledger, all_conversations(api))
        mails = [mail for name in self.postfix.customers for mail in self.postfix.mailbox(name).mails()]
        copies = check_mails(ledger, replies, mails)
        print(f"{len(ledger.taken)} messages, {len(ledger.answered)} replies acknowledged, {len(mails)} mails, "
              f"{copies} of them sent again under the same Message-ID, {self.crowd.reconnects} reconnects")
        assert ledger.acknowledgements() >= ACKS
        return copies

    def standing(self):
        """What does not come to its end: who waits for what, and the conversations that stand unanswered or open."""
        lines = [self.crowd.describe()]
        for conversation in all_conversations(self.daemon.api("admin")):
            talk = [message for message in conversation["messages"] if message["direction"] in ("in", "out")]
            if conversation["state"] == "resolved" and talk[-1]["direction"] == "out":
                continue
            said = [(message["at"], message["direction"], message["text"]) for message in conversation["messages"]]
            lines.append(f"{conversation['id']} {conversation['channel']} {conversation['state']} {conversation['agent']}: "
                         f"{said[-6:]}")
        return "\n".join(lines)
