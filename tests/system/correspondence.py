"""Customers who write mail, and what is answered them."""
from email.message import EmailMessage
from email.utils import make_msgid


def desk_with_postfix(make_daemon, make_postfix):
    """A daemon that sends through the Postfix that delivers to it, configured but not started: (daemon, postfix)."""
    daemon = make_daemon(smtp_port=1)
    postfix = make_postfix(daemon.lmtp_port)
    daemon.config["channels"]["support-mail"]["smtp"]["url"] = f"smtp://127.0.0.1:{postfix.port}"
    return daemon, postfix


def mail(text, sender="Sara <sara@customer.test>", to="support@desk.test", subject="A leak", answers=None):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = make_msgid(domain="customer.test")
    if answers is not None:
        message["In-Reply-To"] = answers["Message-ID"]
        message["References"] = " ".join([answers.get("References", ""), answers["Message-ID"]]).strip()
    message.set_content(text)
    return message


def reply_address(answer):
    return (answer["Reply-To"] or answer["From"]).addresses[0].addr_spec


def exchanged(postfix, agent, question, answer):
    """Sara's question by mail is taken and answered by the agent: (conversation, the answer in Sara's mailbox)."""
    postfix.send(mail(question))
    conversation = agent.take()["conversation"]
    agent.reply(conversation, answer)
    return conversation, postfix.mailbox("sara").next(answer)
