"""Our own texts, a file for each language; `{number}` and `{name}` in them are the order's and the customer's."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from app.core.model import CaseKind

_FOLDER = Path(__file__).parent
_COMMON = "common"


@cache
def known() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (_FOLDER / "texts").glob("*.toml")))


@cache
def _words(language: str, kind: CaseKind) -> Mapping[str, str]:
    tables = tomllib.loads((_FOLDER / "texts" / f"{language}.toml").read_text(encoding="utf-8"))
    return {**tables[_COMMON], **tables[kind.value]}


def words(language: str, kind: CaseKind, *, number: str, name: str) -> dict[str, str]:
    """With the facts put in. `greeting` is the one for somebody without a name where there is none."""
    found = dict(_words(language, kind))
    nobody = found.pop("greeting_nobody")
    if not name:
        found["greeting"] = nobody
    return {key: text.format(number=number, name=name) for key, text in found.items()}


@cache
def source(name: str) -> str:
    return (_FOLDER / "templates" / name).read_text(encoding="utf-8")
