"""Clients of peyk.chat.v1 and peyk.agent.v1, written from the protocol; blocking, each wait with a deadline.

All sockets of a process live on one background loop, so that a test reads top to bottom. A load generator with
thousands of sockets uses `websockets` itself.
"""
import asyncio
import contextlib
import itertools
import json
import queue
import threading
import time
import uuid

import websockets


class Refused(AssertionError):
    """An `error` frame in answer to a command."""

    def __init__(self, frame):
        super().__init__(json.dumps(frame))
        self.code = frame.get("code")
        self.frame = frame


class Closed(AssertionError):
    """The server closed the socket while a frame was waited for."""


_loop = None
_loop_lock = threading.Lock()


def background_loop():
    """The loop that all sockets of this process share."""
    global _loop
    with _loop_lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, daemon=True, name="sockets").start()
        return _loop


def call(coroutine, seconds=20.0):
    """Runs a coroutine on the background loop and returns what it returns."""
    return asyncio.run_coroutine_threadsafe(coroutine, background_loop()).result(seconds)


class Socket:
    """A WebSocket whose frames are JSON objects. Frames that nobody has asked for yet are kept in order."""

    def __init__(self, url, subprotocol, origin=None):
        self.url = url
        self._inbox = queue.Queue()
        self._kept = []
        self.close_code = None
        self._connection = call(self._connect(url, subprotocol, origin))
        self._reader = asyncio.run_coroutine_threadsafe(self._read(), background_loop())

    @staticmethod
    async def _connect(url, subprotocol, origin):
        return await websockets.connect(url, subprotocols=[subprotocol], origin=origin, max_size=None,
                                        ping_interval=None, close_timeout=2, open_timeout=15)

    async def _read(self):
        try:
            async for text in self._connection:
                self._inbox.put(json.loads(text))
        except websockets.ConnectionClosed:
            pass
        self.close_code = self._connection.close_code
        self._inbox.put(None)

    def send(self, frame):
        """`frame`: an object, or text as it is."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        call(self._connection.send(text))

    def send_too_much(self, size):
        """A frame that is refused: the other side may close before it has all of it."""
        with contextlib.suppress(websockets.ConnectionClosed):
            self.send("x" * size)

    def wait(self, kinds, match=None, seconds=20.0):
        """The first frame of that type (or of one of those types) for which `match`, if given, is true, among those kept
        and those to come."""
        kinds = (kinds,) if isinstance(kinds, str) else kinds
        end = time.monotonic() + seconds

        def wanted(frame):
            return frame.get("type") in kinds and (match is None or match(frame))

        for index, frame in enumerate(self._kept):
            if wanted(frame):
                return self._kept.pop(index)
        while True:
            try:
                frame = self._inbox.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"after {seconds} s none of {kinds}; there came {self._kept}") from None
            if frame is None:
                self._inbox.put(None)
                raise Closed(f"closed ({self.close_code}) while waiting for {kinds}; there came {self._kept}")
            if wanted(frame):
                return frame
            self._kept.append(frame)

    def kept(self, kind=None):
        """Frames that have come and were not asked for, those of one type or all."""
        while not self._inbox.empty():
            frame = self._inbox.get()
            if frame is None:
                self._inbox.put(None)
                break
            self._kept.append(frame)
        return [frame for frame in self._kept if kind in (None, frame.get("type"))]

    def wait_closed(self, seconds=20.0):
        """Waits for the end; the close code."""
        self._reader.result(seconds)
        return self.close_code

    def close(self):
        call(self._connection.close())

    def cut(self):
        """Ends the connection without a word, as a lost network does."""
        background_loop().call_soon_threadsafe(self._connection.transport.abort)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.close()
        except Exception:  # pylint: disable=broad-except  # what is closed already is closed
            pass


class Chat(Socket):
    """A visitor. `welcome` is the server's first frame, `visitor` the token to come back with."""

    def __init__(self, port, channel="site-chat", origin=None, **hello):
        super().__init__(f"ws://127.0.0.1:{port}/chat/{channel}", "peyk.chat.v1", origin)
        self.send({"type": "hello", **hello})
        self.welcome = self.wait("welcome")
        self.visitor = self.welcome["visitor"]

    def say(self, text, key=None, seconds=20.0):
        """Sends a message and returns its ack."""
        key = key or str(uuid.uuid4())
        self.send({"type": "message", "key": key, "text": text})
        frame = self.wait(("ack", "error"), lambda frame: frame.get("key") == key, seconds)
        if frame["type"] == "error":
            raise Refused(frame)
        return frame

    def history(self, conversation, before):
        """The page of messages before a seq."""
        self.send({"type": "history", "conversation": conversation, "before": before})
        frame = self.wait(("history", "error"), lambda frame: frame["type"] == "error" or frame["conversation"] == conversation)
        if frame["type"] == "error":
            raise Refused(frame)
        return frame

    def heard(self, text=None, seconds=20.0):
        """The next message from an agent (with that text)."""
        def match(frame):
            message = frame["message"]
            return message["from"] == "agent" and (text is None or message["text"] == text)

        return self.wait("message", match, seconds)["message"]


class Agent(Socket):
    """An agent's socket, logged in. `welcome` is the server's first frame."""

    def __init__(self, port, token):
        super().__init__(f"ws://127.0.0.1:{port}/api/v1/agent", "peyk.agent.v1")
        self.token = token
        self._ids = itertools.count(1)
        self.send({"type": "hello", "token": token})
        self.welcome = self.wait("welcome")

    def command(self, kind, seconds=20.0, **fields):
        """Sends a command and returns its `ok`; Refused with the `code` of its `error`."""
        number = f"t{next(self._ids)}"
        self.send({"type": kind, "id": number, **fields})
        frame = self.wait(("ok", "error"), lambda frame: frame.get("re") == number, seconds)
        if frame["type"] == "error":
            raise Refused(frame)
        return frame

    def available(self):
        return self.command("presence", state="available")

    def next_offer(self, seconds=20.0, **fields):
        """The next offer (whose fields are these)."""
        return self.wait("offer", lambda frame: all(frame.get(name) == value for name, value in fields.items()), seconds)

    def accept(self, offer):
        """Accepts an offer frame; the `assigned` event that follows."""
        self.command("accept", offer=offer["offer"])
        return self.wait("assigned", lambda frame: frame["conversation"] == offer["conversation"])

    def take(self, seconds=20.0, **fields):
        """Waits for the next offer and accepts it; the `assigned` event."""
        return self.accept(self.next_offer(seconds, **fields))

    def reply(self, conversation, text, key=None, **fields):
        return self.command("reply", conversation=conversation, key=key or str(uuid.uuid4()), text=text, **fields)

    def resolve(self, conversation, **fields):
        return self.command("resolve", conversation=conversation, **fields)

    def sent(self, conversation, message, seconds=20.0):
        """Waits until the channel's peer has taken a reply."""
        return self.wait("delivery", lambda frame: frame["conversation"] == conversation and
                         frame["message"] == message and frame["state"] == "sent", seconds)
