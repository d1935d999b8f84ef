"""A form comes in over HTTP, an agent answers it, the answer leaves as mail."""
from http_client import multipart, urlencoded
from maildir import Maildir


def test_a_form_is_offered_answered_by_mail_and_resolved(daemon):
    ani = daemon.agent("ani")
    receipt = daemon.form("My cooler drips.", name="Sara", email="sara@customer.test", subject="A leak").expect(202)
    assert receipt["conversation"].startswith("c_") and receipt["message"].startswith("m_")
    assert receipt["reference"].startswith("PK-")

    offer = ani.next_offer(conversation=receipt["conversation"])
    assert (offer["kind"], offer["channel"], offer["queue"]) == ("form", "contact-form", "service")
    detail = ani.accept(offer)["detail"]
    assert [message["text"] for message in detail["messages"] if message["direction"] == "in"] == ["My cooler drips."]

    ani.reply(receipt["conversation"], "We come tomorrow at nine.")
    mail = Maildir(daemon.maildir).next("We come tomorrow at nine.")
    assert mail["To"].addresses[0].addr_spec == "sara@customer.test"

    ani.resolve(receipt["conversation"], outcome="solved")
    assert daemon.conversation(receipt["conversation"])["state"] == "resolved"


def test_the_status_page_says_where_the_matter_stands(daemon):
    receipt = daemon.form("Is the shop open?", name="Sara").expect(202)
    path = receipt["status_url"].removeprefix(f"http://127.0.0.1:{daemon.port}")
    status = daemon.http.get(path, Accept="application/json").expect(200)
    assert status["state"] == "waiting"
    page = daemon.http.get(path, Accept="text/html").expect(200)
    assert receipt["reference"] in page


def test_browsers_forms_come_in_with_their_files(daemon):
    body, headers = multipart({"name": "Bob", "message": "See the picture."},
                              [("photo", "leak.png", "image/png", b"\x89PNG not really")])
    receipt = daemon.http.post("/form/contact-form", body, headers).expect(202)
    messages = daemon.conversation(receipt["conversation"])["messages"]
    assert [attachment["name"] for attachment in messages[0]["attachments"]] == ["leak.png"]

    body, headers = urlencoded({"name": "Bob", "message": "درود"})
    receipt = daemon.http.post("/form/contact-form", body, headers).expect(202)
    assert daemon.conversation(receipt["conversation"])["messages"][0]["text"] == "درود"


def test_the_same_idempotency_key_is_stored_once(daemon):
    key = {"Idempotency-Key": "order-1"}
    first = daemon.form("Once only.", headers=key).expect(202)
    assert daemon.form("Once only.", headers=key).expect(202)["message"] == first["message"]
    assert daemon.form("Another body.", headers=key).status == 409
    listed = daemon.conversations()
    assert [conversation["id"] for conversation in listed] == [first["conversation"]]


def test_what_is_wrong_with_a_form_is_said_field_by_field(daemon):
    problem = daemon.http.post("/form/contact-form", {"name": "Sara"}).expect(422)
    assert [error["field"] for error in problem["errors"]] == ["message"]
    assert daemon.http.post("/form/contact-form", b"{", {"Content-Type": "application/json"}).status == 400
    assert daemon.http.post("/form/contact-form", b"x", {"Content-Type": "text/csv"}).status == 415
    assert daemon.http.post("/form/no-such-form", {"message": "x"}).status == 404
    assert daemon.conversations() == []
