"""Answers leave through a mail server as sites have it: STARTTLS, a log-in, refusals for now and for good."""
import os

import pytest

from postfix import SASLPASSWD
from waiting import until


@pytest.fixture(name="make_desk")
def fixture_make_desk(make_daemon, make_postfix):
    """make_desk(mechanisms): a daemon that logs in to a Postfix which offers those, and that Postfix."""
    if not os.path.exists(SASLPASSWD):
        pytest.skip("sasl2-bin is not installed")

    def make(mechanisms="PLAIN LOGIN", password=None, **outbox):
        daemon = make_daemon(smtp_port=1)
        server = make_postfix(daemon.lmtp_port, mechanisms=mechanisms)
        (daemon.folder / "smtp.password").write_text((password or server.PASSWORD) + "\n", encoding="utf-8")
        daemon.config["channels"]["support-mail"]["smtp"] = {
            "url": f"smtp://localhost:{server.submission_port}", "user": f"{server.USER}@desk.test",
            "password_file": "smtp.password", "ca_file": str(server.ca_file)}
        daemon.config["outbox"] = {"retry_after": "1s", "retry_limit": "2s", **outbox}
        daemon.write_config()
        return daemon.start(), server

    return make


def answered(daemon, text="We come tomorrow."):
    """An agent's socket, and the ids of the conversation and of his answer to a form of Sara's."""
    ani = daemon.agent("ani")
    daemon.http.post("/form/contact-form", {"email": "sara@customer.test", "message": "It drips."}).expect(202)
    conversation = ani.take(kind="form")["conversation"]
    return ani, conversation, ani.reply(conversation, text)["message"]


def state_of(daemon, conversation, message):
    """A message's state, as the agent sees it."""
    return next(one["state"] for one in daemon.conversation(conversation)["messages"] if one["id"] == message)


def wait_refused(daemon, conversation, words):
    """Until a mail of that conversation has been refused in those words. They leave in order: the receipt is the first."""
    until("a refusal", lambda: any((one.get("detail") or "").startswith(words)
                                   for one in daemon.conversation(conversation)["messages"]), seconds=60)


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN", "PLAIN LOGIN"])
def test_an_answer_leaves_under_tls_after_a_login(make_desk, mechanisms):
    daemon, server = make_desk(mechanisms)
    ani, conversation, message = answered(daemon)
    ani.sent(conversation, message)
    server.mailbox("sara").next("We come tomorrow.")
    log = until("the log-in in Postfix's log", lambda: server.log() if "sasl_method=" in server.log() else "")
    assert f"sasl_method={mechanisms.split(maxsplit=1)[0]}" in log


def test_a_refusal_for_now_is_tried_again_until_it_is_taken(make_desk):
    daemon, server = make_desk()
    server.answer("sara", "450 4.2.0 greylisted")
    ani, conversation, message = answered(daemon)
    wait_refused(daemon, conversation, "450 4.2.0")
    assert state_of(daemon, conversation, message) == "queued"
    server.answer("sara", "")
    ani.sent(conversation, message, seconds=60)
    server.mailbox("sara").next("We come tomorrow.")
    assert "sara@customer.test" not in daemon.log()


def test_a_refusal_for_good_is_shown_to_the_agent(make_desk):
    daemon, server = make_desk()
    server.answer("sara", "550 5.1.1 no such customer")
    ani, conversation, message = answered(daemon)
    told = ani.wait("delivery", lambda frame: frame["message"] == message and frame["state"] == "failed", seconds=60)
    assert "no such customer" in told["detail"]
    assert state_of(daemon, conversation, message) == "failed"
    assert "no such customer" not in daemon.log()


def test_what_is_refused_for_too_long_is_given_up(make_desk):
    daemon, server = make_desk(give_up_after="5s")
    server.answer("sara", "450 4.2.0 greylisted")
    ani, conversation, message = answered(daemon)
    told = ani.wait("delivery", lambda frame: frame["message"] == message and frame["state"] == "failed", seconds=120)
    assert told["detail"].startswith("given up: 450 4.2.0")
    assert state_of(daemon, conversation, message) == "failed"


def test_a_wrong_password_loses_nothing_and_is_a_health_issue(make_desk):
    daemon, _ = make_desk(password="wrong")
    _, conversation, message = answered(daemon)
    wait_refused(daemon, conversation, "535")
    assert state_of(daemon, conversation, message) == "queued"
    until("the health issue", lambda: "channel.sending" in str(daemon.http.get("/health").json()), seconds=60)
