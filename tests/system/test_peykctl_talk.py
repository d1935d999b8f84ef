"""Desk and chat of peykctl as agents and visitors use them, through pipes and in real terminals."""
import contextlib
import re

import pytest

from peyk import PASSWORD, PEYKCTL
from terminal import Piped, Tmux, tmux_missing
from waiting import until


@pytest.fixture(name="daemon")
def fixture_daemon(make_daemon):
    return make_daemon().start()


def program(daemon, *arguments):
    return [PEYKCTL, "--url", f"http://127.0.0.1:{daemon.port}", *arguments]


@contextlib.contextmanager
def piped(daemon):
    """Ani's desk, available, and a chat that was greeted: (desk, chat)."""
    with Piped(program(daemon, "desk", "ani"), PASSWORD) as desk, \
            Piped(program(daemon, "chat", "site-chat", "--name", "Sara")) as chat:
        desk.type("available")
        desk.wait("you are available")
        chat.wait("To go on later")
        yield desk, chat


def take(desk):
    desk.wait("● offer")
    desk.type("accept")
    desk.wait("is yours")


def test_a_visitor_and_an_agent_talk_through_pipes(daemon):
    with piped(daemon) as (desk, chat):
        chat.type("Is anybody there?")
        desk.wait("offer 1: chat from Sara in service")
        desk.wait("Is anybody there?")
        desk.type("accept")
        desk.wait("is yours")
        chat.wait("Ani is with you now")
        desk.type("reply Yes.\\nHow can I help?")
        chat.wait("Ani: Yes.\nHow can I help?")
        chat.type("It drips. می‌چکد")
        desk.wait("It drips. می‌چکد")
        desk.type("note He sounds tired.")
        desk.wait("He sounds tired.")
        desk.type("list")
        desk.wait("active")
        desk.type("resolve solved")
        chat.wait("This conversation is resolved.")
        chat.type("/rate 5 Quick.")
        chat.wait("Thank you for rating.")
        assert "He sounds tired." not in chat.output
        assert chat.end() == 0
        desk.type("quit")
        assert desk.process.wait(10) == 0
    listed = daemon.conversations()
    assert [(entry["state"], entry["outcome"]) for entry in listed] == [("resolved", "solved")]
    rating = daemon.api("mehri").get(f"/api/v1/conversations/{listed[0]['id']}").expect(200)["rating"]
    assert (rating["score"], rating["comment"]) == (5, "Quick."), rating
    assert re.search(r"^rating +5 of 5: Quick\.$", daemon.ctl("show", listed[0]["id"], token=daemon.login("mehri")).stdout, re.MULTILINE)
    until("the rating is counted",
          lambda: 'peyk_rating_sum{queue="service"} 5' in daemon.http.get("/metrics").text)


def test_the_desk_declines_transfers_and_puts_aside(daemon):
    bela = daemon.agent("bela", available=False)
    with Piped(program(daemon, "desk", "ani"), PASSWORD) as desk:
        desk.type("available")
        desk.wait("you are available")
        receipt = daemon.form("For Bela.", subject="A leak").expect(202)
        take(desk)
        bela.available()
        desk.type("transfer @bela She knows coolers.")
        offer = bela.next_offer(conversation=receipt["conversation"])
        detail = bela.accept(offer)["detail"]
        assert "She knows coolers." in [message["text"] for message in detail["messages"]]
        bela.command("presence", state="away")
        second = daemon.form("For later.").expect(202)["conversation"]
        take(desk)
        desk.type("snooze 2h")
        until("it is snoozed", lambda: daemon.conversation(second)["state"] == "snoozed")
        desk.type("dance")
        desk.wait("unknown command")
        third = daemon.form("Not for Ani.").expect(202)["conversation"]
        desk.wait("● offer")
        desk.type("decline")
        desk.wait("is gone: declined")
        until("it waits again", lambda: daemon.conversation(third)["state"] == "waiting")
        assert desk.end() == 0


def test_desk_and_chat_come_back_after_the_daemon_died(daemon):
    with piped(daemon) as (desk, chat):
        chat.type("Before.")
        desk.wait("Before.")
        desk.type("accept")
        desk.wait("is yours")
        daemon.kill9()
        desk.wait("trying again")
        chat.type("While it was down.")
        daemon.start()
        desk.wait("While it was down.", 40)
        desk.type("reply Here we are.")
        chat.wait("Here we are.")
    listed = daemon.conversations()
    messages = daemon.conversation(listed[0]["id"])["messages"]
    assert [message["text"] for message in messages if message["direction"] == "in"] == ["Before.", "While it was down."]


def test_a_visitor_who_comes_back_asks_for_what_was_said_earlier(daemon):
    count = 220
    visitor = daemon.chat()
    for number in range(count):
        visitor.say(f"Word {number}.")
    with Piped(program(daemon, "chat", "site-chat", "--visitor", visitor.visitor)) as chat:
        chat.wait("Only the latest messages are shown; /earlier")
        chat.wait(f"Word {count - 1}.")
        assert "Word 0." not in chat.transcript
        chat.type("/earlier")
        chat.wait("that was the beginning")
        chat.type("/earlier")
        chat.wait("There are no earlier messages.")
        assert chat.end() == 0
    said = [int(number) for number in re.findall(r"Word (\d+)\.", chat.transcript)]
    first = count - said.index(0)  # of the welcome
    assert said == [*range(first, count), *range(first)], said


def test_a_chat_that_is_not_there_ends_with_a_word(daemon):
    with Piped(program(daemon, "chat", "no-such-chat")) as chat:
        assert chat.process.wait(10) == 1
        assert chat.output or until("a word", lambda: chat.output)


@contextlib.contextmanager
def talking(daemon, folder, **terminal):
    """Ani's desk, available, and a chat she has taken, each in a terminal: (desk, chat)."""
    with Tmux(folder, "desk", program(daemon, "desk", "ani"), **terminal) as desk, \
            Tmux(folder, "chat", program(daemon, "chat", "site-chat", "--name", "Sara"), **terminal) as chat:
        desk.wait("Password of ani:")
        desk.type(PASSWORD)
        desk.wait("ani ")
        desk.type("available")
        desk.wait("you are available")
        chat.wait("you >")
        chat.type("Is anybody there?")
        desk.wait("Is anybody there?")
        desk.type("accept")
        chat.wait("Ani is with you now")
        desk.wait("[PK-")
        yield desk, chat


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
def test_a_visitor_and_an_agent_talk_in_real_terminals(daemon, folder):
    with talking(daemon, folder) as (desk, chat):
        assert PASSWORD not in desk.text()
        # What arrives does not disturb what is being typed.
        desk.keys("reply Yes, I am he")
        chat.type("Hello?")
        desk.wait("Hello?")
        desk.type("re.")
        chat.wait("Ani: Yes, I am here.")
        desk.type("reply درود، چطور می‌توانم کمک کنم؟")
        chat.wait("درود")
        assert "\x1b[" in chat.screen(colours=True)
        desk.type("resolve solved")
        chat.wait("This conversation is resolved.")
        desk.type("quit")
        chat.type("/quit")
        desk.wait_ended()
        chat.wait_ended()


@pytest.fixture(name="terminals")
def fixture_terminals(daemon, folder):
    """Ani's desk and a chat she has taken, both in narrow terminals."""
    with talking(daemon, folder, columns=60) as both:
        yield both


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
def test_what_is_being_typed_stands_below_what_arrives(terminals):
    desk, chat = terminals
    prompt = desk.screen().rstrip().splitlines()[-1].rstrip()
    for number, typed in enumerate(["r", "reply Yes, I", "reply Yes, I am"]):
        desk.keys(typed[len(["", "r", "reply Yes, I"][number]):])
        desk.wait_last(f"{prompt} {typed}")
        chat.type(f"Hello {number}?")
        desk.wait(f"Hello {number}?")
        desk.wait_last(f"{prompt} {typed}")
    # The line is one: a key pressed far to the left changes it there.
    desk.press("Left", "Left", "BSpace")
    desk.keys("_")
    desk.wait_last(f"{prompt} reply Yes, I_am")
    # Escape alone waits for nothing.
    desk.press("Escape")
    chat.type("Still there?")
    desk.wait("Still there?")
    desk.wait_last(f"{prompt} reply Yes, I_am")
    desk.type("")
    chat.wait("Ani: Yes, I_am")
    desk.wait_last(prompt)
    desk.press("Up")
    desk.wait_last(f"{prompt} reply Yes, I_am")


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
def test_a_line_longer_than_the_terminal_is_drawn_once(terminals):
    desk, chat = terminals
    words = " ".join(f"word{number}" for number in range(30))
    desk.keys("reply " + words)
    desk.wait("word29")
    for number in range(3):
        chat.type(f"Hello {number}?")
        desk.wait(f"Hello {number}?")
    desk.wait("word29")
    shown = desk.text()
    assert shown.count("word17") == 1 and shown.count("word29") == 1, shown
    desk.resize(40, 30)
    chat.type("Now narrow?")
    desk.wait("Now narrow?")
    desk.type("")
    chat.wait("word29")
    chat.wait(f"Ani: {words}")


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
def test_persian_and_armenian_are_typed_shown_and_sent(daemon, terminals):
    desk, chat = terminals
    persian, armenian = "درود، چطور می‌توانم کمک کنم؟", "Բարեւ ձեզ, ինչո՞վ օգնեմ"
    desk.keys("reply " + persian[:12])
    chat.type(armenian)
    desk.wait(armenian)
    desk.type(persian[12:])
    chat.wait("Ani: درود")
    desk.keys("reply " + armenian + "xy")
    desk.wait(armenian + "xy")
    desk.press("BSpace", "BSpace")
    desk.type(" ։")
    chat.wait("Ani: " + armenian)
    listed = daemon.conversations()
    messages = [message["text"] for message in daemon.conversation(listed[0]["id"])["messages"]]
    assert persian in messages and armenian in messages and armenian + " ։" in messages, messages


@pytest.mark.skipif(tmux_missing() != "", reason=tmux_missing())
@pytest.mark.parametrize("key", ["C-c", "C-d"])
def test_ctrl_c_and_ctrl_d_leave_in_order_and_give_the_terminal_back(daemon, folder, key):
    shell = ["sh", "-c", 'trap : INT; "$@"; echo "left with $?"; stty -a; exec cat', "sh"]
    with Tmux(folder, "chat", [*shell, *program(daemon, "chat", "site-chat")]) as chat:
        chat.wait("To go on later")
        if key == "C-c":
            chat.keys("half a line")
        chat.press(key)
        chat.wait("left with 0")
        assert "half a line" not in chat.wait(" icanon ") and " echo " in chat.text(), chat.text()
