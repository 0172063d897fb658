"""The version of the wire format that a request asks for (contract 1.1, public docs)."""

import re
from collections.abc import Mapping

OLDEST = "2021-01-01"
NEWEST = "2022-03-03"
_ASKED = re.compile(r"application/vnd\.convictional\.(\d{4}-\d\d-\d\d)", re.IGNORECASE)


def asked(headers: Mapping[bytes, bytes]) -> str:
    """Unversioned: the newest; nobody is pinned. A retired date falls forward; else the newest before it (inferred)."""
    found = _ASKED.search(headers.get(b"accept", b"").decode("latin-1"))
    return OLDEST if found is not None and found[1] < NEWEST else NEWEST
