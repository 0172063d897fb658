"""A browser as far as the server sees one: its cookies and its headers. No test and no fixture is here."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.dialects.server import PATIENCE

OWN = {"X-Dragoman-Console": "1"}


class Client(httpx.Client):
    def __init__(self, base: str) -> None:
        super().__init__(base_url=base, timeout=PATIENCE)

    def own(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """As the console's page asks."""
        given = {**OWN, **(headers or {})}
        return self.request(method, path, json=body, headers={k: v for k, v in given.items() if v})

    def sign_in(self, key: str) -> httpx.Response:
        return self.own("POST", "/console/session", {"key": key})


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of what the console refuses."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, answer.json()["code"]
