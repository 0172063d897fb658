"""Two tenants with everything in them, keys of every kind that is refused, and all that is stored of both."""

import asyncio
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from sqlmodel import SQLModel

import app.store.tables  # noqa: F401 - declares the tables
from app.core.refusal import Code
from app.service.access import SCOPES
from tests.contracts.seeds import Seeds
from tests.dialects.server import Server
from tests.dialects.tenants import Tenant
from tests.security.doors import Door

_HEX = "0123456789abcdef"


class World:
    """`theirs` is what must stay hidden from the holder of `ours.key`; `ids` are one of each kind."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.ours, self.theirs, self.asleep = (Tenant.add(server) for _ in range(3))
        self.our_ids, self.their_ids = _ids(self.ours), _ids(self.theirs)
        self.asleep.deactivate()
        self._keys: dict[Any, str] = {}

    def refused_keys(self, door: Door) -> Mapping[str, tuple[str | None, Code]]:
        """By what is the matter with it: a key of ours, and what it is refused with."""
        party = party_of(door)
        ours, late = self.ours, datetime.now(UTC) - timedelta(seconds=1)
        found: dict[str, tuple[str | None, Code]] = {
            "no key": (None, Code.UNAUTHENTICATED),
            "malformed": ("drg_nonsense", Code.UNAUTHENTICATED),
            "huge": ("drg_" + "a" * 20_000, Code.UNAUTHENTICATED),
            "unknown": (f"drg_{ours.id}.0000000000000000.{'x' * 43}", Code.UNAUTHENTICATED),
            "of no tenant": (f"drg_nobody.0000000000000000.{'x' * 43}", Code.UNAUTHENTICATED),
            "another secret": (ours.key[:-3] + "xxx", Code.UNAUTHENTICATED),
            "expired": (self.key(ours, party, expires_at=late), Code.UNAUTHENTICATED),
            "revoked": (self.key(ours, party, revoked=True), Code.UNAUTHENTICATED),
            "for another dialect": (self.key(ours, party, dialects=("another",)), Code.DIALECT_NOT_ALLOWED),
            "of an inactive tenant": (self.key(self.asleep, party), Code.TENANT_INACTIVE),
        }
        for scope in [door.needs, *door.also] if door.needs in SCOPES else ():
            scopes = tuple(each for each in SCOPES if each != scope)
            found[f"without {scope}"] = self.key(ours, party, scopes=scopes), Code.SCOPE_MISSING
        if door.party != "any":
            other = "seller" if door.party == "buyer" else "buyer"
            found["of another party"] = self.key(ours, other), Code.SCOPE_MISSING
        return found

    def enough(self, door: Door) -> str:
        """A key that may do just what the door needs, and that only in its dialect."""
        scopes = (door.needs, *door.also) if door.needs in SCOPES else ()
        return self.key(self.ours, party_of(door), scopes=scopes, dialects=(door.dialect,))

    def key(self, tenant: Tenant, party: str, **facts: Any) -> str:
        named = (tenant.id, party, *facts.items())
        if named not in self._keys:
            self._keys[named] = tenant.add_key(party=party, **facts)
        return self._keys[named]

    def stored(self) -> set[str]:
        """Every row of both, whatever table it is in."""
        return self.server.run(_stored, self.server.database_url, [self.ours.id, self.theirs.id])  # type: ignore[no-any-return]


def party_of(door: Door) -> str:
    """Of a key that is good for it."""
    return "seller" if door.party == "any" else door.party


def absent(value: str) -> str:
    """An id that nobody has, of the same length and the same form."""
    at = 16 if value.count("-") >= 4 else len(value) // 2
    other = "7" if value[at].isdigit() else "x"
    if value[at] in _HEX:
        other = _HEX[(_HEX.index(value[at]) + 5) % 16]
    if value.isdigit():
        other = str((int(value[0]) + 4) % 10)
        at = 0
    return value[:at] + other + value[at + 1 :]


def _ids(tenant: Tenant) -> dict[str, str]:
    values = {kind: held[0] for kind, held in Seeds(tenant).values.items()}
    values["unit"] = f"{values['line']}.1"
    values["adjustment_unit"] = f"{values['adjustment']}.1"
    values["tenant"] = tenant.id
    values["task"] = "01a1fc59-875e-7ca2-9952-db974c600000"
    return values


def stored_text(url: str) -> str:
    """Every row there is."""
    return asyncio.run(_everything(url))


async def _everything(url: str) -> str:
    return "\n".join([str(await _rows(url, f"SELECT * FROM {name}")) for name in SQLModel.metadata.tables])  # noqa: S608


async def _stored(url: str, tenants: list[str]) -> set[str]:
    found = set()
    for name, table in SQLModel.metadata.tables.items():
        column = "tenant_id" if "tenant_id" in table.columns else "id" if name == "tenants" else None
        if column is not None:
            for tenant in tenants:
                text = f"SELECT * FROM {name} WHERE {column} = '{tenant}'"  # noqa: S608
                found |= {f"{name} {row}" for row in await _rows(url, text)}
    assert found
    return found


async def _rows(url: str, text: str) -> list[Any]:
    if url.startswith("sqlite:///"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            return connection.execute(text).fetchall()
        finally:
            connection.close()
    postgres = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await postgres.fetch(text)]
    finally:
        await postgres.close()
