"""docs/settings.md lists every setting as `app/settings.py` declares it, and nothing else."""

import re
from dataclasses import fields

from app.settings import PREFIX, Settings
from tests.house.sources import ROOT

_PAGE = ROOT / "docs" / "settings.md"
_ROW = re.compile(r"^\| `(DRAGOMAN_\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)


def _declared() -> list[tuple[str, str, str]]:
    return [
        (f"{PREFIX}{known.name.upper()}", f"`{known.default}`" if known.default != "" else "–", known.metadata["about"])
        for known in fields(Settings)
    ]


def test_the_table_is_the_declaration() -> None:
    assert _ROW.findall(_PAGE.read_text()) == _declared()


def test_no_other_variable_is_mentioned_or_read() -> None:
    known = {name for name, _, _ in _declared()}
    texts = {path: path.read_text() for path in [_PAGE, *(ROOT / "app").rglob("*.py")]}
    mentioned = {name for text in texts.values() for name in re.findall(r"\bDRAGOMAN_[A-Z_]*[A-Z]\b", text)}
    assert mentioned <= known


def test_every_meaning_is_said() -> None:
    assert [name for name, _, about in _declared() if len(about) < 10] == []
