"""`dragoman order`: an order by any of its ids, drawn. `dragoman tail`: events of other processes as they happen."""

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.cli.base import Failure, operator
from app.cli.finding import order_of
from app.core import messages as m
from app.core.model import Order, Scope
from app.core.ports import Ref, Store
from app.service.clock import Clock
from app.service.desk import Desk
from app.service.signals import Signals
from tests.cli.program import PATIENCE, command, environment, refused, run, succeed, until
from tests.cli.reading import demo_orders, new_tenant, orders, with_store

_EVIL = "Mug\x1b[2J\n\x07"
_DRAWN = """\
sku        ordered  open  pending  cancelled  fulfilled  returned         price  title    \n\
MUG-RED          5     ·        ·          3          2         ·  ■■■■■  12.50  Red mug  \n\
TEA-GREEN        2     ·        ·          2          ·         ·  ■■      8.00  Green tea
"""


def test_an_order_is_drawn(database_url: str) -> None:
    made = demo_orders(database_url)
    refused_id = made["cancellation refused by the warehouse"]
    shown = succeed("order", made["partly shipped, the rest cancelled"], database_url=database_url)
    assert _DRAWN in shown
    assert "  shipped: 2 × MUG-RED, DHL, JD0146000030, 20" in shown
    assert "  cancel of rest: accepted, by seller through native, 20" in shown
    assert "total 84.45 EUR, due 30.95 EUR, paid 84.45 EUR, refunded 0.00 EUR; payment paid" in shown
    asked = succeed("order", refused_id, database_url=database_url)
    assert "  Rotterdam (manual): picking, 5 × MUG-RED, 2 × TEA-GREEN" in asked
    assert "    asked Rotterdam: rejected, 'Already packed'" in asked
    told = json.loads(succeed("order", refused_id, "--json", database_url=database_url))
    assert (told["id"], told["cases"][0]["state"]) == (refused_id, "REJECTED")


def test_by_any_of_its_ids(database_url: str) -> None:
    """Two tenants have an order of the same number; a number may look like an id with its dialect."""
    first, second = new_tenant(database_url), new_tenant(database_url)
    for tenant in (first, second):
        _create(database_url, tenant, number="1001", keys={"shopline": f"S-{tenant}"})
    _create(database_url, first, number="web:7")
    [order, web] = orders(database_url, first)
    for text in (order.id, order.lines[0].id, f"shopline:S-{first}", f"native:{order.id}"):
        assert _found(database_url, text).id == order.id
    assert _found(database_url, "web:7").id == web.id
    for text in ("1002", "shopline:1001", "shopline:", "", "\udcff", first):
        with pytest.raises(Failure, match="there is no order"):
            _found(database_url, text)
    assert refused(run("order", "1001", database_url=database_url)).startswith("several orders are called '1001': ")
    assert (
        json.loads(succeed("order", "1001", "--tenant", first, "--json", database_url=database_url))["id"] == order.id
    )


def test_colours_on_a_terminal_and_nothing_that_it_would_obey(sqlite_url: str) -> None:
    tenant = new_tenant(sqlite_url)
    _create(sqlite_url, tenant, number="1", title=_EVIL)
    ours, theirs = pty.openpty()
    environment_ = environment(sqlite_url) | {"TERM": "xterm", "COLUMNS": "120"}
    subprocess.run(command("order", "1"), env=environment_, stdout=theirs, timeout=PATIENCE, check=True)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "\x1b[36m" in shown
    assert "Mug\N{REPLACEMENT CHARACTER}[2J" in shown
    assert "\x1b[2J" not in shown
    assert "\x07" not in shown


def test_events_as_they_happen(database_url: str, tmp_path: Path) -> None:
    tenant, other = new_tenant(database_url), new_tenant(database_url)
    _create(database_url, tenant, number="1")
    _create(database_url, tenant, number="2")
    words = {
        "one": ("--tenant", tenant, "--order", "1", "--since", "1h", "--json"),
        "all": (),
        "some": ("--kind", "cancellation"),
    }
    with (
        _tailing(tmp_path, database_url, "one", words["one"]) as one,
        _tailing(tmp_path, database_url, "all", words["all"]) as every,
        _tailing(tmp_path, database_url, "some", words["some"]) as some,
    ):
        for number in ("2", "1"):
            _cancel(database_url, tenant, number)
        _create(database_url, other, number="3")
        until(lambda: all(len(each.lines) >= n for each, n in ((one, 2), (every, 3), (some, 2))), "the events")
        for each in (one, every, some):
            each.process.send_signal(signal.SIGINT)
            assert each.process.wait(PATIENCE) == 0
    assert [(event["type"], event["version"]) for event in map(json.loads, one.lines)] == [
        ("order.created", 1),
        ("cancellation.accepted", 2),
    ]
    # Of one tenant they are in order; of two, each comes when it is there.
    ours, theirs = ([line for line in every.lines if f"  Acme {id_}  " in line] for id_ in (tenant, other))
    assert [line.split()[1] for line in ours] == ["cancellation.accepted"] * 2
    assert ours[0].endswith(f"  v2  native/admin  Acme {tenant}  open→completed, open 1→0, cancelled 0→1")
    [line] = theirs
    assert line.endswith(f"  v1  native/admin  Acme {other}  new→open, open 0→1")
    assert [line.split()[1] for line in some.lines] == ["cancellation.accepted"] * 2


def test_what_cannot_be_followed(sqlite_url: str) -> None:
    assert refused(run("tail", database_url=sqlite_url)).startswith("there is no tenant yet")
    new_tenant(sqlite_url)
    assert refused(run("tail", "--kind", "cancel.", database_url=sqlite_url)).startswith(
        "'cancel.' is no type of event;"
    )
    line = refused(run("tail", "--since", "yesterday", database_url=sqlite_url))
    assert line == "'yesterday' is no time: 2026-01-31T12:00:00Z, or so long ago: 90m, 2h, 3d"


class _Tail:
    def __init__(self, process: subprocess.Popen[str], out: Path, err: Path) -> None:
        self.process = process
        self.out = out
        self.err = err

    @property
    def lines(self) -> list[str]:
        return self.out.read_text().splitlines()


@contextmanager
def _tailing(folder: Path, database_url: str, name: str, words: tuple[str, ...]) -> Iterator[_Tail]:
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    with out.open("w") as told, err.open("w") as said:
        process = subprocess.Popen(
            command("tail", *words), env=environment(database_url), stdout=told, stderr=said, text=True
        )
    try:
        until(lambda: "following" in err.read_text() or process.poll() is not None, "the start")
        yield _Tail(process, out, err)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert err.read_text() == "following; Ctrl-C ends it\n"


def _found(database_url: str, text: str) -> Order:
    async def look(store: Store) -> Order:
        return (await order_of(store, await store.tenants(), text))[1]

    return with_store(database_url, look)


def _create(database_url: str, tenant: str, *, title: str = "Mug", **facts: Any) -> None:
    line = m.NewLine(sku="MUG", title=title, quantity=1, unit_price=100)
    command_ = m.CreateOrder(currency="EUR", lines=(line,), **facts)

    async def create(store: Store) -> None:
        await (await _desk(store)).create(operator(tenant), "native", command_, lambda _: "")

    with_store(database_url, create)


def _cancel(database_url: str, tenant: str, number: str) -> None:
    [order] = [each for each in orders(database_url, tenant) if each.number == number]
    command_ = m.Cancel(scope=Scope.ORDER)

    async def cancel(store: Store) -> None:
        desk = await _desk(store)
        await desk.act(operator(tenant), "native", Ref.to_order("native", order.id), command_, lambda _: "")

    with_store(database_url, cancel)


async def _desk(store: Store) -> Desk:
    signals = Signals()
    await store.pass_on(signals)
    return Desk(store, Clock(), signals=signals)
