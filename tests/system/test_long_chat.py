"""A chat of many large messages: who is there has all of them in order, who comes back the last of them, in one frame of
bounded size, and the others when he asks for them."""
import pytest

from sockets import Refused

MANY, SIZE = 200, 8000
WELCOME_BYTES = 300 * 1024


def numbers(messages):
    return [int(message["text"].split()[0]) for message in messages]


@pytest.fixture(name="daemon")
def fixture_daemon(make_daemon):
    return make_daemon().start()


def test_two_hundred_large_messages_come_in_order_live_and_again(daemon):
    ani = daemon.agent("ani")
    chat = daemon.chat(name="Sara")
    chat.say("0 " + "x" * SIZE)
    conversation = ani.take(kind="chat")["conversation"]
    tab = daemon.chat(visitor=chat.visitor)
    assert numbers(tab.welcome["messages"]) == [0]
    ani.command("note", conversation=conversation, text="Not for her eyes.")
    for number in range(1, MANY):
        if number % 2:
            chat.say(f"{number} " + "x" * SIZE)
        else:
            ani.reply(conversation, f"{number} " + "x" * SIZE)
    seen = [tab.wait("message")["message"] for _ in range(1, MANY)]
    assert numbers(seen) == list(range(1, MANY))

    again = daemon.chat(visitor=chat.visitor)
    messages = again.welcome["messages"]
    assert numbers(messages) == list(range(MANY - len(messages), MANY)), "a hole, or the last ones are missing"
    size = sum(len(message["text"]) for message in messages)
    assert 20 * SIZE < size < WELCOME_BYTES
    # What comes after the welcome goes on where it ended.
    ani.reply(conversation, f"{MANY} goes on")
    assert numbers([again.wait("message")["message"]]) == [MANY]

    # Page by page he gets the rest, without the note.
    earlier, before = [], again.welcome["next"]
    while before is not None:
        page = again.history(conversation, before)
        assert sum(len(message["text"]) for message in page["messages"]) < WELCOME_BYTES
        earlier, before = numbers(page["messages"]) + earlier, page["next"]
    assert earlier == list(range(MANY - len(messages)))
    stranger = daemon.chat()
    with pytest.raises(Refused, match="not_found"):
        stranger.history(conversation, 2)
    chat_of_another = daemon.chat()
    chat_of_another.say("Mine.")
    with pytest.raises(Refused, match="not_found"):
        chat_of_another.history(conversation, 2)

    # Nothing is lost: agents read all of it, page by page.
    path, after, texts = f"/api/v1/conversations/{conversation}/messages", 0, []
    while after is not None:
        page = daemon.api("mehri").get(f"{path}?after={after}").expect(200)
        texts += [message for message in page["messages"] if message["direction"] in ("in", "out")]
        after = page["next"]
    assert numbers(texts) == list(range(MANY + 1))
