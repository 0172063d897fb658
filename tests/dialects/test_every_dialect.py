"""No dialect can skip what every dialect must withstand."""

import importlib
from pathlib import Path

import pytest

import app.dialects
from app.web.dialect import discover
from tests.dialects.contract import DialectContract

_FOLDERS = sorted(path.parent.name for path in Path(next(iter(app.dialects.__path__))).glob("*/__init__.py"))


@pytest.mark.parametrize("folder", _FOLDERS)
def test_it_stands_under_the_contract(folder: str) -> None:
    tests = importlib.import_module(f"tests.dialects.{folder}.test_contract")
    classes = [
        held
        for name, held in vars(tests).items()
        if name.startswith("Test") and isinstance(held, type) and issubclass(held, DialectContract)
    ]
    assert [held.name for held in classes] == [folder]
    for name, test in vars(DialectContract).items():
        if name.startswith("test_"):
            assert getattr(classes[0], name) is test, f"the inherited {name} is replaced"


def test_a_folder_is_named_as_its_dialect() -> None:
    assert [dialect.name for dialect in discover()] == _FOLDERS
