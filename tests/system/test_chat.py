"""A visitor chats, an agent answers; connections break and come back."""
import pytest
import websockets

from sockets import Refused


def test_a_chat_goes_both_ways_until_it_is_resolved(daemon):
    ani = daemon.agent("ani")
    with daemon.chat(name="Sara") as sara:
        ack = sara.say("Is anybody there?")
        assert ack["message"].startswith("m_")
        assigned = ani.take(kind="chat")
        assert sara.wait("assigned")["agent"]["name"] == "Ani"

        ani.reply(assigned["conversation"], "Yes, how can I help?")
        assert sara.heard()["text"] == "Yes, how can I help?"
        sara.say("It drips.")
        heard = ani.wait("message", lambda frame: frame["message"]["text"] == "It drips.")
        assert heard["message"]["direction"] == "in"

        ani.resolve(assigned["conversation"])
        sara.wait("resolved")


def test_the_same_key_is_acknowledged_alike_and_stored_once(daemon):
    with daemon.chat() as visitor:
        first = visitor.say("Once only.", key="k1")
        assert visitor.say("Once only.", key="k1")["message"] == first["message"]
        visitor.say("Twice.", key="k2")
        token = visitor.visitor
    with daemon.chat(visitor=token) as visitor:
        texts = [message["text"] for message in visitor.welcome["messages"] if message["from"] == "visitor"]
        assert texts == ["Once only.", "Twice."]


def test_a_visitor_who_comes_back_finds_the_whole_conversation(daemon):
    ani = daemon.agent("ani")
    visitor = daemon.chat(name="Sara")
    visitor.say("I may lose the line.")
    assigned = ani.take()
    visitor.cut()
    ani.reply(assigned["conversation"], "I am still here.")
    with daemon.chat(visitor=visitor.visitor) as back:
        assert back.welcome["conversation"] == assigned["conversation"]
        back_texts = [message["text"] for message in back.welcome["messages"]]
        assert back_texts[0] == "I may lose the line." and "I am still here." in back_texts


def test_a_foreign_page_may_not_chat(daemon):
    with pytest.raises(websockets.InvalidStatusCode) as refused:
        daemon.chat(origin="https://evil.test")
    assert refused.value.status_code == 403
    with daemon.chat(origin="https://shop.test") as visitor:
        visitor.say("From the shop's own page.")


def test_one_agents_conversation_is_not_anothers_to_answer(daemon):
    ani = daemon.agent("ani")
    bela = daemon.agent("bela", available=False)
    with daemon.chat() as visitor:
        visitor.say("For Ani.")
        assigned = ani.take()
        with pytest.raises(Refused) as refused:
            bela.reply(assigned["conversation"], "I answer for her.")
        assert refused.value.code == "forbidden"


def test_an_agent_hears_a_visitor_type_after_the_daemon_has_started_anew(daemon):
    chat = daemon.chat()
    chat.say("Hello?")
    ani = daemon.agent("ani")
    conversation = ani.take(kind="chat")["conversation"]
    visitor = chat.visitor
    daemon.restart()
    ani = daemon.agent("ani")
    assert [one["id"] for one in ani.welcome["conversations"]] == [conversation]
    daemon.chat(visitor=visitor).send({"type": "typing"})
    assert ani.wait("typing")["conversation"] == conversation
