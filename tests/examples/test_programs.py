"""Every program of examples/ does against a running server what the output beside it says."""

import os
import shutil
import subprocess
from collections.abc import Mapping

import pytest

from app.web.dialect import discover
from tests.dialects.server import Server
from tests.dialects.tenants import Tenant
from tests.house.sources import ROOT

_EXAMPLES = ROOT / "examples"
_RUNNERS: Mapping[str, str] = {"py": "python3", "sh": "sh", "mjs": "node"}
_NAMES = [dialect.name for dialect in discover() if (_EXAMPLES / dialect.name).is_dir()]
_OURS = frozenset({"afosto", "convictional", "happycolis", "native", "shopline", "shopline_admin"})


def test_every_dialect_has_one_in_every_language() -> None:
    assert set(_NAMES) >= _OURS
    for name in _NAMES:
        assert {path.suffix[1:] for path in (_EXAMPLES / name).glob("cancel.*")} == set(_RUNNERS)


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("language", [kind for kind, runner in _RUNNERS.items() if shutil.which(runner)])
def test_it_does_what_it_says(name: str, language: str, sqlite_server: Server) -> None:
    tenant = Tenant.add(sqlite_server)
    environment = {**os.environ, "URL": sqlite_server.base, "KEY": tenant.key, "NO_PROXY": "127.0.0.1"}
    runner = shutil.which(_RUNNERS[language])
    assert runner is not None
    done = subprocess.run(
        [runner, f"{name}/cancel.{language}"],
        cwd=_EXAMPLES,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == (_EXAMPLES / name / "output.txt").read_text()
