"""`dragoman new-dialect` in a copy of the project: what it writes passes all that a dialect has to, with nothing beside
it touched."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import PATIENCE, ROOT, command, environment, run

# One name as long as names may be: lines stay within the limit with it.
_KINDS = {"acme_with_quite_a_long_name_it": "--rest", "acme": "--graphql"}
# On one engine: no dialect knows the store. The tests of all dialects have the name of each in theirs.
_CHOSEN = f"({' or '.join(_KINDS)} or house) and not postgresql"
_SUITES = (
    "tests/dialects",
    "tests/security/test_access.py",
    "tests/security/test_rates.py",
    "tests/contracts/test_documents.py",
    "tests/contracts/test_fuzz.py",
    "tests/house/test_rules.py",
    "tests/house/test_sizes.py",
    "tests/house/test_contracts.py",
    "tests/operations/test_unexpected.py",
)
_EVERY = {
    "test_contract.py",
    "test_hooks.py",
    "test_cases.py",
    "test_across.py",
    "test_every_dialect.py",
    "test_webhook_pages.py",
    "test_access.py",
    "test_rates.py",
    "test_unexpected.py",
}
"""Where each of them has to turn up."""
_LONG = 600.0
_PARTS = ("app", "tests", "docs", "openapi", "bench")
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "node_modules")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with one more dialect of each kind."""
    folder = tmp_path_factory.mktemp("project")
    for part in _PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=_LEFT_OUT)
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy(path, folder)
    for name, kind in _KINDS.items():
        before = _files(folder)
        told = _run(folder, *command("new-dialect", name, kind))
        assert told.returncode == 0, told.stderr
        after = _files(folder)
        new = sorted(after.keys() - before.keys())
        assert told.stdout.splitlines() == new
        page = name.replace("_", "-")
        own = (f"app/dialects/{name}/", f"tests/dialects/{name}/", f"openapi/{name}.", f"docs/{page}.md")
        assert [path for path in new if not path.startswith(own)] == []
        assert {path: after[path] for path in before} == before
    # The collection for Postman holds every dialect: it is written anew, as after any change of a contract.
    assert _run(folder, *command("contracts")).returncode == 0
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _run(folder: Path, *words: str, patience: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    ours = environment("sqlite:///nowhere.db") | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    given = {name: value for name, value in ours.items() if not name.startswith("PYTEST_")}
    return subprocess.run(words, env=given, cwd=folder, capture_output=True, text=True, timeout=patience, check=False)


@pytest.mark.parametrize("words", [("check",), ("format", "--check")], ids=lambda words: words[0])
def test_it_is_in_the_houses_style(words: tuple[str, ...], copy: Path) -> None:
    done = _run(copy, sys.executable, "-m", "ruff", *words, "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_contract_is_up_to_date(copy: Path) -> None:
    done = _run(copy, *command("contracts", "--check"))
    assert (done.returncode, done.stderr) == (0, "")


def test_it_passes_what_every_dialect_must(copy: Path) -> None:
    words = ("-rpf", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-k", _CHOSEN, *_SUITES)
    done = _run(copy, sys.executable, "-m", "pytest", *words, patience=_LONG)
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    assert done.returncode == 0, "\n".join(failed) or done.stdout[-5_000:]
    passed = [line for line in done.stdout.splitlines() if line.startswith("PASSED")]
    for name in _KINDS:
        suites = {
            line.partition("::")[0].rpartition("/")[2]
            for line in passed
            if f"{name}-" in line or f"{name}]" in line or f"{name}/" in line
        }
        assert suites >= _EVERY


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("shopline", "there is a dialect 'shopline' already; take another name"),
        ("shoplazza", "/shoplazza is a prefix of the dialect 'shopline'; take another name"),
        ("api", "/api is a prefix of the dialect 'native'; take another name"),
        ("console", "/console is served already, and is no dialect's; take another name"),
        ("operations", "docs/operations.md is there already; take another name"),
        ("server", "tests/dialects/server.py is there already; take another name"),
        (
            "Acme-Shop",
            "'Acme-Shop' cannot be a folder's name in Python: take small letters, digits and _, as acme_shop",
        ),
        ("2nd", "'2nd' cannot be a folder's name in Python: take small letters, digits and _, as acme_shop"),
        ("class", "'class' cannot be a folder's name in Python: take small letters, digits and _, as acme_shop"),
        ("../x", "'../x' cannot be a folder's name in Python: take small letters, digits and _, as acme_shop"),
        ("a" * 31, f"'{'a' * 31}' is longer than 30 letters"),
    ],
)
def test_a_name_that_will_not_do(name: str, told: str) -> None:
    done = run("new-dialect", name, "--graphql", database_url="sqlite:///nowhere.db")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"dragoman: {told}\n")


@pytest.mark.parametrize("kinds", [(), ("--rest", "--graphql")])
def test_it_has_to_be_told_which_of_two_it_speaks(kinds: tuple[str, ...]) -> None:
    done = run("new-dialect", "acme_shop", *kinds, database_url="sqlite:///nowhere.db")
    assert done.returncode == 2
    assert "'--rest' / '--graphql': give one of them, and only one" in done.stderr
    assert not (ROOT / "app/dialects/acme_shop").exists()


def test_only_in_a_checkout(copy: Path, tmp_path: Path) -> None:
    """Where it is installed there are no tests to write."""
    shutil.copytree(copy / "app", tmp_path / "app", ignore=_LEFT_OUT)
    done = _run(tmp_path, *command("new-dialect", "another", "--rest"))
    assert done.returncode == 1
    assert done.stderr.endswith(
        "is no checkout of the project, which a dialect's tests need: tests/dialects is not there\n"
    )
    assert not (tmp_path / "app/dialects/another").exists()
