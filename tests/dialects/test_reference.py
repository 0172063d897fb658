"""The pages of every operation say what a server answers."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.web.dialect import discover
from tests.dialects.reference import entries, pages
from tests.dialects.server import Server


@pytest.fixture(scope="module")
def written(sqlite_server: Server) -> Mapping[Path, str]:
    return pages(sqlite_server)


def test_they_are_what_a_server_answers(written: Mapping[Path, str]) -> None:
    differing = [path.name for path, text in written.items() if not path.exists() or path.read_text() != text]
    assert differing == [], "write them anew: python -m tests.dialects.reference"


def test_every_operation_has_an_answer(written: Mapping[Path, str]) -> None:
    dialects = {dialect.name: dialect for dialect in discover()}
    for path, text in written.items():
        sections = dict(section.split("`\n", 1) for section in text.split("\n## `")[1:])
        assert [*sections] == [entry.heading for entry in entries(dialects[path.stem])]
        assert [heading for heading, told in sections.items() if "```" not in told] == []
