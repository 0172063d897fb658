"""The walk for newcomers does what it says: its commands are run in one shell, and answers compared up to each `…`."""

import os
import re
import subprocess

from tests.dialects.server import Server
from tests.dialects.tenants import Tenant
from tests.house.sources import ROOT

_BLOCKS = re.compile(r"```sh\n(.*?)```\n\n```json\n(.*?)\n```", re.DOTALL)
_BREAK = "\n=====\n"


def test_the_walk(server: Server) -> None:
    blocks = _BLOCKS.findall((ROOT / "docs/first-steps.md").read_text())
    assert len(blocks) == 5
    environment = {**os.environ, "URL": server.base, "KEY": Tenant.add(server).key, "NO_PROXY": "127.0.0.1"}
    script = "".join(f"{commands}\nprintf '{_BREAK}'\n" for commands, _ in blocks)
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    for (commands, told), answer in zip(blocks, done.stdout.split(_BREAK), strict=False):
        parts = (re.escape(part.strip()) for part in told.split("…"))
        assert re.fullmatch(".*?".join(parts), answer, re.DOTALL), f"{commands}\n{answer}"
