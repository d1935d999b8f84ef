"""Whatever comes in by mail or breaks off in the middle, the answer is a proper one, and the daemon is unharmed."""
import socket

import pytest

from bad_input import NOT_UTF8, fixture_daemon, fixture_unharmed, stored
from correspondence import mail
from waiting import until


class Lmtp:
    """A line to the LMTP port, as raw as can be."""

    def __init__(self, port):
        self.line = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.line.makefile("rb")
        assert self.reply() == 220

    def reply(self):
        """The code of the next reply; 0 at the end of the connection."""
        while True:
            text = self.file.readline()
            if not text:
                return 0
            if text[3:4] != b"-":
                return int(text[:3])

    def say(self, line):
        self.line.sendall(line + b"\r\n")
        return self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.line.close()


def test_lmtp_commands_that_are_wrong_are_5xx_and_the_line_lives(daemon):
    with Lmtp(daemon.lmtp_port) as lmtp:
        for line in (b"HELO x", b"EHLO x", b"NONSENSE", b"", NOT_UTF8, b"MAIL FROM:<a@b.test>", b"RCPT TO:<a@b.test>",
                     b"DATA", b"x" * 5000):
            assert 500 <= lmtp.say(line) < 600, line
        assert lmtp.say(b"LHLO x") == 250
        for line in (b"MAIL FROM:a@b.test", b"MAIL FROM:<a@b.test", b"MAIL FROM:<a@b.test> SIZE=999999999"):
            assert 500 <= lmtp.say(line) < 600, line
        assert lmtp.say(b"MAIL FROM:<a@b.test>") == 250
        for line in (b"RCPT TO:<nobody@desk.test>", b"RCPT TO:<support@elsewhere.test>", b"RCPT TO:<>", b"RCPT TO:x"):
            assert 500 <= lmtp.say(line) < 600, line
        assert 500 <= lmtp.say(b"DATA") < 600
        assert lmtp.say(b"RSET") == 250
        assert lmtp.say(b"NOOP") == 250


def test_a_line_of_nonsense_without_end_is_hung_up_on(daemon):
    with Lmtp(daemon.lmtp_port) as lmtp:
        codes = []
        try:
            for _ in range(100):
                codes.append(lmtp.say(b"NONSENSE"))
                if codes[-1] in (0, 421):
                    break
        except ConnectionError:
            codes.append(0)
        assert codes[-1] in (0, 421)


@pytest.mark.parametrize("make", [
    lambda: mail("x" * 70_000).as_bytes(),
    lambda: nested(8).encode(),
    lambda: many_parts(20).encode(),
], ids=["too large", "too deep", "too many parts"])
def test_a_mail_above_the_limits_is_refused_for_good(daemon, make):
    answers = daemon.lmtp(make(), "sara@customer.test", ["support@desk.test"])
    assert 550 <= answers["support@desk.test"][0] < 560, answers


def nested(depth):
    text = "Content-Type: text/plain\r\n\r\ndeep\r\n"
    for level in range(depth):
        text = (f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n{text}\r\n--b{level}--\r\n')
    return f"From: sara@customer.test\r\nTo: support@desk.test\r\nMessage-ID: <n{depth}@x.test>\r\n{text}"


def many_parts(count):
    parts = "".join(f"--b\r\nContent-Type: text/plain\r\n\r\n{number}\r\n" for number in range(count))
    return ("From: sara@customer.test\r\nTo: support@desk.test\r\nMessage-ID: <p@x.test>\r\n"
            f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n{parts}--b--\r\n')


def test_lines_cut_off_in_the_middle_store_nothing(daemon):
    for text in (b"LHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<support@desk.test>\r\nDATA\r\nFrom: a@b.test\r\n\r\nhalf",
                 b"LHLO x\r\nMAIL FR"):
        with socket.create_connection(("127.0.0.1", daemon.lmtp_port)) as line:
            line.sendall(text)
    for text in (b"POST /form/contact-form HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n{\"message\":",
                 b"POST /form/con"):
        with socket.create_connection(("127.0.0.1", daemon.port)) as line:
            line.sendall(text)
    until("the daemon answers", lambda: daemon.http.get("/livez").status == 200)


def test_strange_mail_is_taken_as_it_is(daemon, unharmed):
    strange = [b"no headers at all, just text", b"Subject: only\r\n\r\n", b"\r\n\r\n\r\n",
               b"From: \xff\xfe@\xff\r\nSubject: =?utf-8?B?////?=\r\n\r\nbody \xff\xfe",
               b"From: sara@customer.test\r\nContent-Type: text/plain; charset=martian\r\n\r\n\xe9\xe8",
               b"From: sara@customer.test\r\nContent-Type: multipart/mixed\r\n\r\nno boundary"]
    for content in strange:
        answers = daemon.lmtp(content, "sara@customer.test", ["support@desk.test"])
        assert answers["support@desk.test"][0] in (250, 554), (content, answers)
    unharmed |= stored(daemon)
