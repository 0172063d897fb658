"""`dragoman import`: what is good is taken, what is not is told line by line, and a second run makes nothing twice."""

import json
import os
import pty
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.cli.program import PATIENCE, command, environment, refused, run, until
from tests.cli.reading import count, new_tenant, orders


def order(**more: Any) -> dict[str, Any]:
    return {"currency": "EUR", "lines": [{"sku": "A", "quantity": 2, "unit_price": 100}], **more}


def written(folder: Path, lines: Sequence[Any], *, end: str = "\n") -> str:
    path = folder / "orders.ndjson"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + end)
    return str(path)


def test_rejected_rows_are_told_and_the_rest_is_taken(database_url: str, tmp_path: Path) -> None:
    tenant = new_tenant(database_url)
    keyed = order(keys={"shopline": "S-1"})
    keyed["lines"][0]["keys"] = {"convictional": "C-1"}
    taken = order(number="8")
    taken["lines"][0]["keys"] = {"convictional": "C-1"}
    none = order(number="4")
    none["lines"][0]["quantity"] = 0
    handle = order(number="5")
    handle["lines"][0]["parent_id"] = "nobody"
    rows = [
        order(number="1"),
        "",
        '{"number": "3", "currency": "EUR"',
        none,
        handle,
        keyed,
        "[]",
        taken,
        order(number="1", note="the same number"),
        order(number="2", note="x" * 2_000),
        order(number="11"),
    ]
    file = written(tmp_path, rows, end="")
    for created, existing in ((3, 1), (0, 4)):
        done = run("import", file, "--tenant", tenant, database_url=database_url, body_limit="2000")
        assert done.stdout == f"{created} created, {existing} there already, 6 rejected\n"
        assert done.stderr.splitlines() == [
            "line 3: malformed_body: body: JSON is malformed: it ends too early",
            "line 4: invalid_request: lines.0.quantity: input should be greater than or equal to 1",
            "line 5: invalid: lines.0.parent_id: no line has this id.",
            "line 7: body_not_an_object: The body is not a JSON object.",
            "line 8: duplicate: lines.0.keys: belongs to another order already.",
            "line 10: body_too_large: line: is longer than 2000 bytes",
        ]
        assert done.returncode == 1
    assert sorted(each.number for each in orders(database_url, tenant) if not each.keys) == ["1", "11"]


def test_of_the_same_orders_all_over_a_file_the_first_counts(database_url: str, tmp_path: Path) -> None:
    tenant = new_tenant(database_url)
    numbers = [str(n) for n in range(240)] * 9
    Random(1).shuffle(numbers)
    rows = [order(number=number, note=str(n)) for n, number in enumerate(numbers)]
    done = run("import", written(tmp_path, rows), "--tenant", tenant, database_url=database_url)
    assert (done.stdout, done.stderr) == ("240 created, 1920 there already, 0 rejected\n", "")
    notes = {each.number: each.note for each in orders(database_url, tenant)}
    assert notes == {number: str(numbers.index(number)) for number in numbers}


def test_rejections_are_told_in_the_order_of_the_file(database_url: str, tmp_path: Path) -> None:
    tenant = new_tenant(database_url)
    rows = [order(number=str(n)) if n % 300 else order(lines=[{}]) for n in range(1, 2_701)]
    done = run("import", written(tmp_path, rows), "--tenant", tenant, database_url=database_url)
    assert done.stdout == "2691 created, 0 there already, 9 rejected\n"
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [f"line {n}" for n in range(300, 2_701, 300)]


def test_rows_without_number_and_keys_are_known_again(database_url: str, tmp_path: Path) -> None:
    """Two alike in one file are two orders, and stay two."""
    tenant = new_tenant(database_url)
    text = Path(written(tmp_path, [order(), order(), order(note="other")])).read_text()
    for told in ("3 created, 0 there already, 0 rejected\n", "0 created, 3 there already, 0 rejected\n"):
        done = run("import", "-", "--tenant", tenant, database_url=database_url, stdin=text)
        assert (done.stdout, done.stderr, done.returncode) == (told, "", 0)
    assert count(database_url, tenant) == 3


def test_a_bar_on_a_terminal(sqlite_url: str, tmp_path: Path) -> None:
    tenant = new_tenant(sqlite_url)
    file = written(tmp_path, [*(order(number=str(n)) for n in range(1_200)), "{"])
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command("import", file, "--tenant", tenant),
        env=environment(sqlite_url) | {"TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    shown = _all_of(ours)
    out, _ = process.communicate(timeout=PATIENCE)
    assert out == "1200 created, 0 there already, 1 rejected\n"
    assert process.returncode == 1
    assert "importing" in shown
    assert "100%" in shown
    assert "line 1201: malformed_body: " in shown


def test_a_file_that_is_not_there(sqlite_url: str, tmp_path: Path) -> None:
    tenant = new_tenant(sqlite_url)
    missing = str(tmp_path / "missing.ndjson")
    assert refused(run("import", missing, "--tenant", tenant, database_url=sqlite_url)) == (
        f"{missing}: No such file or directory"
    )
    assert (
        refused(run("import", str(tmp_path), "--tenant", tenant, database_url=sqlite_url))
        == f"{tmp_path}: Is a directory"
    )


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_stopped_midway_and_run_again(by: signal.Signals, database_url: str, tmp_path: Path) -> None:
    tenant = new_tenant(database_url)
    lines = [json.dumps(order() if n % 3 == 0 else order(number=str(n))) + "\n" for n in range(2_300)]
    process = subprocess.Popen(
        command("import", "-", "--tenant", tenant),
        env=environment(database_url),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write("".join(lines[:1_700]))
    process.stdin.flush()
    until(lambda: count(database_url, tenant) > 0, "the first orders")
    process.send_signal(by)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "Traceback" not in told
    there = count(database_url, tenant)
    assert there < 2_300
    done = run("import", "-", "--tenant", tenant, database_url=database_url, stdin="".join(lines))
    assert done.stdout == f"{2_300 - there} created, {there} there already, 0 rejected\n"
    assert count(database_url, tenant) == 2_300


def _all_of(terminal: int) -> str:
    read = b""
    while True:
        try:
            some = os.read(terminal, 65_536)
        except OSError:  # Linux's way to say that nobody writes any more
            some = b""
        if not some:
            os.close(terminal)
            return read.decode()
        read += some
