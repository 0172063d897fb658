"""Rows back into what the port promises, and telling which new orders are already there; the same for both engines."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from app.core.messages import Change
from app.core.model import Order
from app.core.ports import Commit, Found, Ref, Replay, ReplayKey, StoredEvent, Taken
from app.store import codec
from app.store.rows import Row


def parameters(tenant_id: str, ref: Ref | None, replay: ReplayKey | None) -> tuple[str | None, ...]:
    """Those of `statements.LOAD`."""
    order_id, dialect, kind, key = (ref.order_id, ref.dialect, ref.kind, ref.key) if ref else (None, "", "", "")
    credential_id, replay_key = (replay.credential_id, replay.key) if replay else ("", "")
    return tenant_id, order_id, dialect, kind, key, credential_id, replay_key


def found(row: Row, replayed_at: datetime | None = None) -> Found:
    active, subscribed, policy, format_, body, fingerprint, reply, order_id, case_id, created_at = row
    replay = None
    if fingerprint is not None:
        replay = Replay(
            fingerprint,
            reply,
            str(order_id) if order_id else None,
            str(case_id) if case_id else None,
            replayed_at or created_at,
        )
    return Found(
        active=bool(active),
        subscribed=bool(subscribed),
        policy=codec.decode_policy(policy),
        order=codec.decode_order(format_, body) if body is not None else None,
        replay=replay,
    )


def event(row: Row, at: datetime) -> StoredEvent:
    id_, order_id, version, type_, _, credential_id, dialect, party, case_id, before, after = row
    return StoredEvent(
        id=str(id_),
        order_id=str(order_id),
        version=version,
        type=type_,
        at=at,
        credential_id=credential_id,
        dialect=dialect,
        party=party,
        case_id=str(case_id) if case_id else None,
        before=before,
        after=after,
    )


Identities = tuple[list[str], dict[tuple[str, str], list[str]]]
"""Numbers, and keys by (dialect, kind), to look for in one go."""


def named(change: Change) -> Identities:
    """What a change would have to itself."""
    if change.new:
        return identities([change.ledger.order])
    keys: dict[tuple[str, str], list[str]] = {}
    for key in change.keys:
        keys.setdefault((key.dialect, key.kind), []).append(key.key)
    return [], keys


def identities(orders: Iterable[Order]) -> Identities:
    numbers: list[str] = []
    keys: dict[tuple[str, str], list[str]] = {}
    for order in orders:
        numbers.append(order.number)
        for dialect, key in order.keys.items():
            keys.setdefault((dialect, "order"), []).append(key)
        for line in order.lines:
            for dialect, key in line.keys.items():
                keys.setdefault((dialect, "line"), []).append(key)
    return numbers, keys


class Known:
    """Orders that are there already: recognised by an order key, else by number; a line's key is never shared."""

    def __init__(self, by_number: Iterable[Any], by_key: Iterable[Any]) -> None:
        self._numbers = {number: str(id_) for number, id_ in by_number}
        self._keys = {(dialect, kind, key): str(id_) for dialect, kind, key, id_ in by_key}

    def of(self, order: Order) -> Taken | None:
        for dialect, key in order.keys.items():
            if (dialect, "order", key) in self._keys:
                return Taken("keys", self._keys[dialect, "order", key])
        if order.number in self._numbers:
            return Taken("number", self._numbers[order.number])
        for n, line in enumerate(order.lines):
            for dialect, key in line.keys.items():
                if (dialect, "line", key) in self._keys:
                    return Taken(f"lines.{n}.keys", self._keys[dialect, "line", key])
        return None

    def taken(self, change: Change) -> Taken | None:
        if change.new:
            return self.of(change.ledger.order)
        for key in change.keys:
            order_id = self._keys.get((key.dialect, key.kind, key.key))
            if order_id not in {None, change.ledger.order.id}:
                return Taken(key.kind, str(order_id))
        return None

    def sort(self, commits: Sequence[Commit]) -> tuple[list[Taken | None], list[Commit]]:
        """An answer for each, and those that are new; of two alike in one batch the first is new."""
        answers: list[Taken | None] = []
        fresh = []
        for commit in commits:
            order = commit.change.ledger.order
            taken = self.of(order)
            answers.append(taken)
            if taken is None:
                fresh.append(commit)
                self._add(order)
        return answers, fresh

    def _add(self, order: Order) -> None:
        self._numbers[order.number] = order.id
        self._keys.update(((dialect, "order", key), order.id) for dialect, key in order.keys.items())
        for line in order.lines:
            self._keys.update(((dialect, "line", key), order.id) for dialect, key in line.keys.items())
