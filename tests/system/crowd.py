"""A crowd of customers and agents that keeps on writing while daemons and stores die. Customers send again what was not
acknowledged, agents answer again under the same key: as good clients do.
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

from clerk import Clerk
from ledger import LAST, LOST, PAUSE, Ledger
from sockets import background_loop
from visitor import Visitor


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
