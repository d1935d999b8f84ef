"""A chat of many large messages: who is there has all of them in order, who comes back the last of them, in one frame of
bounded size."""
import pytest

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

    # Nothing is lost: agents read all of it, page by page.
    path, after, texts = f"/api/v1/conversations/{conversation}/messages", 0, []
    while after is not None:
        page = daemon.api("mehri").get(f"{path}?after={after}").expect(200)
        texts += [message for message in page["messages"] if message["direction"] in ("in", "out")]
        after = page["next"]
    assert numbers(texts) == list(range(MANY + 1))
