"""Mail comes from a real Postfix by LMTP, and the agent's answer goes back through it into a real mailbox."""
import pytest

from correspondence import desk_with_postfix, exchanged, mail, reply_address
from maildir import Maildir, text_of


@pytest.fixture(name="desk")
def fixture_desk(make_daemon, make_postfix):
    """A daemon and the Postfix around it: (daemon, postfix)."""
    daemon, postfix = desk_with_postfix(make_daemon, make_postfix)
    daemon.write_config()
    return daemon.start(), postfix


def test_a_mail_is_answered_into_the_customers_mailbox(desk):
    daemon, postfix = desk
    ani = daemon.agent("ani")
    question = mail("My cooler drips.\n\nSara")
    postfix.send(question)
    assigned = ani.take(kind="email")
    assert assigned["detail"]["subject"] == "A leak"
    said = ani.reply(assigned["conversation"], "We come tomorrow.\nمی‌آییم.")

    answer = postfix.mailbox("sara").next("We come tomorrow.")
    assert text_of(answer).strip() == "We come tomorrow.\nمی‌آییم."
    assert answer["In-Reply-To"] == question["Message-ID"]
    assert question["Message-ID"] in answer["References"].split()
    assert answer["Message-ID"].endswith("@desk.test>")
    assert answer["Subject"] == "Re: A leak"
    local, domain = reply_address(answer).split("@")
    assert local.startswith("support+") and domain == "desk.test"
    ani.sent(assigned["conversation"], said["message"])


def test_a_mail_is_confirmed_at_once_with_its_reference(desk):
    daemon, postfix = desk
    question = mail("My cooler drips.")
    postfix.send(question)
    receipt = postfix.mailbox("sara").next("PK-")
    assert receipt["In-Reply-To"] == question["Message-ID"]
    assert receipt["Auto-Submitted"] == "auto-replied"


def test_the_customers_answer_joins_the_conversation(desk):
    daemon, postfix = desk
    ani = daemon.agent("ani")
    conversation, answer = exchanged(postfix, ani, "My cooler drips.", "Which model?")

    postfix.send(mail("The K-200.", to=reply_address(answer), subject="Re: A leak", answers=answer))
    heard = ani.wait("message", lambda frame: "K-200" in frame["message"]["text"])
    assert heard["conversation"] == conversation

    ani.reply(conversation, "Thank you.")
    second = postfix.mailbox("sara").next("Thank you.")
    assert second["Message-ID"] != answer["Message-ID"]
    assert answer["Message-ID"] in second["References"].split()


def test_a_stranger_with_a_known_id_gets_a_conversation_of_his_own(desk):
    daemon, postfix = desk
    ani = daemon.agent("ani")
    conversation, answer = exchanged(postfix, ani, "My cooler drips.", "Which model?")

    postfix.send(mail("I am Sara, honestly.", sender="bob@customer.test", answers=answer))
    assert ani.next_offer(kind="email")["conversation"] != conversation


def test_mail_sent_while_the_daemon_is_down_comes_in_later_once(desk):
    daemon, postfix = desk
    daemon.kill9()
    postfix.send(mail("Are you there?"))
    daemon.start()
    ani = daemon.agent("ani")
    detail = ani.take(kind="email")["detail"]
    came_in = [message["text"].strip() for message in detail["messages"] if message["direction"] == "in"]
    assert came_in == ["Are you there?"]
    listed = daemon.conversations()
    assert len(listed) == 1


def test_each_recipient_gets_an_answer_of_its_own(daemon):
    answers = daemon.lmtp(mail("To two.").as_bytes(), "sara@customer.test", ["support@desk.test", "nobody@desk.test"])
    assert answers["support@desk.test"][0] == 250
    assert answers["nobody@desk.test"][0] == 550


def test_a_reply_is_written_into_a_maildir_where_that_is_configured(daemon):
    ani = daemon.agent("ani")
    daemon.lmtp(mail("By LMTP.").as_bytes(), "sara@customer.test", ["support@desk.test"])
    conversation = ani.take()["conversation"]
    ani.reply(conversation, "Into the folder.")
    assert Maildir(daemon.maildir).next("Into the folder.")["To"] == "Sara <sara@customer.test>"
