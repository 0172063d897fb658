"""Lists of orders as SQL: a `Query` becomes one statement on `orders`, the same text on both engines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core import ids
from app.core.finding import CaseQuery
from app.core.model import PaymentStatus
from app.core.ports import Query, Ref, RefundQuery, Search
from app.store.rows import Times

_KINDS = ("order", "line", "contra")
_NEWEST = 20_000
"""Orders of a tenant whose bodies a search reads, if no index knows what was typed."""


@dataclass(frozen=True, slots=True)
class InBody:
    """How an engine makes rows of an array (`{}`), and reads a time (`{}`) that is written in the body."""

    rows: str
    time: str


POSTGRESQL = InBody("jsonb_array_elements({})", "({})::timestamptz")
# In the body a time has as many digits as it needs; here as many as in a column, so that they sort.
SQLITE = InBody("json_each({})", "substr(replace({}, 'Z', '') || '.000', 1, 23) || 'Z'")


class _Where:
    def __init__(self, tenant_id: str, time: Times) -> None:
        self.parts = ["o.tenant_id = $1"]
        self.values: list[Any] = [tenant_id]
        self.time = time

    def value(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def among(self, values: Sequence[Any]) -> str:
        return ", ".join(self.value(value) for value in values)

    def equal(self, column: str, value: Any) -> None:
        if value is not None:
            self.parts.append(f"o.{column} = {self.value(value)}")

    def known(self, column: str, value: bool | None) -> None:
        if value is not None:
            self.parts.append(f"o.{column} IS {'NOT ' if value else ''}NULL")

    def one_of(self, column: str, values: Sequence[Any] | None) -> None:
        if values is not None:
            self.parts.append(f"o.{column} IN ({self.among(values)})" if values else "1 = 0")

    def between(self, column: str, first: Any, end: Any) -> None:
        if first is not None:
            self.parts.append(f"o.{column} >= {self.value(self.time(first))}")
        if end is not None:
            self.parts.append(f"o.{column} < {self.value(self.time(end))}")

    def changed(self, first: Any, end: Any, body: InBody) -> None:
        """What changed since then was updated since then, too, which the index knows."""
        self.between("updated_at", first, None)
        facts_at = body.time.format("o.body->>'facts_at'")
        for bound, than in ((first, ">="), (end, "<")):
            if bound is not None:
                self.parts.append(f"coalesce({facts_at}, o.updated_at) {than} {self.value(self.time(bound))}")

    def refs(self, refs: Sequence[Ref] | None) -> None:
        if refs is None:
            return
        ids = [ref.order_id for ref in refs if ref.order_id is not None]
        keys = [ref for ref in refs if ref.storable]
        ways = [f"o.id IN ({self.among(ids)})"] if ids else []
        if keys:
            ways.append(
                "o.id IN (SELECT k.order_id FROM order_keys k WHERE k.tenant_id = $1 AND k.kind = 'order' "
                f"AND k.dialect = {self.value(keys[0].dialect)} AND k.key IN ({self.among([r.key for r in keys])}))"
            )
        self.parts.append(f"({' OR '.join(ways)})" if ways else "1 = 0")

    def search(self, search: Search | None) -> None:
        """By the indexes first; what else an order says is only read where they have nothing."""
        if search is None:
            return
        known = self._known(search)
        text = search.text.lower()
        begins, within = f"{_literal(text)}%", f"%{_literal(text)}%"
        # JSON as text has a space after the colon in one engine, and none in the other.
        quoted = _literal(json.dumps(text, ensure_ascii=False))
        skus = [f'%"sku":{space}{quoted[:-1]}%' for space in ("", " ")]
        like = [
            f"lower(x.number) LIKE {self.value(begins)} ESCAPE '!'",
            *(f"lower(CAST(x.body->'lines' AS text)) LIKE {self.value(sku)} ESCAPE '!'" for sku in skus),
            f"lower(CAST(x.body->'keys' AS text)) LIKE {self.value(f'%{quoted}%')} ESCAPE '!'",
        ]
        # As it was typed, too: SQLite knows no small letters beyond ASCII.
        for pattern in dict.fromkeys([within, f"%{_literal(search.text)}%"]):
            at = self.value(pattern)
            for name in ("name", "email", "phone"):
                held = f"x.body->'customer'->>'{name}'"
                like += [f"lower({held}) LIKE {at} ESCAPE '!'", f"{held} LIKE {at} ESCAPE '!'"]
        # Filters do not get past a limit: no more than these are read.
        newest = (
            f"SELECT y.id, y.number, y.body FROM orders y WHERE y.tenant_id = $1 ORDER BY y.id DESC LIMIT {_NEWEST}"
        )
        read = f"SELECT x.id FROM ({newest}) x WHERE NOT EXISTS ({known}) AND ({' OR '.join(like)})"
        self.parts.append(f"o.id IN ({known} UNION ALL {read})")

    def _known(self, search: Search) -> str:
        text = self.value(search.text)
        key = search.text.partition(":")[2] or search.text
        ways = [
            f"SELECT n.id FROM orders n WHERE n.tenant_id = $1 AND n.number = {text}",
            f"SELECT e.id FROM orders e WHERE e.tenant_id = $1 AND e.email = {self.value(search.text.lower())}",
            "SELECT k.order_id FROM order_keys k WHERE k.tenant_id = $1 "
            f"AND k.dialect IN ({self.among(search.dialects)}) AND k.kind IN ({self.among(_KINDS)}) "
            f"AND k.key IN ({text}, {self.value(key)})",
        ]
        if ids.looks_like_ours(search.text):
            own = self.value(ids.order_of(search.text))
            ways.append(f"SELECT i.id FROM orders i WHERE i.tenant_id = $1 AND i.id = {own}")
        return " UNION ALL ".join(ways)

    def undecided(self, value: bool | None) -> None:
        """Null, as in rows that nobody has written since there is the column, counts as false."""
        if value is not None:
            self.parts.append("o.undecided" if value else "o.undecided IS NOT TRUE")


def _literal(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def select(tenant_id: str, query: Query, time: Times, body: InBody) -> tuple[str, list[Any]]:
    where = _where(tenant_id, query, time, body)
    order = ("updated_at", "id") if query.by_update else ("id",)
    if query.after is not None:
        moment, last = query.after
        than = "<" if query.descending else ">"
        if query.by_update:
            at = where.value(time(moment) if moment is not None else None)
            where.parts.append(f"(o.updated_at, o.id) {than} ({at}, {where.value(last)})")
        else:
            where.parts.append(f"o.id {than} {where.value(last)}")
    direction = " DESC" if query.descending else ""
    by = ", ".join(f"o.{column}{direction}" for column in order)
    text = (
        f"SELECT o.format, o.body FROM orders o WHERE {' AND '.join(where.parts)} "
        f"ORDER BY {by} LIMIT {where.value(query.limit)} OFFSET {where.value(query.offset)}"
    )
    return text, where.values


def count(tenant_id: str, query: Query, time: Times, body: InBody) -> tuple[str, list[Any]]:
    where = _where(tenant_id, query, time, body)
    return f"SELECT count(*) FROM orders o WHERE {' AND '.join(where.parts)}", where.values


def refunds(tenant_id: str, query: RefundQuery, time: Times, body: InBody) -> tuple[str, list[Any]]:
    """Format and body of the order, and the refund's id. Orders that nothing was refunded of are passed by."""
    where = _Where(tenant_id, time)
    where.one_of("payment", [PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED])
    where.refs(query.orders)
    rows, moment = body.rows.format("o.body->'refunds'"), body.time.format("r.value->>'created_at'")
    if query.ids is not None:
        where.one_of("id", sorted({ids.order_of(id_) for id_ in query.ids}))
        where.parts.append(f"r.value->>'id' IN ({where.among(query.ids)})" if query.ids else "1 = 0")
    for bound, than in ((query.created_from, ">="), (query.created_before, "<")):
        if bound is not None:
            where.parts.append(f"{moment} {than} {where.value(time(bound))}")
    direction = " DESC" if query.descending else ""
    text = (
        f"SELECT o.format, o.body, r.value->>'id' FROM orders o, {rows} r WHERE {' AND '.join(where.parts)} "
        f"ORDER BY {moment}{direction}, r.value->>'id'{direction} "
        f"LIMIT {where.value(query.limit)} OFFSET {where.value(query.offset)}"
    )
    return text, where.values


def undecided(tenant_id: str, query: CaseQuery, time: Times, body: InBody) -> tuple[str, list[Any]]:
    """Format and body of the order, and the case's id. The index `orders_undecided` knows where to look."""
    where = _Where(tenant_id, time)
    rows, moment = body.rows.format("o.body->'cases'"), body.time.format("r.value->>'created_at'")
    where.undecided(True)
    where.parts.append("r.value->>'state' = 'pending'")
    asks = "SELECT 1 FROM " + body.rows.format("r.value->'asks'") + " a WHERE a.value->>'state' = 'pending'"
    if query.asked is not None:
        where.parts.append(f"{'' if query.asked else 'NOT '}EXISTS ({asks})")
    if query.location_id is not None:
        where.parts.append(f"EXISTS ({asks} AND a.value->>'location_id' = {where.value(query.location_id)})")
    if query.after is not None:
        at, last = query.after
        where.parts.append(f"({moment}, r.value->>'id') > ({where.value(time(at))}, {where.value(last)})")
    text = (
        f"SELECT o.format, o.body, r.value->>'id' FROM orders o, {rows} r "
        f"WHERE {' AND '.join(where.parts)} ORDER BY {moment}, r.value->>'id' LIMIT {where.value(query.limit)}"
    )
    return text, where.values


_STANDING = {
    "draft": "o.state = 'draft'",
    "open": "o.state = 'open' OR o.state = 'completed' AND o.after_sales IN ('pending', 'processing')",
    "closed": "o.state = 'completed' AND (o.after_sales IS NULL OR o.after_sales = 'finished')",
}


def _where(tenant_id: str, query: Query, time: Times, body: InBody) -> _Where:
    where = _Where(tenant_id, time)
    where.search(query.search)
    where.undecided(query.undecided)
    where.refs(query.refs)
    where.equal("number", query.number)
    where.one_of("number", query.numbers)
    where.equal("email", query.email.lower() if query.email is not None else None)
    if query.standing is not None:
        where.parts.append(
            f"({' OR '.join(_STANDING[name] for name in query.standing)})" if query.standing else "1 = 0"
        )
    where.one_of("state", query.states)
    if query.opened is not None:
        where.parts.append(f"o.body->>'opened_at' IS {'NOT ' if query.opened else ''}NULL")
    where.equal("cancelled", query.cancelled)
    where.equal("shipped", query.shipped)
    where.one_of("progress", query.progress)
    where.one_of("payment", query.payments)
    where.known("archived_at", query.archived)
    where.one_of("after_sales", query.after_sales)
    where.between("after_sales_at", query.after_sales_from, query.after_sales_before)
    if query.extra is not None:
        dialect, name, there = query.extra
        held = f"o.body->'extras'->CAST({where.value(dialect)} AS text)->>CAST({where.value(name)} AS text)"
        where.parts.append(f"({held}) IS {'NOT ' if there else ''}NULL")
    where.between("created_at", query.created_from, query.created_before)
    where.between("updated_at", query.updated_from, query.updated_before)
    if query.changed_from is not None or query.changed_before is not None:
        where.changed(query.changed_from, query.changed_before, body)
    where.between("placed_at", query.placed_from, query.placed_before)
    return where
