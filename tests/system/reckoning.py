"""Compares what a crowd was told with what the desk has."""
import collections
import datetime
import urllib.parse

from maildir import is_automatic
from waiting import until


def all_listed(api):
    """Every conversation as the list has it, page by page."""
    after, found = "", []
    while True:
        page = api.get(f"/api/v1/conversations?limit=200{after}").expect(200)
        found += page["conversations"]
        if not page["next"]:
            return found
        after = f"&after={urllib.parse.quote(page['next'])}"


def all_conversations(api):
    """Every conversation with its messages, as the REST API has them."""
    return [api.get(f"/api/v1/conversations/{entry['id']}").expect(200) for entry in all_listed(api)]


def now():
    """As Peyk writes times."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wait_for_rest(daemon, api, seconds=240.0, postfix=None):
    """Until nothing is under way: no open conversation, nothing in the outbox, nothing in Postfix's queue."""
    def nothing_open():
        states = ("waiting", "offered", "active", "pending", "snoozed")
        return not any(api.get(f"/api/v1/conversations?limit=1&state={state}").expect(200)["conversations"]
                       for state in states)

    def outbox_empty():
        check = daemon.http.get("/health").json()["checks"].get("outbox")
        return check and check["observedValue"] == 0 and check["time"] > resolved_at

    if postfix:
        until("Postfix has delivered what it took", lambda: not postfix.queue(), seconds, 0.5)
    until("every conversation is resolved", nothing_open, seconds, 0.5)
    resolved_at = now()
    until("the outbox is empty", outbox_empty, seconds, 0.5)
    if postfix:
        until("Postfix has delivered the replies", lambda: not postfix.queue(), seconds, 0.5)


def check(ledger, conversations):
    """Every acknowledged message is stored once, and nothing that nobody sent. Returns {reply text: message}."""
    assert not ledger.problems, ledger.problems[:20]
    stored, replies = collections.Counter(), {}
    twice = []
    for conversation in conversations:
        order = [message["seq"] for message in conversation["messages"]]
        assert order == sorted(set(order)), conversation
        for message in conversation["messages"]:
            text = message["text"].strip()
            if message["direction"] == "in":
                stored[text] += 1
            elif message["direction"] == "out":
                twice += [text] if text in replies else []
                replies[text] = message
    assert not twice, f"replies stored twice: {twice[:20]}"
    assert not [text for text, count in stored.items() if count > 1], "messages stored twice"
    expected = set(ledger.taken) | ledger.posted
    assert not expected - set(stored), f"acknowledged and lost: {sorted(expected - set(stored))[:20]}"
    assert not set(stored) - expected, f"stored, but never sent to the end: {sorted(set(stored) - expected)[:20]}"
    check_replies(ledger, replies, stored)
    return replies


def check_replies(ledger, replies, stored):
    for text, message in ledger.answered.items():
        assert text in replies, f"acknowledged reply lost: {text}"
        assert replies[text]["id"] == message, text
    unanswered = {text for text in stored if f"re {text}" not in ledger.answered}
    assert not unanswered, f"never answered: {sorted(unanswered)[:20]}"
    assert not ledger.heard - set(replies), "chats heard replies that are not stored"
    unheard = {text for text in ledger.taken if text.startswith("chat-") and f"re {text}" not in ledger.heard}
    assert not unheard, f"chats never heard the reply to {sorted(unheard)[:20]}"


def check_mails(ledger, replies, mails):
    """Each reply that must leave by mail is there under its one Message-ID; how many arrived more than once."""
    ids, copies = collections.defaultdict(set), collections.Counter()
    for mail in mails:
        if is_automatic(mail):
            continue
        text = mail.get_body(("plain",)).get_content().strip().splitlines()[0]
        ids[text].add(mail["Message-ID"])
        copies[text] += 1
    expected = {text for text in replies if text in ledger.by_mail}
    missing = sorted(expected - set(ids))
    assert not missing, f"{len(missing)} replies never left: {missing[:20]}"
    assert not set(ids) - expected, f"mails that are no replies: {sorted(set(ids) - expected)[:20]}"
    for text in expected:
        assert ids[text] == {f"<{replies[text]['external_id']}>"}, (text, ids[text], replies[text])
    return sum(count - 1 for count in copies.values())
