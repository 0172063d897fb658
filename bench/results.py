"""A run as a JSON file, and two of them side by side."""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.table import Row, number

FOLDER = Path("bench", "results")
TOLERANCE = 0.15
"""How much worse a figure has to be before it is pointed out: rounds of one run differ by as much."""


def write(rows: list[Row], folder: Path, arguments: list[str]) -> Path:
    """`{at, commit, arguments, machine, rows}`; each row as in `table.Row`."""
    at = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y%m%d-%H%M%S}.json"
    told = {
        "at": at.isoformat(timespec="seconds"),
        "commit": _commit(),
        "arguments": arguments,
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "rows": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return path


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    done = subprocess.run([git, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def read(path: Path) -> dict[str, Row]:
    """By what each is about. Raises OSError, ValueError for what is no file of `write`."""
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text())["rows"]
        return {row["about"]: Row(**row) for row in rows}
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a run of this benchmark") from error


def compared(before: dict[str, Row], after: dict[str, Row], tolerance: float = TOLERANCE) -> list[tuple[str, bool]]:
    """A line for every figure that both have, what got slower first, and whether it did."""
    both = [(before[about], row) for about, row in after.items() if about in before]
    width = max((len(row.about) for _, row in both), default=0)
    lines = []
    for old, new in both:
        change = _worse(old, new)
        word = "SLOWER" if change > tolerance else "faster" if change < -tolerance else ""
        text = f"{new.about:<{width}}  {number(old.value):>9}  {number(new.value):>9}  {-change:>+7.0%}  {word}"
        lines.append((change, text.rstrip(), change > tolerance))
    return [(text, slower) for _, text, slower in sorted(lines, key=lambda line: -line[0])]


def _worse(old: Row, new: Row) -> float:
    """By which part: 0.5 takes half as long again, or does two thirds as much; below nothing it got better."""
    if not old.value or not new.value:
        return 0.0
    return new.value / old.value - 1 if new.better == "less" else old.value / new.value - 1


def compare(paths: list[Path]) -> int:
    """The status to exit with: 1 if something got slower."""
    try:
        before, after = map(read, paths)
    except (OSError, ValueError) as error:
        sys.exit(f"cannot compare: {error}")
    lines = compared(before, after)
    if not lines:
        sys.exit("cannot compare: the two runs measured nothing in common")
    print("\n".join(text for text, _ in lines))
    return int(any(slower for _, slower in lines))
