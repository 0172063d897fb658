"""The benchmark's own files: a run is kept, drawn and compared. Of measuring only that it runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import plot, results
from bench.table import Row, render

BEFORE = [
    Row("cancels per second", 2_000.0),
    Row("cancel p50, ms", 10.0, "under 50", "less"),
    Row("reads over a bare route", 0.6, "at least 0.5, aim 0.7"),
    Row("gone since", 1.0),
]
AFTER = [
    Row("cancels per second", 1_000.0),
    Row("cancel p50, ms", 8.0, "under 50", "less"),
    Row("reads over a bare route", 0.58, "at least 0.5, aim 0.7"),
    Row("new", 1.0),
]


def _kept(folder: Path, rows: list[Row]) -> Path:
    return results.write(rows, folder, ["--rounds", "1"])


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = _kept(tmp_path, BEFORE)
    assert list(results.read(path).values()) == BEFORE
    told = json.loads(path.read_text())
    assert told["arguments"] == ["--rounds", "1"]
    assert told["machine"]["cores"] >= 1


def test_what_got_slower_comes_first(tmp_path: Path) -> None:
    before, after = (results.read(_kept(tmp_path / name, rows)) for name, rows in (("a", BEFORE), ("b", AFTER)))
    lines = results.compared(before, after)
    assert [slower for _, slower in lines] == [True, False, False]
    assert lines[0][0].split() == ["cancels", "per", "second", "2,000", "1,000", "-100%", "SLOWER"]
    assert lines[1][0].split()[-1] == "-3%"
    assert lines[2][0].split()[-2:] == ["+20%", "faster"]


@pytest.mark.parametrize(("rows", "status"), [(AFTER, 1), (BEFORE, 0)])
def test_comparing_tells_by_its_status(
    tmp_path: Path, rows: list[Row], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert results.compare([_kept(tmp_path / "a", BEFORE), _kept(tmp_path / "b", rows)]) == status
    assert ("SLOWER" in capsys.readouterr().out) is bool(status)


@pytest.mark.parametrize("text", ["", "[]", '{"rows": [{"unknown": 1}]}'])
def test_another_file_is_told(tmp_path: Path, text: str) -> None:
    other = tmp_path / "other.json"
    other.write_text(text)
    with pytest.raises(SystemExit, match="cannot compare"):
        results.compare([other, _kept(tmp_path, BEFORE)])


def test_the_table_says_which_goals_are_not_kept() -> None:
    table = render(
        [Row("a", 0.4, "at least 0.5"), Row("bb", 60.0, "under 50", "less"), Row("c", 49.0, "under 50", "less")]
    )
    assert table.splitlines() == [
        "a        0.40  at least 0.5  NOT KEPT",
        "bb      60.00  under 50  NOT KEPT",
        "c       49.00  under 50",
    ]


def test_a_small_run_of_everything_that_cancels(tmp_path: Path) -> None:
    """On both engines, every dialect; its files are there and the picture is one."""
    command = [sys.executable, "-m", "bench", "--only", "cancels,operations", "--cancels", "32", "--rounds", "1"]
    done = subprocess.run([*command, "--out", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (run,) = tmp_path.glob("*.json")
    rows = results.read(run)
    for about in (
        "PostgreSQL: cancels over pgbench, its best",
        "PostgreSQL: cancels over their two round trips alone",
        "SQLite: cancels over plain loop",
        "SQLite: Afosto cancelOrderItems p99.9, ms",
        "PostgreSQL: Shopline cancel, processor time in the database, µs",
    ):
        assert about in rows
    assert run.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    plot.draw([Row("cancels per second", 1.0)], tmp_path / "none.png")
    assert not list(tmp_path.iterdir())
