"""Questions for connectors, made from an order's story without a store, and what connectors note on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core.ledger import Ledger
from app.core.messages import Forwarded
from app.service.connectors import CallBack, Place, Question
from tests.core.building import HAMBURG, Story, placed, whole

TENANT = "tenant-1"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def asked(*quantities: int, **fields: Any) -> Story:
    """Hamburg holds all of an order, and all of it is to be cancelled."""
    return Story(placed(*(quantities or (3,)), **fields)).hold(HAMBURG).then(whole())


@dataclass
class Noted:
    """Writes into the story what a connector finds out, as the service does, and keeps it."""

    story: Story
    forwards: list[tuple[str | None, str | None]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    async def forwarded(self, *, order_key: str | None = None, reference: str | None = None) -> None:
        self.forwards.append((order_key, reference))
        case_id = self.story.ledger.order.cases[-1].id
        self.story.do(Forwarded(case_id=case_id, location_id=HAMBURG, order_key=order_key, reference=reference))

    async def learned(self, facts: Mapping[str, Any]) -> None:
        self.facts |= facts


@dataclass
class Asking:
    """One location's question about the newest case of a story, as often as one likes."""

    story: Story
    settings: dict[str, Any]
    later: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.noted = Noted(self.story)

    @property
    def now(self) -> datetime:
        return self.story.ledger.order.cases[-1].created_at + self.later

    def place(self) -> Place:
        settings = {**self.noted.facts, **self.settings}
        return Place(tenant_id=TENANT, location_id=HAMBURG, settings=settings, now=self.now)

    def question(self) -> Question:
        ledger: Ledger = self.story.ledger
        case = ledger.order.cases[-1]
        ask = next(ask for ask in case.asks if ask.location_id == HAMBURG)
        return Question(
            place=self.place(), ledger=ledger, case=case, ask=ask, key=f"{case.id}:{HAMBURG}", notes=self.noted
        )

    def call_back(self, body: bytes, headers: Mapping[str, str]) -> CallBack:
        return CallBack(place=self.place(), headers=headers, body=body)
