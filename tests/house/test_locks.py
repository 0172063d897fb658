"""The lock files: names, versions, hashes. Where packages come from is each machine's own business."""

import json
import re

import pytest

from tests.house.sources import ROOT

_APART = "requirements-codegen.lock"
_LOCKS = ("requirements.lock", "requirements-docs.lock", "requirements-dev.lock")
_PINNED = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


@pytest.mark.parametrize("name", [*_LOCKS, _APART])
def test_no_address_is_locked(name: str) -> None:
    text = (ROOT / name).read_text()
    for word in ("://", "file:", "index-url", "find-links"):
        assert word not in text


@pytest.mark.parametrize("name", [*_LOCKS, _APART])
def test_everything_is_pinned_and_hashed(name: str) -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text())
    packages = [block for block in blocks if not block.startswith("#") and block.strip()]
    assert packages
    assert [block for block in packages if not _PINNED.match(block) or "--hash=sha256:" not in block] == []


def test_packages_for_node_are_hashed_and_from_nowhere() -> None:
    packages = json.loads((ROOT / "tests/node/package-lock.json").read_text())["packages"]
    assert [name for name in packages if name] == [name for name, held in packages.items() if "integrity" in held]
    assert [name for name, held in packages.items() if "resolved" in held] == []


def test_all_locks_agree() -> None:
    *others, development = (dict(_PINNED.findall((ROOT / name).read_text())) for name in _LOCKS)
    for pinned in others:
        assert {name: version for name, version in pinned.items() if development.get(name, version) != version} == {}
