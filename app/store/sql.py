"""What the verbs that both engines share are written on: an engine says how to run a text and how it writes values."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.core.ports import Kept
from app.store import statements
from app.store.rows import Row

NIL = "00000000-0000-0000-0000-000000000000"
"""Before every id."""

Step = tuple[str, Sequence[Row]]
"""A text and rows of values, for each of which it runs."""


class Sql(ABC):
    """Texts are PostgreSQL's; what the engines spell differently is asked of them."""

    @abstractmethod
    async def fetch(self, text: str, *values: Any) -> Sequence[Row]:
        """Of a text that only reads."""

    @abstractmethod
    async def fetch_each(self, text: str, rows: Sequence[Row]) -> Sequence[Row]:
        """What a text finds for each row of values, all together.

        Not one text for a list of ids: a plan for that, made while a table was short, may read all of a long one.
        """

    @abstractmethod
    async def execute(self, text: str, *values: Any, replay: Row | None = None) -> None:
        """With a row of `replays` both are written or neither."""

    @abstractmethod
    async def together(self, *steps: Step) -> None:
        """One after the other, all or nothing."""

    @staticmethod
    @abstractmethod
    def to_time(at: datetime | None) -> Any: ...

    @staticmethod
    @abstractmethod
    def from_time(value: Any) -> datetime | None: ...

    def at(self, value: Any) -> datetime:
        """Of a column that is never null."""
        at = self.from_time(value)
        if at is None:
            raise ValueError("a time that is never null is null")
        return at

    def replay(self, tenant_id: str, kept: Kept | None) -> Row | None:
        if kept is None:
            return None
        key = kept.key
        at = self.to_time(kept.at)
        return tenant_id, key.credential_id, key.key, kept.fingerprint, kept.reply, None, None, at

    def replay_steps(self, tenant_id: str, kept: Kept | None) -> list[Step]:
        row = self.replay(tenant_id, kept)
        return [] if row is None else [(statements.insert("replays", 1), [row])]
