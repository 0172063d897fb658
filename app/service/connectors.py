"""What speaks to a location's own system is a connector: what it is asked, what it may say, what it is told later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.core.ledger import Ledger
from app.core.model import Ask, Case
from app.core.ports import Ref
from app.service.work import Failed


@dataclass(frozen=True, slots=True)
class Word:
    """A warehouse's answer: whether its units of the case may go."""

    accepted: bool
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A location as it is configured now; `settings` has its secrets opened."""

    tenant_id: str
    location_id: str
    settings: Mapping[str, Any]
    now: datetime


class Notes(Protocol):
    """What a connector finds out while it asks, and has to know the next time."""

    async def forwarded(self, *, order_key: str | None = None, reference: str | None = None) -> None:
        """What the location's system calls the order, and the question."""
        ...

    async def learned(self, facts: Mapping[str, Any]) -> None:
        """Facts about the location, kept beside its settings for as long as those stay as they are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May the units go that this case wants of this location? `key` is the same however often it is asked."""

    place: Place
    ledger: Ledger
    case: Case
    ask: Ask
    key: str
    notes: Notes


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """What somebody sent who says that he is that location. Header names are in lower case."""

    place: Place
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A genuine call back: which questions it answers, named by case or by order, and with which word, if any.

    With `units` it answers only a question for exactly so many. `id` is the message's own, the same if it comes again.
    """

    id: str
    case_id: str | None = None
    orders: Sequence[Ref] = ()
    word: Word | None = None
    units: int | None = None


class Unanswered(Failed):
    """A try that failed: no answer came, or none that can be understood. The text is for operators.

    `alive`: the location's system works, and only this question got nowhere.
    """

    def __init__(self, why: str, *, alive: bool = False) -> None:
        super().__init__(why)
        self.alive = alive


class Connector(Protocol):
    async def ask(self, question: Question) -> Sequence[Word]:
        """The words that came at once, one after the other; none: whoever was asked will call back.

        Raises `Unanswered`, `Later` to be called again, and `Hopeless`.
        """
        ...

    async def hear(self, call: CallBack) -> Heard:
        """Raises UNAUTHENTICATED, INVALID, and LOCATION_NOT_FOUND where nobody has anything to call back for."""
        ...


Connectors = Mapping[str, Connector]
"""By kind. A kind that is not there is answered by hand."""
