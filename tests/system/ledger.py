"""What a crowd was told, and what its members have in common: when they try again, and how long they wait."""
import asyncio

import websockets

LOST = (OSError, EOFError, asyncio.IncompleteReadError, asyncio.TimeoutError, websockets.WebSocketException)
AGAIN = ("unavailable", "timeout", "throttled", "cancelled", "stale")
PAUSE = 0.05  # between two tries while the other side is away
LAST = "!"    # ends the last message of a chat
PATIENCE = 60.0  # with an answer to a command


class Ledger:
    """What was acknowledged. Every text is unique, so that a text found twice was stored twice."""

    def __init__(self):
        self.taken = {}     # text of a customer's message: id of the message
        self.answered = {}  # text of a reply: id of the message
        self.posted = set()  # texts that Postfix has taken and owes to the desk
        self.heard = set()  # texts of agents that came to chats, live or in a welcome
        self.by_mail = set()  # texts of replies that must leave by mail
        self.problems = []  # what no good client should be told

    def acknowledgements(self):
        return len(self.taken) + len(self.answered)

    def take(self, text, message):
        before = self.taken.setdefault(text, message)
        if before != message:
            self.problems.append(f"{text} was acknowledged as {before} and as {message}")

    def answer(self, text, message):
        before = self.answered.setdefault(text, message)
        if before != message:
            self.problems.append(f"reply {text} was acknowledged as {before} and as {message}")
