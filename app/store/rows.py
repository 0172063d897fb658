"""Changes and configuration as rows of values, in the column order of `statements`; the same for both engines."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.core.ledger import Ledger
from app.core.messages import TRACE, Task, TaskKind
from app.core.model import CaseState, Order
from app.core.ports import Commit
from app.store import codec, statements
from app.store.statements import Shape

Row = tuple[Any, ...]
Times = Callable[[datetime], Any]
"""How an engine wants times: PostgreSQL takes datetimes, SQLite fixed-width RFC 3339 texts that sort."""


class CommitRows:
    """Everything one commit writes, with `shape` to pick its statement; `subject` is what no two can have at once."""

    def __init__(self, commit: Commit, time: Times) -> None:
        change, order = commit.change, commit.change.ledger.order
        at = time(order.updated_at)
        self.tenant_id = order.tenant_id
        self.subject = order.number if change.new else order.id
        self.order = order_row(change.ledger, time) if change.new else update_row(change.ledger, time)
        self.events = [_event(commit, time, self.order)]
        self.tasks = _tasks(commit, time)
        self.replays = _replay(commit, at)
        self.keys = [(order.tenant_id, key.dialect, key.kind, key.key, order.id) for key in change.keys]
        self.movements = [
            (order.tenant_id, move.adjustment_id, move.location_id, move.sku, move.delta, move.adjustment_id, at)
            for move in change.movements
        ]
        self.shape = Shape(
            change.new, commit.subscribed, len(self.tasks), len(self.replays), len(self.keys), len(self.movements)
        )

    def tables(self) -> list[tuple[str, list[Row]]]:
        return [
            ("events", self.events),
            ("tasks", self.tasks),
            ("replays", self.replays),
            ("order_keys", self.keys),
            ("stock_movements", self.movements),
        ]

    def flat(self) -> list[Any]:
        """The parameters of `statements.commit(self.shape)`: the tenant once, then every row without it."""
        values = [*self.order, *self.events[0][1 : -statements.SNAPSHOT]]
        for rows in (self.tasks, self.replays, self.keys, self.movements):
            for row in rows:
                values.extend(row[1:])
        return values


def order_row(ledger: Ledger, time: Times) -> Row:
    order = ledger.order
    return (
        order.tenant_id,
        order.id,
        order.version,
        *_head(ledger, time),
        time(order.updated_at),
        codec.FORMAT,
        codec.encode(order),
        order.number,
        time(order.placed_at),
        time(order.created_at),
    )


def update_row(ledger: Ledger, time: Times) -> Row:
    order = ledger.order
    return (
        order.tenant_id,
        order.id,
        order.version - 1,
        order.version,
        *_head(ledger, time),
        time(order.updated_at),
        codec.FORMAT,
        codec.encode(order),
    )


def _head(ledger: Ledger, time: Times) -> Row:
    return tuple(time(value) if isinstance(value, datetime) else value for value in codec.head(ledger))


def _event(commit: Commit, time: Times, order: Row) -> Row:
    event = commit.change.event
    if event is None:
        raise ValueError("a change without an event writes nothing")
    return (
        commit.change.ledger.order.tenant_id,
        commit.event_id,
        event.order_id,
        event.version,
        event.type,
        time(event.at),
        event.actor.credential_id,
        event.actor.dialect,
        event.actor.party.value,
        event.case_id,
        codec.encode(event.before),
        codec.encode(event.after),
        *(_snapshot(order, commit.change.new) if commit.subscribed else (None, None)),
    )


def _snapshot(order: Row, new: bool) -> Row:
    """Format and body, as they are in the order's own row."""
    return order[-5:-3] if new else order[-2:]


def _tasks(commit: Commit, time: Times) -> list[Row]:
    """One `publish` task, which fans out later, under the event's own id; then what the change asks for."""
    order = commit.change.ledger.order
    trace = {TRACE: commit.trace} if commit.trace else {}
    rows: list[Row] = []
    if commit.subscribed:
        publish = Task(TaskKind.PUBLISH, order.updated_at, {"event_id": commit.event_id}, lane=order.id)
        rows.append(_task(order, commit.event_id, publish, trace, time))
    for n, task in enumerate(commit.change.tasks, start=1):
        id_ = commit.event_id[:-3] + f"{int(commit.event_id[-3:], 16) ^ n:03x}"
        rows.append(_task(order, id_, task, trace, time))
    return rows


def _task(order: Order, id_: str, task: Task, trace: Mapping[str, str], time: Times) -> Row:
    payload, due_at = codec.encode({**task.payload, **trace}), time(task.due_at)
    place = order.version
    return order.tenant_id, id_, order.id, task.kind.value, payload, due_at, 0, task.lane, place, task.channel, None


def _replay(commit: Commit, at: Any) -> list[Row]:
    key, change = commit.replay_key, commit.change
    if key is None:
        return []
    case, order = change.case, change.ledger.order
    pending = case.id if case is not None and case.state is CaseState.PENDING else None
    return [
        (order.tenant_id, key.credential_id, key.key, commit.fingerprint, commit.reply, order.id, pending, at)
    ]  # fmt: skip


def by_table(commits: Sequence[CommitRows]) -> list[tuple[str, list[Row]]]:
    """All rows of many new orders, table by table, for bulk loading."""
    tables: dict[str, list[Row]] = {"orders": [commit.order for commit in commits]}
    for commit in commits:
        for table, rows in commit.tables():
            tables.setdefault(table, []).extend(rows)
    return [(table, rows) for table, rows in tables.items() if rows]
