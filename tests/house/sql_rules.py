"""What a statement must not do, so that it also runs on a database distributed by tenant; no test is here."""

import re

from sqlmodel import SQLModel

import app.store.tables  # noqa: F401 - declares the tables

TABLES = SQLModel.metadata.tables

_ENDINGS = {"SELECT 1/count(*) FROM u", "SELECT count(*) FROM w"}
"""A commit raises when it updated nothing; configuration, which has no versions, need not."""

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b")

_MENTION = re.compile(r"\b(FROM|JOIN|UPDATE(?! SET\b)|INTO)\s+(\w+)(?:\s+(\w+))?", re.IGNORECASE)
_KEYWORDS = {"where", "set", "on", "order", "left", "values", "returning", "limit", "group", "join", "as"}
_ARRAYS = {"jsonb_array_elements", "json_each"}
"""Functions whose rows are of what another table of the statement has."""
_VOLATILE = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|current_timestamp|random|gen_random_uuid|uuidv[47]|nextval|currval|"
    r"pg_advisory\w*|pg_notify|notify|merge|for update|skip locked|datetime|strftime)\b",
    re.IGNORECASE,
)


def parts(text: str) -> dict[str, str]:
    """The text apart by its CTEs, under their names; what follows them is under ''."""
    found: dict[str, str] = {}
    rest = text.strip()
    if not rest.startswith("WITH "):
        return {"": rest}
    rest = rest.removeprefix("WITH ").removeprefix("RECURSIVE ")
    while match := re.match(r"(\w+) AS \(", rest):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(rest[end], 0)
            end += 1
        found[match[1]] = rest[match.end() : end - 1]
        rest = rest[end:].lstrip(", \n")
    return {**found, "": rest}


def breaches(text: str) -> list[str]:
    """What a statement does that it must not."""
    found = [f"volatile: {match[0]}" for match in _VOLATILE.finditer(text)]
    divided = parts(text)
    writes = any(_WRITES.match(part) for name, part in divided.items() if name)
    for name, part in divided.items():
        read = [table for _, table, _ in _MENTION.findall(part)]
        if name and set(read) & (set(divided) - {name}):
            found.append(f"{name} reads another part")
        if name and part.lstrip().startswith("INSERT") and re.search(r"\bSELECT\b", part):
            found.append(f"{name} inserts what it selects")
        if not name and writes and part not in _ENDINGS:
            found.append(f"ends with {part}")
        found += _unbound(part, set(divided))
    return found


def _unbound(part: str, ctes: set[str]) -> list[str]:
    found, bare = [], 0
    for word, table, alias in _MENTION.findall(part):
        if table in {*ctes, *_ARRAYS, "LATERAL"}:
            continue
        if table not in TABLES:
            found.append(f"unknown table {table}")
        elif word.upper() == "INTO":
            found += _unbound_insert(part, table)
        elif alias and alias.lower() not in _KEYWORDS:
            if f"{alias}.tenant_id = $1" not in part:
                found.append(f"{table} {alias} is not bound to the tenant")
        else:
            bare += 1
    if bare > len(re.findall(r"(?<![.\w])tenant_id = \$1\b", part)):
        found.append("a table is not bound to the tenant")
    return found


def _unbound_insert(part: str, table: str) -> list[str]:
    match = re.search(r"INSERT INTO (\w+) \(tenant_id, [^)]*\)\s+VALUES (.*)", part, re.DOTALL)
    if match is None:
        return [f"{table}: not VALUES with the tenant first"]
    rows = re.findall(r"\(([^()]*)\)", re.split(r"\s(?:ON CONFLICT|RETURNING)\b", match[2])[0])
    return [] if rows and all(row.startswith("$1, ") for row in rows) else [f"{table}: a row of another tenant"]
