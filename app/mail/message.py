"""A mail as it travels (RFC 5322): two versions of one text, the same bytes on every try."""

import hashlib
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from app.service.mail import Mail, Stamp
from app.service.senders import Mailbox
from app.service.work import Hopeless


def message(mail: Mail, to: Mailbox, stamp: Stamp) -> EmailMessage:
    """Raises `Hopeless` for what cannot stand in a header: nothing that somebody gave can begin one of its own."""
    made = EmailMessage(SMTP.clone(utf8=needs_utf8(mail, to)))
    try:
        made["From"] = _address(mail.sender)
        made["To"] = _address(to)
        if mail.reply_to:
            made["Reply-To"] = _address(Mailbox("", mail.reply_to))
        made["Subject"] = mail.texts.subject
    except (ValueError, MessageError) as error:
        raise Hopeless("the mail's subject, or a name or an address in it, cannot stand in a header") from error
    made["Date"] = stamp.at
    made["Message-ID"] = f"<{stamp.message_id}>"
    # Holiday notices do not answer it (RFC 3834).
    made["Auto-Submitted"] = "auto-generated"
    # Lines of any length, on the way through servers that know nothing but ASCII.
    made.set_content(mail.texts.text, cte="quoted-printable")
    made.add_alternative(mail.texts.html, subtype="html", cte="quoted-printable")
    made["Content-Language"] = mail.language
    made.set_boundary(f"=_{hashlib.sha256(stamp.message_id.encode()).hexdigest()[:32]}")
    return made


def needs_utf8(mail: Mail, to: Mailbox) -> bool:
    """Whether an address can only be written with SMTPUTF8 (RFC 6531)."""
    return not f"{mail.sender.address}{mail.reply_to or ''}{to.address}".isascii()


def _address(mailbox: Mailbox) -> Address:
    local, _, domain = mailbox.address.rpartition("@")  # apart: together, it takes none beyond ASCII
    return Address(display_name=mailbox.name, username=local, domain=domain)
