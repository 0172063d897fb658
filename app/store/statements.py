"""The SQL of the hot path, by name, in PostgreSQL's spelling; `sqlite` turns `$1` into `?1`.

Rules that make the same texts run on a database distributed by tenant: `tenant_id = $1` on every table, inserts are
VALUES and read no other part of the statement, a stale version raises (division by zero) and takes all with it.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

LOAD = """
SELECT t.active, t.subscribed, t.policy, o.format, o.body, r.fingerprint, r.reply, r.order_id, r.case_id, r.created_at
FROM tenants t
LEFT JOIN order_keys k ON k.tenant_id = $1 AND k.dialect = $3 AND k.kind = $4 AND k.key = $5
LEFT JOIN orders o ON o.tenant_id = $1 AND o.id = coalesce(k.order_id, $2)
LEFT JOIN replays r ON r.tenant_id = $1 AND r.credential_id = $6 AND r.key = $7
WHERE t.tenant_id = $1
"""

FORGET_REPLAY = "DELETE FROM replays WHERE tenant_id = $1 AND credential_id = $2 AND key = $3 AND created_at < $4"

UPDATE_ORDER = """
UPDATE orders SET version = $4, state = $5, cancelled = $6, shipped = $7, progress = $8, payment = $9,
archived_at = $10, after_sales = $11, after_sales_at = $12, email = $13, undecided = $14, updated_at = $15,
format = $16, body = $17
WHERE tenant_id = $1 AND id = $2 AND version = $3
"""

_ORDER_COLUMNS = (
    "tenant_id, id, version, state, cancelled, shipped, progress, payment, archived_at, after_sales, after_sales_at, "
    "email, undecided, updated_at, format, body, number, placed_at, created_at"
)

INSERTS = {
    "orders": _ORDER_COLUMNS,
    "events": (
        "tenant_id, id, order_id, version, type, at, credential_id, dialect, party, case_id, before, after, "
        "format, body"
    ),
    "tasks": "tenant_id, id, order_id, kind, payload, due_at, attempts, lane, place, channel, lease_until",
    "replays": "tenant_id, credential_id, key, fingerprint, reply, order_id, case_id, created_at",
    "order_keys": "tenant_id, dialect, kind, key, order_id",
    "stock_movements": "tenant_id, id, location_id, sku, delta, adjustment_id, at",
    "webhook_deliveries": (
        "tenant_id, id, subscription_id, event_id, order_id, topic, body, place, state, attempts, created_at, "
        "updated_at"
    ),
}
SNAPSHOT = 2
"""Columns at the end of an event's row that repeat the order's own: one statement takes both from one parameter."""

# Both end before the comparison: the engines take lists in different ways.
BY_NUMBER = "SELECT number, id FROM orders WHERE tenant_id = $1 AND number "
BY_KEY = (
    "SELECT dialect, kind, key, order_id FROM order_keys WHERE tenant_id = $1 AND dialect = $2 AND kind = $3 AND key "
)

MOST_ROWS = 64
"""That one commit statement writes beside order and event; more go in as a transaction of several statements."""

EVENT = "id, order_id, version, type, at, credential_id, dialect, party, case_id, before, after"
ORDER_EVENTS = (
    f"SELECT {EVENT} FROM events WHERE tenant_id = $1 AND order_id = $2 AND version > $3 ORDER BY version LIMIT $4"
)
EVENTS = f"SELECT {EVENT} FROM events WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3"


@dataclass(frozen=True, slots=True)
class Shape:
    """How many rows one commit writes beside the order: the text depends on nothing else."""

    new: bool
    subscribed: bool
    tasks: int
    replays: int
    keys: int
    movements: int

    @property
    def fits(self) -> bool:
        """Whether one statement is to write it: few texts to prepare, and far from the 32,767 parameters allowed."""
        return self.tasks + self.replays + self.keys + self.movements <= MOST_ROWS

    def rows(self) -> list[tuple[str, int]]:
        return [
            ("tasks", self.tasks),
            ("replays", self.replays),
            ("order_keys", self.keys),
            ("stock_movements", self.movements),
        ]


@cache
def commit(shape: Shape) -> str:
    """One statement in autocommit that writes everything or raises: see the rules at the top of this module."""
    head = insert("orders", 1) if shape.new else UPDATE_ORDER.strip()
    width = parameters(head)
    snapshot = (15, 16) if shape.new else (16, 17)  # the order's `format` and `body`
    event = _insert_event(width, snapshot if shape.subscribed else ())
    parts = [f"u AS ({head} RETURNING id)", f"events_ AS ({event})"]
    width += columns("events") - SNAPSHOT - 1
    for table, rows in shape.rows():
        if rows:
            parts.append(f"{table}_ AS ({insert(table, rows, offset=width)})")
            width += rows * (columns(table) - 1)
    return "WITH " + ",\n".join(parts) + "\nSELECT 1/count(*) FROM u"


def _insert_event(offset: int, snapshot: tuple[int, ...]) -> str:
    """`snapshot` are the order's own parameters, if it is to be kept beside the event."""
    own = columns("events") - SNAPSHOT
    names = INSERTS["events"].split(", ")[: own + len(snapshot)]
    numbers = [1, *range(offset + 1, offset + own), *snapshot]
    return f"INSERT INTO events ({', '.join(names)}) VALUES ({', '.join(f'${n}' for n in numbers)})"


def with_replay(text: str, width: int) -> str:
    """A change of configuration, `$1` its tenant, with the reply to keep for a retry."""
    return f"WITH w AS ({text} RETURNING 1), r AS ({insert('replays', 1, offset=width)}) SELECT count(*) FROM w"


@lru_cache(1000)
def insert(table: str, rows: int, *, offset: int | None = None) -> str:
    """Rows of VALUES. With an offset every row's tenant is `$1` and its other values follow parameter `offset`."""
    width = columns(table)
    values = []
    for row in range(rows):
        if offset is None:
            numbers = [f"${row * width + n + 1}" for n in range(width)]
        else:
            numbers = ["$1", *(f"${offset + row * (width - 1) + n + 1}" for n in range(width - 1))]
        values.append(f"({', '.join(numbers)})")
    return f"INSERT INTO {table} ({INSERTS[table]}) VALUES {', '.join(values)}"


def columns(table: str) -> int:
    return INSERTS[table].count(",") + 1


def parameters(text: str) -> int:
    return max(int(n) for n in re.findall(r"\$(\d+)", text))


@lru_cache(1000)
def sqlite(text: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", text)
