"""Languages of mail as BCP 47 writes them, and in which order they are tried."""

import re
from collections.abc import Iterator
from functools import lru_cache

from babel import Locale, UnknownLocaleError

LAST = "en"
"""What everybody gets whose language nobody knows."""
_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")


@lru_cache(maxsize=1_000)
def read(text: str | None) -> str | None:
    """A tag in its one spelling (`de`, `pt-BR`, `zh-Hant-TW`); None for what is no language with known customs."""
    if text is None or not _TAG.fullmatch(text):
        return None
    try:
        locale = Locale.parse(text.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return None
    return str(locale).replace("_", "-") if locale.variant is None else None


def base(tag: str) -> str:
    return tag.partition("-")[0]


def chain(*wanted: str | None) -> Iterator[str]:
    """Each language that is one, then its base language, the last resort at the end; none twice."""
    seen: set[str] = set()
    for text in (*wanted, LAST):
        tag = read(text) or (read(base(text.replace("_", "-"))) if text else None)
        for each in (tag, base(tag)) if tag else ():
            if each not in seen:
                seen.add(each)
                yield each
