"""A visitor of a chat who goes on where he stood, over as many sockets as it takes."""
import asyncio
import collections
import json
import uuid

from ledger import AGAIN, PAUSE


class Visitor:
    """Says each line once the line before was acknowledged and answered, so that a reply that never came is seen."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.token = None
        self.lines, self.keys = [], {}
        self.resolved = False  # after his last line was answered
        self.over = False  # and all was acknowledged
        self.heard = set()
        self.last = collections.deque(maxlen=12)  # frames

    def comes(self, lines):
        """Has something to say (again)."""
        self.lines, self.resolved, self.over = lines, False, False

    def describe(self):
        return (f"visitor: has still to say {self.lines}, resolved {self.resolved}, acknowledged "
                f"{[line for line in self.lines if line in self.ledger.taken]}; the last he was told: {list(self.last)}")

    async def talk(self, socket):
        """Returns when nothing is left to say; a lost connection is one of LOST."""
        hello = {"type": "hello", **({"visitor": self.token} if self.token else {})}
        await socket.send(json.dumps(hello))
        ids = set()  # each message comes once on one socket, in the welcome or later
        async for raw in socket:
            frame = json.loads(raw)
            kind = frame["type"]
            self.last.append(raw[:300])
            if kind == "welcome":
                self.token = frame["visitor"]
            elif kind == "ack":
                text = next(text for text, key in self.keys.items() if key == frame["key"])
                self.ledger.take(text, frame["message"])
            elif kind == "error" and frame["code"] not in AGAIN:
                self.ledger.problems.append(f"chat: {frame}")
            for message in frame.get("messages", []) + ([frame["message"]] if kind == "message" else []):
                self.hear(message, ids)
            if kind == "resolved" or (kind == "welcome" and frame.get("state") == "resolved"):
                # An ack may come after it, when a line was sent again.
                self.resolved = all(f"re {line}" in self.heard for line in self.lines)
            await self.go_on(socket, kind)
            if self.resolved and not self.lines:
                self.over = True
                return
        raise EOFError

    def hear(self, message, ids):
        if message["id"] in ids:
            self.ledger.problems.append(f"chat: came twice on one socket: {message}")
        ids.add(message["id"])
        if message["from"] == "agent":
            self.heard.add(message["text"])
            self.ledger.heard.add(message["text"])

    async def go_on(self, socket, kind):
        """Says what comes next, if anything is left."""
        moved = False
        while self.lines and self.lines[0] in self.ledger.taken and f"re {self.lines[0]}" in self.heard:
            self.lines.pop(0)
            moved = True
        if self.lines and (moved or kind in ("welcome", "error")):
            await asyncio.sleep(PAUSE if kind == "error" else 0)
            key = self.keys.setdefault(self.lines[0], str(uuid.uuid4()))
            await socket.send(json.dumps({"type": "message", "key": key, "text": self.lines[0]}))
