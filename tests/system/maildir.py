"""Maildirs, as a customer's mail program reads them."""
import email
import email.policy
import pathlib

from waiting import until


class Maildir:
    """A folder of mails, `new` and `cur`, that something else delivers into."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._seen = set()

    def mails(self):
        """All mails, oldest first, as EmailMessage with a `.raw`."""
        found = []
        for name in ("new", "cur"):
            place = self.folder / name
            found += sorted(place.iterdir(), key=lambda path: (path.stat().st_mtime_ns, path.name)) if place.is_dir() else []
        return [self._read(path) for path in found]

    def next(self, text="", seconds=20.0):
        """The oldest mail with that text in it which `next` has not returned before; waits for it. Receipts and the like,
        which Peyk writes by itself, are passed over unless their text is asked for."""
        return until(f"a new mail with {text!r} in {self.folder}", lambda: self._take(text), seconds)

    def _take(self, text):
        for mail in self.mails():
            wanted = text in text_of(mail) if text else not is_automatic(mail)
            if mail.path not in self._seen and wanted:
                self._seen.add(mail.path)
                return mail
        return None

    @staticmethod
    def _read(path):
        raw = path.read_bytes()
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        mail.raw, mail.path = raw, path
        return mail


def is_automatic(mail):
    """Whether no person wrote it (RFC 3834)."""
    return mail.get("Auto-Submitted", "no") != "no"


def text_of(mail):
    """The plain text of a mail."""
    return mail.get_body(preferencelist=("plain", "html")).get_content()
