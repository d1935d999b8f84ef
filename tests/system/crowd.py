"""A crowd of customers and agents that keeps on writing while daemons and stores die, and the ledger of what it was
told. Customers send again what was not acknowledged, agents answer again under the same key: as good clients do.
"""
import asyncio
import collections
import concurrent.futures
import email.utils
import itertools
import json
import smtplib
import time
import uuid
from email.message import EmailMessage

import websockets

from sockets import background_loop

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


class Connection:
    """HTTP/1.1 with one connection that stays open."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def post(self, path, body, headers):
        """Status and parsed body; what the network does wrong is one of LOST."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json",
                f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
        self.writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        content = await self.reader.readexactly(int(found.get("content-length", 0)))
        if found.get("connection", "").lower() == "close":
            self.drop()
        return int(lines[0].split()[1]), json.loads(content) if content else None

    def drop(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Crowd:
    """`port` and `lmtp_port` are the daemon's, or functions that name one of several anew at every connection."""

    def __init__(self, port, lmtp_port, tokens, customers=("sara", "bob", "nare")):
        self.port = port if callable(port) else lambda: port
        self.lmtp_port = lmtp_port if callable(lmtp_port) else lambda: lmtp_port
        self.tokens = tokens  # of agents: name: session
        self.customers = itertools.cycle(customers)
        self.ledger = Ledger()
        self.numbers = itertools.count(1)
        self.open = True     # customers begin new matters
        self.working = True  # agents are there
        self.presence = collections.Counter()  # (agent, state, reason) as agents were told
        self.revoked = collections.Counter()   # reasons of revoked offers
        self.reconnects = 0
        self.customers_tasks, self.agents_tasks = [], []
        self.doing = {}   # what each customer without a socket does now
        self.visitors = set()
        self.clerks = set()

    # Beginning and end, called from the test's thread.

    def start(self, forms=0, chats=0, mails=0, posts=0, post=None):
        """So many of each at work; `post` hands a mail to a mail server that delivers it by LMTP."""
        makers = [(self.write_forms, forms), (self.chat, chats), (self.send_mails, mails)]
        for maker, count in makers:
            self.customers_tasks += [self._spawn(maker(number)) for number in range(count)]
        self.customers_tasks += [self._spawn(self.post_mails(number, post)) for number in range(posts)]
        self.agents_tasks += [self._spawn(self.work(name)) for name in self.tokens]

    def close(self, seconds=240.0):
        """Customers finish what they have begun, and it is acknowledged to the last."""
        self.open = False
        end = time.monotonic() + seconds
        for task in self.customers_tasks:
            try:
                task.result(max(0.0, end - time.monotonic()))
            except concurrent.futures.TimeoutError:
                raise AssertionError(f"after {seconds} s some have not come to their end:\n{self.describe()}") from None

    def describe(self):
        """Who is at work, and what he waits for."""
        customers = [f"{who}: {what}" for who, what in sorted(self.doing.items())]
        people = [person.describe() for person in (*self.visitors, *self.clerks)]
        return "\n".join((*customers, *people, *self.ledger.problems[:20]))

    def stop(self):
        """Agents leave."""
        self.working = False
        for task in self.agents_tasks:
            task.cancel()

    @staticmethod
    def _spawn(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, background_loop())

    def _name(self, kind):
        return f"{kind}-{next(self.numbers)}"

    # Forms.

    async def write_forms(self, number):
        connection = Connection(self.port())
        while self.open:
            text = self._name("form")
            fields = {"message": text, "name": text}
            if next(self.numbers) % 2:
                fields["email"] = f"{next(self.customers)}@customer.test"
                self.ledger.by_mail.add(f"re {text}")
            self.doing[f"form {number}"] = f"sends {text}"
            connection = await self._send_form(connection, text, fields)
            await self._until_answered(text)
        del self.doing[f"form {number}"]
        connection.drop()

    async def _until_answered(self, text):
        """One matter after the other, so that the agents keep up."""
        while self.open and f"re {text}" not in self.ledger.answered:
            await asyncio.sleep(PAUSE)

    async def _send_form(self, connection, text, fields):
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        body = json.dumps(fields).encode()
        while True:
            try:
                status, answer = await asyncio.wait_for(connection.post("/form/contact-form", body, headers), 30)
            except LOST:
                connection.drop()
                connection = Connection(self.port())
                await asyncio.sleep(PAUSE)
                continue
            if status == 202:
                self.ledger.take(text, answer["message"])
                return connection
            if status != 503:
                self.ledger.problems.append(f"form {text}: {status} {answer}")
                return connection
            await asyncio.sleep(PAUSE)

    # Chats.

    async def chat(self, _):
        """One visitor after the other; each comes twice, so that his conversation is reopened."""
        while self.open:
            visitor = Visitor(self.ledger)
            self.visitors.add(visitor)
            for _ in range(2):
                visitor.comes([self._name("chat"), self._name("chat") + LAST])
                await self._visit(visitor)
            self.visitors.discard(visitor)

    async def _visit(self, visitor):
        while not visitor.over:
            try:
                url = f"ws://127.0.0.1:{self.port()}/chat/site-chat"
                async with websockets.connect(url, subprotocols=["peyk.chat.v1"], ping_interval=None, close_timeout=1,
                                              open_timeout=15) as socket:
                    await visitor.talk(socket)
            except LOST:
                self.reconnects += 1
                await asyncio.sleep(PAUSE)

    # Mail, by LMTP and through a mail server.

    async def send_mails(self, number):
        loop = asyncio.get_running_loop()
        session = None
        while self.open:
            text = self._name("mail")
            self.ledger.by_mail.add(f"re {text}")
            mail = self._mail(text)
            self.doing[f"mail {number}"] = f"delivers {text}"
            while text not in self.ledger.taken:
                try:
                    session = session or await loop.run_in_executor(None, self._lmtp_session)
                    await loop.run_in_executor(None, self._deliver, session, mail, text)
                except smtplib.SMTPResponseException as error:
                    if error.smtp_code >= 500:
                        self.ledger.problems.append(f"mail {text}: {error}")
                        break
                    await asyncio.sleep(PAUSE)
                except (OSError, smtplib.SMTPException):
                    session = None
                    await asyncio.sleep(PAUSE)
            await self._until_answered(text)
        del self.doing[f"mail {number}"]

    def _lmtp_session(self):
        return smtplib.LMTP("127.0.0.1", self.lmtp_port(), timeout=30)

    def _deliver(self, session, mail, text):
        session.sendmail(mail["From"], ["support@desk.test"], mail.as_bytes())
        self.ledger.take(text, mail["Message-ID"])

    async def post_mails(self, number, post):
        loop = asyncio.get_running_loop()
        while self.open:
            text = self._name("post")
            self.ledger.by_mail.add(f"re {text}")
            self.doing[f"post {number}"] = f"posts {text}"
            await loop.run_in_executor(None, post, self._mail(text))
            self.ledger.posted.add(text)
            await self._until_answered(text)
        del self.doing[f"post {number}"]

    def _mail(self, text):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"{next(self.customers)}@customer.test", "support@desk.test", text
        mail["Message-ID"] = email.utils.make_msgid(domain="customer.test")
        mail["Date"] = email.utils.formatdate()
        mail.set_content(text)
        return mail

    # Agents.

    async def work(self, name):
        while self.working:
            try:
                url = f"ws://127.0.0.1:{self.port()}/api/v1/agent"
                async with websockets.connect(url, subprotocols=["peyk.agent.v1"], ping_interval=None, close_timeout=1,
                                              open_timeout=15, max_size=None) as socket:
                    clerk = Clerk(self, name, socket)
                    self.clerks.add(clerk)
                    await clerk.work()
            except LOST:
                pass
            finally:
                self.clerks = {known for known in self.clerks if known.name != name}
            self.reconnects += 1
            await asyncio.sleep(PAUSE)


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
