"""The committed contract files are what the program generates, complete, and without a stranger among them."""

from pathlib import Path

from app import contracts, postman
from app.web.dialect import discover
from tests.house.sources import APP, ROOT


def test_committed_files_are_generated() -> None:
    assert contracts.differences() == [], "run `dragoman contracts`"


def test_no_other_file_is_committed() -> None:
    found = {str(path.relative_to(ROOT)) for path in [*(ROOT / "openapi").iterdir(), *ROOT.glob("*.graphql")]}
    assert found == set(contracts.texts())


def test_every_rest_dialect_has_a_document() -> None:
    with_routes = {path.parent.name for path in (APP / "dialects").glob("*/*.py") if "Routes()" in path.read_text()}
    documents = {path for path in contracts.texts() if path.endswith(".json") and path != postman.PATH}
    assert {f"openapi/{name}.json" for name in with_routes} == documents
    assert with_routes <= {dialect.name for dialect in discover()}


def test_a_change_would_be_found(tmp_path: Path) -> None:
    assert contracts.write(tmp_path) == sorted(contracts.texts())
    assert contracts.differences(tmp_path) == []
    (tmp_path / "openapi" / "native.json").write_text("{}")
    assert contracts.differences(tmp_path) == ["openapi/native.json"]
    (tmp_path / "openapi" / "native.json").unlink()
    assert contracts.differences(tmp_path) == ["openapi/native.json"]
