"""The Postfix of the mail tests does what those tests take for granted, shown with a bare LMTP server behind it."""
import socketserver
import threading
from email.message import EmailMessage

import pytest

from waiting import until


class LmtpSink(socketserver.StreamRequestHandler):
    """Takes every mail and keeps (recipient, content) in the server's `mails`."""

    def handle(self):
        self.wfile.write(b"220 sink LMTP\r\n")
        recipients = []
        for line in self.rfile:
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"LHLO":
                self.wfile.write(b"250 sink\r\n")
            elif verb == b"RCPT":
                recipients.append(line.split(b"<")[1].split(b">")[0].decode())
                self.wfile.write(b"250 ok\r\n")
            elif verb == b"DATA":
                self._data(recipients)
                recipients = []
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")

    def _data(self, recipients):
        self.wfile.write(b"354 go on\r\n")
        content = b"".join(iter(self.rfile.readline, b".\r\n"))
        for recipient in recipients:
            self.server.mails.append((recipient, content))
            self.wfile.write(b"250 taken\r\n")


@pytest.fixture(name="sink")
def fixture_sink():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), LmtpSink) as server:
        server.mails = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def mail(sender, recipient, text):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, "A leak"
    message.set_content(text)
    return message


def test_delivers_the_desks_mail_to_lmtp_with_the_token_kept(sink, make_postfix):
    postfix = make_postfix(sink.server_address[1])
    postfix.send(mail("sara@customer.test", "support+abc123@desk.test", "It drips."))
    recipient, content = until("the mail at LMTP", lambda: sink.mails and sink.mails[0])
    assert recipient == "support+abc123@desk.test"
    assert b"It drips." in content


def test_delivers_the_customers_mail_into_a_mailbox(sink, make_postfix):
    postfix = make_postfix(sink.server_address[1])
    postfix.send(mail("support@desk.test", "sara@customer.test", "We come tomorrow."))
    assert "We come tomorrow." in postfix.mailbox("sara").next().get_content()
    until("an empty queue", lambda: not postfix.queue())


def test_keeps_mail_while_lmtp_is_down_and_delivers_it_later(sink, make_postfix):
    port = sink.server_address[1]
    sink.shutdown()
    sink.server_close()
    postfix = make_postfix(port)
    postfix.send(mail("sara@customer.test", "support@desk.test", "Is anybody there?"))
    until("a deferred mail", lambda: "deferred" in "".join(postfix.queue()))
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), LmtpSink) as later:
        later.mails = []
        threading.Thread(target=later.serve_forever, daemon=True).start()
        until("the mail at LMTP", lambda: later.mails)
        later.shutdown()
