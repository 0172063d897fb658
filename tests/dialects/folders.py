"""What each dialect's tests know of it, found by its folder: no list of dialects is kept anywhere. No test is here."""

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


def held(dialect: str, file: str) -> Mapping[str, Any]:
    """A JSON file of the folder: `access.json` (what each operation needs), `fuzz.json` (of what its ids are)."""
    path = _HERE / dialect / file
    assert path.exists(), f"{path} is missing: tests/dialects/README.md says what it holds"
    found: Mapping[str, Any] = json.loads(path.read_text())
    return found


def module(dialect: str, name: str) -> Any:
    """A module of the folder, such as `speaker`."""
    return importlib.import_module(f"tests.dialects.{dialect}.{name}")


def page(dialect: str) -> str:
    """The dialect's page, from the repository's root."""
    return f"docs/{dialect.replace('_', '-')}.md"
