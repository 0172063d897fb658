"""The floors: the very statements of a cancel, issued without the service; by pgbench, and by a plain SQLite loop."""

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
from app.core.messages import Change
from app.core.model import Actor, Party, Reason, Scope
from app.core.policy import Policy
from app.core.ports import Commit, Ref, ReplayKey
from app.dialects.native import mapping
from app.service.desk import Done
from app.store import loading, statements
from app.store.rows import CommitRows
from app.store.sqlite import connect
from app.web.reply import json, pack
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
        reply=_reply(change),
    )
    return CommitRows(commit, time_of)


def _reply(change: Change) -> str:
    return pack(json(mapping.from_cancel(Done(change.ledger, change.case, change), dry_run=False)))


def pgbench(url: str, first: int, transactions: int, clients: int) -> float:
    """Transactions per second of the load and the commit, prepared, each on its own order from `first` on.

    Every value goes with each transaction as a parameter, as the service sends it: a literal would be read but once,
    when the statement is planned, and neither sent nor parsed again.
    """
    each = transactions // clients
    values = _Values()
    setting = f"\\set k :k + 1\n\\set n {first} + :client_id * {each} + :k - 1\n"
    script = setting + "".join(f"{text};\n" for text in (_load(values), _commit(values)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cancel.sql")
        path.write_text(script)
        arguments = ["-n", "-M", "prepared", "-D", "k=0", "-c", str(clients), "-j", "2", "-t", str(each)]
        program = SITE / INSTALLATION / "bin/pgbench"
        done = subprocess.run(
            [str(program), *arguments, *values.definitions(), "-f", str(path), url],
            capture_output=True,
            text=True,
            check=True,
        )
    if "number of failed transactions: 0 " not in done.stdout:
        raise RuntimeError(done.stdout)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout)
    return float(found[1])


class _Values:
    """Constants as variables of pgbench, which it binds as parameters; a text may hold whatever it likes."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def sql(self, value: Any) -> str:
        """A variable's name; what no variable can be, NULL and the empty text, as it is."""
        if value in (None, ""):
            return "NULL" if value is None else "''"
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return ":" + self._texts.setdefault(text, f"v{len(self._texts)}")

    def definitions(self) -> list[str]:
        return [part for text, name in self._texts.items() for part in ("-D", f"{name}={text}")]


def _load(values: _Values) -> str:
    bound = [values.sql(TENANT), ORDER_ID_SQL, *[values.sql("")] * 3, values.sql("bench"), ":n::text"]
    return _bound(statements.LOAD, bound)


def _commit(values: _Values) -> str:
    """The ids that follow from `n` are worked out by the server."""
    rows = recorded(1, lambda at: at)
    known = {order_id(1): ORDER_ID_SQL, rows.events[0][1]: _EVENT_SQL}
    bound = [known.get(value) or values.sql(value) for value in rows.flat()]
    bound[rows.flat().index("f" * 64) - 1] = ":n::text"
    return _bound(statements.commit(rows.shape), bound)


def _bound(text: str, values: list[str]) -> str:
    return " ".join(re.sub(r"\$(\d+)", lambda match: values[int(match[1]) - 1], text).split())


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
