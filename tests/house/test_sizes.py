"""Files of at most 300 lines, functions of at most 40: whatever is longer says two things."""

import pytest

from tests.house.sources import functions, shown, sources

_LONGEST_FILE = 300
_LONGEST_FUNCTION = 40


@pytest.mark.parametrize("folder", ["app", "tests", "bench"])
def test_files_are_short(folder: str) -> None:
    lengths = {shown(path): len(path.read_text().splitlines()) for path in sources(folder)}
    assert lengths
    assert {path: length for path, length in lengths.items() if length > _LONGEST_FILE} == {}


@pytest.mark.parametrize("folder", ["app", "tests", "bench"])
def test_functions_are_short(folder: str) -> None:
    long = {
        f"{shown(path)}: {name}": length
        for path in sources(folder)
        if path.parent.name != "versions"  # a migration is a list of tables
        for name, length in functions(path.read_text())
        if length > _LONGEST_FUNCTION
    }
    assert long == {}


def test_a_long_function_would_be_found() -> None:
    body = "\n".join(["    x = 1"] * _LONGEST_FUNCTION)
    assert [*functions(f"async def long():\n{body}\n")] == [("long", _LONGEST_FUNCTION + 1)]
    assert [*functions("class A:\n    def short(self):\n        pass\n")] == [("short", 2)]
