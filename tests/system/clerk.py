"""An agent who accepts, answers and resolves, and after whatever crash answers each message once."""
import asyncio
import collections
import itertools
import json
import uuid

from ledger import AGAIN, LAST, LOST, PATIENCE, PAUSE


class Clerk:
    """An agent on one socket. Remembers nothing: what is to be done stands in the welcome."""

    def __init__(self, crowd, name, socket):
        self.crowd, self.name, self.socket = crowd, name, socket
        self.ledger = crowd.ledger
        self.numbers = itertools.count(1)
        self.answers = {}  # commands under way: future
        self.tasks = set()
        self.last = collections.deque(maxlen=12)  # frames

    def describe(self):
        return f"agent {self.name}: waits for {sorted(self.answers)}; the last he was told: {list(self.last)}"

    async def work(self):
        try:
            await self.socket.send(json.dumps({"type": "hello", "token": self.crowd.tokens[self.name]}))
            async for raw in self.socket:
                self.last.append(raw[:300])
                self.on_frame(json.loads(raw))
        finally:
            for task in self.tasks:
                task.cancel()

    def on_frame(self, frame):
        kind = frame["type"]
        if kind in ("ok", "error"):
            future = self.answers.pop(frame["re"], None)
            if future and not future.done():
                future.set_result(frame)
            if future is None and frame.get("code") not in AGAIN:
                self.ledger.problems.append(f"agent {self.name}: {frame}")
        elif kind == "welcome":
            self.on_presence(frame["presence"], frame.get("reason"))
            for offer in frame["offers"]:
                self.spawn(self.take(offer))
            for detail in frame["conversations"]:
                self.spawn(self.handle(detail))
        elif kind == "presence":
            self.on_presence(frame["state"], frame.get("reason"))
        elif kind == "offer":
            self.spawn(self.take(frame))
        elif kind == "revoked":
            self.crowd.revoked[frame["reason"]] += 1
        elif kind == "assigned":
            self.spawn(self.handle(frame["detail"]))
        elif kind == "message" and frame["message"]["direction"] == "in":
            self.spawn(self.answer(frame["conversation"], frame["message"]))

    def on_presence(self, state, reason):
        self.crowd.presence[self.name, state, reason] += 1
        if state != "available":
            self.spawn(self.command("presence", state="available"))

    def spawn(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.on_done)

    def on_done(self, task):
        self.tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error and not isinstance(error, LOST):
            self.ledger.problems.append(f"agent {self.name}: {error!r}")

    async def command(self, kind, **fields):
        """The answer to a command, sent again for as long as the desk is away; None when it is not his any more."""
        while True:
            number = f"{kind}-{next(self.numbers)}"
            future = asyncio.get_running_loop().create_future()
            self.answers[number] = future
            await self.socket.send(json.dumps({"type": kind, "id": number, **fields}))
            try:
                frame = await asyncio.wait_for(future, PATIENCE)
            except asyncio.TimeoutError:
                self.ledger.problems.append(f"agent {self.name}: no answer to {kind} {fields}")
                return None
            if frame["type"] == "ok":
                return frame
            if frame["code"] in AGAIN:
                await asyncio.sleep(PAUSE)
                continue
            if frame["code"] not in ("conflict", "not_found", "forbidden"):
                self.ledger.problems.append(f"agent {self.name}, {kind} {fields}: {frame}")
            return None

    async def take(self, offer):
        await self.command("accept", offer=offer["offer"])

    async def handle(self, detail):
        """Answers what has no acknowledged answer yet."""
        incoming = [message for message in detail["messages"] if message["direction"] == "in"]
        for message in incoming:
            if f"re {message['text'].strip()}" not in self.ledger.answered:
                await self.answer(detail["id"], message, resolve=False)
        if incoming and self.is_last(incoming[-1]["text"].strip()):
            await self.command("resolve", conversation=detail["id"], seen=detail["messages"][-1]["id"])

    async def answer(self, conversation, message, resolve=True):
        text = message["text"].strip()
        # A key of the message's own: whoever answers it, after whatever crash, answers it once.
        key = str(uuid.uuid5(uuid.NAMESPACE_OID, message["id"]))
        reply = await self.command("reply", conversation=conversation, key=key, text=f"re {text}")
        if reply:
            self.ledger.answer(f"re {text}", reply["message"])
        if resolve and self.is_last(text):
            await self.command("resolve", conversation=conversation, seen=message["id"])

    @staticmethod
    def is_last(text):
        return not text.startswith("chat-") or text.endswith(LAST)
