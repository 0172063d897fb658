"""The floors: the very statements of a cancel, issued without the service; by pgbench, and by a plain SQLite loop."""

import json
import re
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core import cancel, create, times
from app.core import messages as m
from app.core.ledger import Ledger
from app.core.model import Actor, Party, Reason, Scope
from app.core.policy import Policy
from app.core.ports import Commit, Ref, ReplayKey
from app.store import loading, statements
from app.store.rows import CommitRows
from app.store.sqlite import connect
from bench.data import ORDER_ID_SQL, TENANT, command, order_id
from tests.postgres import INSTALLATION, SITE

_AT = datetime(2026, 1, 1, tzinfo=UTC)
_EVENT_SQL = "('01a1fc59-0001-7000-8000-' || lpad(to_hex(:n::int), 12, '0'))::uuid"


def recorded(n: int, time_of: Any) -> CommitRows:
    """What the desk commits for the cancel of order `n`, with a reply of the usual size."""
    ctx = m.Context(Actor("bench", "native", Party.SELLER), Policy(), _AT)
    order = create.decide_create(command(), TENANT, order_id(n), ctx).ledger.order
    target = m.Target(ref=order.lines[0].id, quantity=2)
    asked = m.Cancel(scope=Scope.LINES, targets=(target,), reason=Reason(None, "Sold out"))
    change = cancel.decide_cancel(Ledger(order), asked, ctx)
    event_id = f"01a1fc59-0001-7000-8000-{n:012x}"
    commit = Commit(
        change=change,
        event_id=event_id,
        replay_key=ReplayKey("bench", order_id(n)),
        fingerprint="f" * 64,
        reply="r" * 2800,
    )
    return CommitRows(commit, time_of)


def pgbench(url: str, first: int, transactions: int, clients: int) -> float:
    """Transactions per second of the load and the commit, prepared, each on its own order from `first` on."""
    each = transactions // clients
    script = f"\\set k :k + 1\n\\set n {first} + :client_id * {each} + :k - 1\n{_load_script()};\n{_commit_script()};\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cancel.sql")
        path.write_text(script)
        arguments = ["-n", "-M", "prepared", "-D", "k=0", "-c", str(clients), "-j", "2", "-t", str(each)]
        program = SITE / INSTALLATION / "bin/pgbench"
        done = subprocess.run(
            [str(program), *arguments, "-f", str(path), url], capture_output=True, text=True, check=True
        )
    if "number of failed transactions: 0 " not in done.stdout:
        raise RuntimeError(done.stdout)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout)
    return float(found[1])


def _load_script() -> str:
    values = [_literal(TENANT), ORDER_ID_SQL, *["''"] * 3, "'bench'", ":n::text"]
    return _bound(statements.LOAD, values)


def _commit_script() -> str:
    """Every parameter a literal, but for the ids that follow from `n`."""
    rows = recorded(1, lambda at: at)
    order, event = order_id(1), rows.events[0][1]
    values = []
    for value in rows.flat():
        if value == order:
            values.append(ORDER_ID_SQL)
        elif value == event:
            values.append(_EVENT_SQL)
        else:
            values.append(_literal(value))
    replay_key = rows.flat().index("f" * 64) - 1
    values[replay_key] = ":n::text"
    return _bound(statements.commit(rows.shape), values)


def _bound(text: str, values: list[str]) -> str:
    return " ".join(re.sub(r"\$(\d+)", lambda match: values[int(match[1]) - 1], text).split())


def _literal(value: Any) -> str:
    """As SQL. pgbench takes `:name` for a variable also inside a literal, so no colon may touch a letter or digit."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"'{value:%Y-%m-%dT%H%M%SZ}'::timestamptz"
    text = str(value)
    if text.startswith("{"):
        text = re.sub(r"(?<=\d):(?=\d)", r"\\u003a", json.dumps(json.loads(text)))
        return "'" + text.replace("'", "''") + "'::jsonb"
    return "'" + text.replace("'", "''") + "'"


def sqlite_loop(path: str, first: int, count: int) -> float:
    """Cancels per second of the same statements in a plain loop, each commit as durable as the service's."""
    rows = [recorded(n, times.text) for n in range(first, first + count)]
    connection = connect(path, 10.0)
    started = time.perf_counter()
    for n, commit in enumerate(rows, start=first):
        ref = Ref.to_order("native", order_id(n))
        found = loading.parameters(TENANT, ref, ReplayKey("bench", order_id(n)))
        connection.execute(statements.sqlite(statements.LOAD), found).fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(statements.sqlite(statements.UPDATE_ORDER), commit.order)
        for table, values in commit.tables():
            for row in values:
                connection.execute(statements.sqlite(statements.insert(table, 1)), row)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return count / seconds
