"""The main job end to end, with a real Postfix on both sides: in by form, chat and mail, to an agent, and back."""
import time

import pytest

from correspondence import desk_with_postfix, exchanged, mail, reply_address
from maildir import text_of
from sockets import Refused
from waiting import until


@pytest.fixture(name="desk")
def fixture_desk(make_daemon, make_postfix):
    """A daemon and the Postfix around it: (daemon, postfix)."""
    daemon, postfix = desk_with_postfix(make_daemon, make_postfix)
    daemon.config["queues"]["billing"] = {"promise": {"first_reply": "4h", "resolve": "3d"}}
    daemon.config["agents"]["bela"]["queues"] = ["billing"]
    daemon.write_config()
    return daemon.start(), postfix


def status(daemon, receipt):
    path = receipt["status_url"].removeprefix(f"http://127.0.0.1:{daemon.port}")
    return daemon.http.get(path, Accept="application/json").expect(200)


def texts(daemon, conversation, *directions):
    return [message["text"].strip() for message in daemon.conversation(conversation)["messages"]
            if message["direction"] in directions]


def test_a_form_is_answered_into_the_customers_mailbox_and_the_status_page_follows(desk):
    daemon, postfix = desk
    receipt = daemon.form("My cooler drips.", name="Sara", email="sara@customer.test", subject="A leak").expect(202)
    assert status(daemon, receipt)["state"] == "waiting"
    ani = daemon.agent("ani")
    conversation = ani.take(conversation=receipt["conversation"])["conversation"]
    before = status(daemon, receipt)
    assert before["state"] == "active" and before["agent"]["name"] == "Ani"

    ani.command("note", conversation=conversation, text="He is angry.")
    said = ani.reply(conversation, "We come tomorrow.")
    answer = postfix.mailbox("sara").next()
    assert "We come tomorrow." in text_of(answer) and "angry" not in answer.raw.decode()
    assert receipt["reference"] in answer["Subject"] or "A leak" in answer["Subject"]
    ani.sent(conversation, said["message"])
    page = daemon.http.get(receipt["status_url"].removeprefix(f"http://127.0.0.1:{daemon.port}"), Accept="text/html")
    assert "Ani" in page.expect(200) and "angry" not in page.text
    ani.resolve(conversation, outcome="solved")
    assert status(daemon, receipt)["state"] == "resolved"

    # He answers by mail: the same conversation, with the same agent.
    postfix.send(mail("It still drips.", to=reply_address(answer), answers=answer))
    assert ani.next_offer(conversation=conversation)["history"] is not None
    assert len(daemon.conversations()) == 1


def test_what_a_customer_answers_by_token_or_by_references_joins(desk):
    daemon, postfix = desk
    ani = daemon.agent("ani")
    conversation, answer = exchanged(postfix, ani, "My cooler drips.", "Which model?")
    postfix.send(mail("By the reply address.", to=reply_address(answer), subject="Something else"))
    ani.wait("message", lambda frame: "By the reply address." in frame["message"]["text"])
    postfix.send(mail("By the references.", subject="Something else again", answers=answer))
    ani.wait("message", lambda frame: "By the references." in frame["message"]["text"])
    postfix.send(mail("Another matter.", subject="Re: A leak"))
    other = ani.next_offer(kind="email")["conversation"]
    assert other != conversation, "a subject alone joined"
    assert texts(daemon, conversation, "in") == ["My cooler drips.", "By the reply address.", "By the references."]


def test_a_stranger_with_the_ids_alone_stays_outside_and_hears_nothing(desk):
    daemon, postfix = desk
    ani = daemon.agent("ani")
    conversation, answer = exchanged(postfix, ani, "My secret is 4711.", "Noted: 4711.")
    postfix.send(mail("I am Sara, honestly.", sender="bob@customer.test", answers=answer))
    claimed = ani.take(kind="email")
    assert claimed["conversation"] != conversation
    assert conversation in claimed["detail"]["related"]
    ani.reply(claimed["conversation"], "Who are you?")
    reply = postfix.mailbox("bob").next()
    assert "4711" not in reply.raw.decode()
    assert texts(daemon, conversation, "in") == ["My secret is 4711."]


def test_a_stranger_with_the_token_joins_unverified_and_gets_no_history(desk):
    daemon, postfix = desk
    ani = daemon.agent("ani")
    conversation, answer = exchanged(postfix, ani, "My secret is 4711.", "Noted: 4711.")
    postfix.send(mail("I am her brother.", sender="bob@customer.test", to=reply_address(answer)))
    heard = ani.wait("message", lambda frame: "brother" in frame["message"]["text"])
    assert heard["conversation"] == conversation and heard["message"]["author"]["verified"] is False
    ani.reply(conversation, "For Sara only: 4712.")
    assert "4712" in text_of(postfix.mailbox("sara").next())
    assert postfix.mailbox("bob").mails() == []


def test_html_files_and_strange_letters_come_through_both_ways(desk):
    daemon, postfix = desk
    ani = daemon.agent("ani")
    question = mail("", subject="نشتی کولر – հարց")
    question.set_content("<p>My <b>cooler</b> drips.</p><script>alert(1)</script>", subtype="html")
    question.add_attachment(b"\x89PNG leak", maintype="image", subtype="png", filename="نشتی.png")
    postfix.send(question)
    detail = ani.take()["detail"]
    message = detail["messages"][0]
    assert detail["subject"] == "نشتی کولر – հարց"
    assert message["text"].strip() == "My cooler drips." and "alert" not in message["text"]
    file = message["attachments"][0]
    assert (file["name"], file["type"]) == ("نشتی.png", "image/png")
    api = daemon.http.with_token(ani.token)
    assert api.get(f"/api/v1/attachments/{file['id']}").body == b"\x89PNG leak"

    sent = api.request("POST", "/api/v1/attachments?name=plan.pdf", b"%PDF plan", {"Content-Type": "application/pdf"})
    ani.reply(detail["id"], "نقشه را ببینید.", attachments=[sent.expect(201)["attachment"]])
    answer = postfix.mailbox("sara").next()
    assert answer["Subject"].endswith("نشتی کولر – հարց") and "نقشه" in text_of(answer)
    files = list(answer.iter_attachments())
    assert [(part.get_filename(), part.get_content()) for part in files] == [("plan.pdf", b"%PDF plan")]


def test_a_transferred_matter_keeps_its_first_agent_as_follower_who_hears_of_the_end(desk):
    daemon, postfix = desk
    ani, bela = daemon.agent("ani"), daemon.agent("bela")
    postfix.send(mail("How much is it?"))
    conversation = ani.take()["conversation"]
    ani.command("transfer", conversation=conversation, queue="billing", note="About the invoice.")
    offer = bela.next_offer(conversation=conversation)
    assert offer["queue"] == "billing"
    detail = bela.accept(offer)["detail"]
    assert detail["followers"] == ["ani"]
    assert "About the invoice." in [message["text"] for message in detail["messages"]]
    with pytest.raises(Refused):
        ani.reply(conversation, "Not mine any more.")
    bela.reply(conversation, "It is free.")
    assert "It is free." in text_of(postfix.mailbox("sara").next())
    bela.resolve(conversation, outcome="solved")
    ani.wait("updated", lambda frame: frame["conversation"] == conversation and frame.get("state") == "resolved")


def test_a_customer_who_writes_again_reopens_and_comes_back_to_his_agent(desk):
    daemon, postfix = desk
    daemon.config["agents"]["bela"]["queues"] = ["service"]
    daemon.write_config()
    daemon.restart()
    ani, bela = daemon.agent("ani"), daemon.agent("bela")
    with daemon.chat(name="Sara") as sara:
        sara.say("Hello?")
        until("an offer", lambda: ani.kept("offer") or bela.kept("offer"))
        first, other = (ani, bela) if ani.kept("offer") else (bela, ani)
        conversation = first.take()["conversation"]
        first.resolve(conversation)
        sara.wait("resolved")
        sara.say("One more thing.")
        again = first.next_offer(conversation=conversation)
        assert not other.kept("offer")
        detail = first.accept(again)["detail"]
        assert [message["text"] for message in detail["messages"] if message["direction"] == "in"] == [
            "Hello?", "One more thing."]
    assert len(daemon.conversations()) == 1


def test_an_agent_writes_first_and_the_answer_comes_back_to_him(desk):
    daemon, postfix = desk
    ani = daemon.agent("ani")
    begun = ani.command("start", channel="support-mail", to="nare@customer.test", subject="Your cooler",
                        text="It is ready.")
    letter = postfix.mailbox("nare").next()
    assert letter["Subject"] == "Your cooler" and "It is ready." in text_of(letter)
    assert daemon.conversation(begun["conversation"])["initiator"] == "agent"
    postfix.send(mail("I am coming.", sender="nare@customer.test", to=reply_address(letter), answers=letter))
    heard = ani.wait(("message", "offer"), lambda frame: frame["conversation"] == begun["conversation"] and
                     frame.get("message", {}).get("direction") != "out")
    if heard["type"] == "offer":
        ani.accept(heard)
    assert texts(daemon, begun["conversation"], "out", "in") == ["It is ready.", "I am coming."]


def test_an_open_conversation_always_has_a_next_step(desk):
    daemon, _ = desk
    ani = daemon.agent("ani")
    steps = []

    def look():
        steps.extend((entry["state"], entry["next_actor"], entry["next_at"]) for entry in daemon.conversations()
                     if entry["state"] not in ("resolved", "closed"))

    conversation = daemon.form("Walk me through.").expect(202)["conversation"]
    look()
    ani.take(conversation=conversation)
    look()
    ani.reply(conversation, "One moment.")
    look()
    ani.command("pending", conversation=conversation)
    look()
    until_time = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    ani.command("snooze", conversation=conversation, until=until_time)
    look()
    assert {state for state, _, _ in steps} >= {"active", "pending", "snoozed"}
    assert all(actor and at for _, actor, at in steps), steps


def test_a_supervisor_acts_for_another_and_the_record_names_both(desk):
    daemon, _ = desk
    ani = daemon.agent("ani")
    conversation = daemon.form("Help me.").expect(202)["conversation"]
    ani.take(conversation=conversation)
    mehri = daemon.agent("mehri", available=False)
    mehri.reply(conversation, "I step in.", agent="ani")
    message = [entry for entry in daemon.conversation(conversation)["messages"] if entry["direction"] == "out"][-1]
    assert message["author"]["id"] == "mehri" and message["author"]["kind"] == "supervisor"
    mehri.command("presence", state="break", reason="lunch", agent="ani")
    assert ani.wait("presence", lambda frame: frame["state"] == "break")
