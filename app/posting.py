"""The way out for mail that the settings describe, and who it is from where a tenant does not say it."""

from pathlib import Path

from app.mail.maildir import Maildir
from app.mail.post import Postman
from app.mail.server import read_url
from app.mail.smtp import Smtp
from app.service import senders
from app.service.senders import Mailbox
from app.settings import Settings
from app.store import is_embedded, sqlite_path

_NOBODY = "orders@localhost"
_FOLDER = "dragoman.mail"


def postman_of(settings: Settings) -> Postman:
    if settings.smtp_url:
        return Postman(Smtp(read_url(settings.smtp_url), timeout=settings.smtp_timeout))
    return Postman(Maildir(mail_folder(settings)))


def mail_folder(settings: Settings) -> Path:
    """Beside an embedded database, else where the program runs."""
    if settings.mail_folder:
        return Path(settings.mail_folder)
    if is_embedded(settings.database_url):
        return Path(f"{sqlite_path(settings.database_url)}.mail")
    return Path(_FOLDER)


def told(settings: Settings) -> str:
    """Where mail goes, for people. Says nothing of the server but its name: the URL has a password."""
    if settings.smtp_url:
        server = read_url(settings.smtp_url)
        return f"goes to {server.host} port {server.port} (DRAGOMAN_SMTP_URL)"
    return f"is written to {mail_folder(settings).absolute()} (without DRAGOMAN_SMTP_URL)"


def sender_of(settings: Settings) -> Mailbox:
    return senders.sender(settings.mail_from or _NOBODY)


def lease_of(settings: Settings) -> float:
    """A try must end while its lease still lasts, also when it began halfway through it."""
    return max(settings.task_lease, 3 * settings.smtp_timeout if settings.smtp_url else 0.0)
