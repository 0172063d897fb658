"""Mail to customers, said without knowing how texts are made or how they travel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.letters import Letter
from app.core.model import CaseKind
from app.service.senders import Mailbox

PARTS = ("subject", "html", "text")


class BadTemplate(Exception):  # noqa: N818 - an answer to whoever wrote it
    """A source that cannot be rendered: which part, and why, with the line."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"{part}: {why}")
        self.part = part
        self.why = why


@dataclass(frozen=True, slots=True)
class Texts:
    """A mail's parts, as templates or rendered."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`to` is None for a customer without an address."""

    texts: Texts
    language: str
    sender: Mailbox
    reply_to: str | None
    to: Mailbox | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one mail from all others, the same on every try. `message_id` is without its angle brackets."""

    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """`words`: the language of our own texts. `locale`: how dates and amounts are written."""

    words: str
    locale: str
    shop: str


class Renderer(Protocol):
    @property
    def languages(self) -> Sequence[str]:
        """Those that there are texts of ours in."""
        ...

    def sources(self) -> Texts:
        """Our templates: the same for every language, which has its own words."""
        ...

    def render(self, sources: Texts, letter: Letter, style: Style) -> Texts:
        """Raises BadTemplate."""
        ...

    def check(self, kind: CaseKind, sources: Texts, style: Style) -> None:
        """Against samples, one with everything and one with as little as there may be. Raises BadTemplate."""
        ...


class Post(Protocol):
    """The way out. A repeat under the same stamp may arrive twice, and says so by its Message-ID."""

    async def send(self, mail: Mail, to: Mailbox, stamp: Stamp) -> None:
        """Raises `Failed` (try again) and `Hopeless`; their texts are for whoever looks after the queue."""
        ...
