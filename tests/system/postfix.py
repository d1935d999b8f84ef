"""A Postfix of our own: private folders and port, started and stopped with the test, the system's untouched.

Its master starts as root only: whoever is not root asks sudo, where that wants no password.
"""
import os
import pathlib
import shutil
import smtplib
import subprocess

from maildir import Maildir
from ports import free_port
from waiting import until

POSTFIX = "/usr/sbin/postfix"
DESK_DOMAIN = "desk.test"
CUSTOMER_DOMAIN = "customer.test"

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_bind_address = 127.0.0.1
smtpd_peername_lookup = no
disable_dns_lookups = yes
myhostname = mx.{desk_domain}
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
biff = no
# Peyk's own mail goes to Peyk, the customers' into their mailboxes; nothing leaves.
relay_domains = {desk_domain}
relay_transport = lmtp:inet:127.0.0.1:{lmtp_port}
virtual_mailbox_domains = {customer_domain}
virtual_mailbox_base = {folder}/mailboxes
virtual_mailbox_maps = texthash:{folder}/conf/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = {uid}
virtual_mailbox_limit = 0
default_transport = error:nothing leaves the test
message_size_limit = 52428800
smtpd_tls_security_level = may
cyrus_sasl_config_path = {folder}/conf/sasl
smtpd_sasl_local_domain = {desk_domain}
smtpd_tls_cert_file = {folder}/conf/cert.pem
smtpd_tls_key_file = {folder}/conf/key.pem
lmtp_connect_timeout = 5s
# What could not be delivered is tried again within seconds, so that tests see it.
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
"""

MASTER_CF = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{submission_port} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_auth_only=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=check_recipient_access,texthash:{folder}/conf/access,permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
# Each second, not each 300 s: mail met while it was still being delivered goes back to what only that look finds.
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


SASL_CONF = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/conf/sasldb2
mech_list: {mechanisms}
"""

SASLPASSWD = "/usr/sbin/saslpasswd2"


AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]


def usable():
    """Why no Postfix can be started here; empty when it can."""
    if not os.path.exists(POSTFIX):
        return "Postfix is not installed"
    if not AS_ROOT:
        return ""
    if not shutil.which("sudo"):
        return "Postfix starts as root only, and sudo is not installed"
    asked = run_as_root("true", check=False)
    return "" if asked.returncode == 0 else f"Postfix starts as root only, and not by sudo: {asked.stderr.strip()}"


def run_as_root(*command, check=True):
    """That command, ended, with its output."""
    return subprocess.run([*AS_ROOT, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          check=check)


class Postfix:
    """Delivers mail for ANYONE@desk.test to LMTP on `lmtp_port`, for CUSTOMER@customer.test into maildirs.

    `port` takes SMTP, with STARTTLS under the certificate `ca_file` for localhost and 127.0.0.1. `submission_port` does
    so after a log-in as USER with PASSWORD under TLS, by one of `mechanisms`, and answers recipients as `answer` says.
    """

    USER, PASSWORD = "support", "a secret: 100%"

    def __init__(self, folder, lmtp_port, customers=("sara", "bob", "nare"), mechanisms="PLAIN LOGIN"):
        self.folder = pathlib.Path(folder)
        self.customers = customers
        self.conf = self.folder / "conf"
        self.port, self.submission_port = free_port(), free_port()
        self.values = {"folder": self.folder, "port": self.port, "submission_port": self.submission_port,
                       "lmtp_port": lmtp_port, "mechanisms": mechanisms,
                       "desk_domain": DESK_DOMAIN, "customer_domain": CUSTOMER_DOMAIN,
                       # Root's mail cannot be delivered as root; anybody else reads what is his own.
                       "uid": os.geteuid() or 65534, "gid": os.getegid() or 65534}
        self._mailboxes = {name: Maildir(self.folder / "mailboxes" / name) for name in customers}
        self.ca_file = self.conf / "cert.pem"

    def start(self):
        """Starts it and returns when it takes connections."""
        self._lay_folders()
        (self.conf / "main.cf").write_text(MAIN_CF.format(**self.values), encoding="utf-8")
        (self.conf / "master.cf").write_text(MASTER_CF.format(**self.values), encoding="utf-8")
        domain = self.values["customer_domain"]
        mailboxes = "".join(f"{name}@{domain} {name}/\n" for name in self.customers)
        (self.conf / "mailboxes").write_text(mailboxes, encoding="utf-8")
        (self.conf / "access").write_text("", encoding="utf-8")
        (self.conf / "sasl").mkdir()
        (self.conf / "sasl" / "smtpd.conf").write_text(SASL_CONF.format(**self.values), encoding="utf-8")
        self._make_certificate()
        self._make_login()
        self._postfix("start")
        until("Postfix takes connections", self._greets)
        return self

    def answer(self, local, reply):
        """From now on `submission_port` answers `local`@customer.test with `reply`, "450 4.2.0 later"; empty: takes it."""
        line = f"{local}@{self.values['customer_domain']} {reply}\n" if reply else ""
        (self.conf / "access").write_text(line, encoding="utf-8")
        self._postfix("reload")

    def stop(self):
        """Stops it and waits until its processes are gone; what it wrote belongs to the test's user then."""
        self._postfix("stop", check=False)
        run_as_root("chown", "-hR", f"{os.geteuid()}:{os.getegid()}", self.folder)

    def mailbox(self, local):
        """The maildir of `local`@customer.test, the same object each time."""
        return self._mailboxes[local]

    def send(self, mail, sender=None, recipients=None):
        """Hands a mail (EmailMessage or bytes) to Postfix as a customer's mail server would."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as session:
            if isinstance(mail, bytes):
                session.sendmail(sender, recipients, mail)
            else:
                session.send_message(mail, sender, recipients)

    def queue(self):
        """What waits in the queue, one line a recipient, empty when all is delivered."""
        return run_as_root("/usr/sbin/postqueue", "-c", self.conf, "-j").stdout.splitlines()

    def log(self):
        """Its log so far."""
        path = self.folder / "mail.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _lay_folders(self):
        for name in ("conf", "queue", "data", "mailboxes"):
            (self.folder / name).mkdir(parents=True)
        # Postfix's own users must get through to their folders.
        self.folder.chmod(0o755)
        run_as_root("chown", "postfix:root", self.folder / "data")
        os.chown(self.folder / "mailboxes", self.values["uid"], self.values["gid"])

    def _make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.conf / "key.pem", "-out", self.ca_file],
                       check=True, capture_output=True, timeout=30)

    def _make_login(self):
        if not os.path.exists(SASLPASSWD):
            return  # nobody can log in then; all else works
        path = self.conf / "sasldb2"
        subprocess.run([SASLPASSWD, "-p", "-c", "-f", path, "-u", self.values["desk_domain"], self.USER],
                       input=self.PASSWORD, text=True, check=True, capture_output=True, timeout=30)
        run_as_root("chown", "postfix:postfix", path)

    def _postfix(self, verb, check=True):
        done = run_as_root(POSTFIX, "-c", self.conf, verb, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"postfix {verb} failed: {done.stderr.strip()} {self.log()[-2000:]}")

    def _greets(self):
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=2) as session:
                return session.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False
