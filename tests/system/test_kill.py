"""What was acknowledged is there once, whatever is killed while every channel is at work.

PEYK_KILLS and PEYK_ACKS say how often and under how many acknowledgements; PEYK_FREEZE how many seconds a store stands.
"""
import os
import random
import time

import pytest

from crowd import Crowd
from maildir import Maildir
from peyk import agent, default_config
from reckoning import all_conversations, check, check_mails, wait_for_rest
from waiting import until

KILLS = int(os.environ.get("PEYK_KILLS", "20"))
ACKS = int(os.environ.get("PEYK_ACKS", "5000"))
FREEZE = float(os.environ.get("PEYK_FREEZE", "6"))
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


@pytest.fixture(name="make_desk")
def fixture_make_desk(make_daemon, make_postfix):
    """make_desk(redis_url=None): a daemon with a Postfix around it, ready, and the crowd that will use it."""
    crowds = []

    def make(redis_url=None):
        daemon = make_daemon(busy_config(), redis_url=redis_url, smtp_port=1)
        postfix = make_postfix(daemon.lmtp_port)
        daemon.config["channels"]["support-mail"]["smtp"]["url"] = f"smtp://127.0.0.1:{postfix.port}"
        daemon.write_config()
        daemon.start(seconds=60)
        crowd = Crowd(daemon.port, daemon.lmtp_port, {name: daemon.login(name) for name in AGENTS})
        crowds.append(crowd)
        crowd.start(forms=12, chats=12, mails=3, posts=2, post=postfix.send)
        return daemon, postfix, crowd

    yield make
    for crowd in crowds:
        crowd.stop()


def wait_for_acknowledgements(crowd, count, daemon):
    """Until the ledger has `count`; stops early when something is wrong already."""
    ledger = crowd.ledger

    def enough():
        assert not ledger.problems, ledger.problems[:20]
        assert daemon.running(), f"peykd ended with {daemon.process.returncode}:\n{daemon.log()[-4000:]}"
        return ledger.acknowledgements() >= count

    while not enough():
        before = ledger.acknowledgements()
        until(f"more than {before} acknowledgements", lambda: ledger.acknowledgements() > before, STALLED, 0.005)


def under_load(crowd, daemon, times, disturb):
    """Calls `disturb` so many times, spread over ACKS acknowledgements, each at a moment of its own."""
    dice = random.Random(20261122)
    for round_number in range(times):
        here = crowd.ledger.acknowledgements()
        wait_for_acknowledgements(crowd, here + max(1, dice.randrange(ACKS // times * 2)), daemon)
        disturb(round_number)
    wait_for_acknowledgements(crowd, ACKS, daemon)


def reckon(daemon, postfix, crowd):
    """Lets everything come to an end and compares. Returns how many mails arrived more than once."""
    crowd.close()
    api = daemon.api("admin")
    wait_for_rest(daemon, api, postfix=postfix)
    audit = daemon.ctl("--json", "audit", token=api.token, seconds=120)
    assert audit.returncode == 0, audit.stdout + audit.stderr
    replies = check(crowd.ledger, all_conversations(api))
    mails = [mail for name in postfix.customers for mail in postfix.mailbox(name).mails()]
    copies = check_mails(crowd.ledger, replies, mails)
    print(f"{len(crowd.ledger.taken)} messages, {len(crowd.ledger.answered)} replies acknowledged, {len(mails)} mails, "
          f"{copies} of them sent again under the same Message-ID, {crowd.reconnects} reconnects")
    assert crowd.ledger.acknowledgements() >= ACKS
    return copies


def test_nothing_acknowledged_is_lost_or_doubled_when_the_daemon_is_killed(make_desk):
    daemon, postfix, crowd = make_desk()

    def kill(_):
        daemon.kill9()
        daemon.start(seconds=60)

    under_load(crowd, daemon, KILLS, kill)
    copies = reckon(daemon, postfix, crowd)
    # Sent, but killed before that was written down: at most what was under way at once.
    assert copies <= KILLS * 16


def test_nothing_acknowledged_is_lost_or_doubled_when_redis_is_killed(redis_server, make_desk):
    daemon, postfix, crowd = make_desk(redis_server.url)
    pid = daemon.process.pid

    def kill(_):
        redis_server.kill9()
        redis_server.start()
        until("the daemon is ready again", daemon.ready, 60)

    under_load(crowd, daemon, KILLS, kill)
    reckon(daemon, postfix, crowd)
    assert daemon.process.pid == pid


def test_nobody_is_judged_absent_for_a_store_that_stood_still(redis_server, make_desk):
    daemon, postfix, crowd = make_desk(redis_server.url)

    def freeze(_):
        redis_server.freeze()
        try:
            until("the daemon sees it", lambda: daemon.http.get("/readyz").status == 503, 10)
            time.sleep(FREEZE)  # the outage itself: that time passes is what is tested
        finally:
            redis_server.thaw()
        until("the daemon is ready again", daemon.ready, 60)

    under_load(crowd, daemon, 3, freeze)
    reckon(daemon, postfix, crowd)
    judged = {key: count for key, count in crowd.presence.items() if key[1] != "available" and key[2]}
    assert not judged, judged
    assert not crowd.revoked["presence"], crowd.revoked
    api = daemon.api("admin")
    for conversation in all_conversations(api):
        moved = [message for message in conversation["messages"] if message["direction"] == "system"
                 and "colleague" in message["text"]]
        assert not moved, moved
