"""What must be read back (signing secrets, the secret of a client whose partner signs with it) is stored sealed.

The key is the operator's, `DRAGOMAN_SECRET_KEY`: Fernet keys, the first of which seals while all of them open, so
that a new one can be put in front. Beside an embedded database it is made once, in a file that only its owner reads.
"""

import os
import re
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_OPENED = 4096
_SEPARATOR = re.compile(r"[\s,]+")


class BadKey(Exception):  # noqa: N818 - the name says what is wrong
    """A text that is no key. Its words never show it."""


class Sealed(Exception):  # noqa: N818 - as above
    """A secret that none of the keys opens: it was sealed under another, or is damaged."""


class Vault:
    """`keys` as `read_keys` gives them. Opened secrets are remembered: opening costs more than signing."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise BadKey("there is no key")
        self._keys = tuple(keys)
        self._fernet = MultiFernet([_fernet(key) for key in keys])
        self._open = lru_cache(_OPENED)(self._opened)

    def __repr__(self) -> str:
        return "Vault()"

    def seal(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises Sealed."""
        return self._open(sealed)

    def derive(self, purpose: str) -> tuple[bytes, ...]:
        """32 bytes for nothing but this purpose, from each of the keys: the first is to sign, all are to verify."""
        return tuple(
            HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(urlsafe_b64decode(key))
            for key in self._keys
        )

    def _opened(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Sealed("none of the keys in DRAGOMAN_SECRET_KEY opens a stored secret") from None


def new_key() -> str:
    return Fernet.generate_key().decode()


def read_keys(text: str) -> list[str]:
    """Several keys are separated by commas or white space. Raises BadKey."""
    keys = [key for key in _SEPARATOR.split(text) if key]
    for key in keys:
        _fernet(key)
    return keys


def key_file(path: Path) -> list[str]:
    """The keys of the file, made with one of its own if it is not there; of several who make it at once, one does.

    Raises BadKey, OSError.
    """
    if not path.exists():
        _make(path)
    keys = read_keys(path.read_text())
    if not keys:
        raise BadKey(f"{path} holds no key")
    return keys


def _make(path: Path) -> None:
    """Written beside it first, so that nobody ever reads half a key or finds it readable to all."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # somebody else was first: theirs it is
    finally:
        fresh.unlink()


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise BadKey("a key is 32 bytes in URL-safe base64") from None
