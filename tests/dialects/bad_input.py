"""What clients send by mistake or on purpose, in no dialect in particular."""

from collections.abc import Iterator

MEGABYTE = 1 << 20

BROKEN = {
    "cut short": b'{"x": ',
    "no JSON": b"x=1",
    "not UTF-8": b'{"x": "\xff"}',
    "a NUL byte": b'{"x": "a\0b"}',
    "an escaped NUL": b'{"x": "a\\u0000b"}',
    "an escaped NUL as a key": b'{"a\\u0000b": 1}',
    "a lone surrogate": b'{"x": "\\ud800"}',
    "an infinite number": b'{"x": 1e400}',
    "nested 100,000 deep": b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "two texts": b'{"x": 1} {"x": 2}',
    "NaN": b'{"x": NaN}',
}
NOT_OBJECTS = {"an array": b"[]", "a text": b'"x"', "a number": b"1", "null": b"null", "true": b"true"}
STRANGE_IDS = {
    "unknown": "01a1fc59-875e-7ca2-9952-db974c600000",
    "a child of nothing": "01a1fc59-875e-7ca2-9952-db974c600001",
    "short": "x",
    "with NUL": "a%00b",
    "not UTF-8": "%ff%fe",
    "with a slash": "a%2Fb",
    "a quote": "'",
    "a line break": "%0a",
    "with a lone surrogate": "%ed%a0%80",
    "60,000 letters": "a" * 60_000,
}
BAD_KEYS = {"empty": b"", "too long": b"k" * 256, "not printable": b"a\xa0b", "a tab": b"a\tb"}


def chunks(size: int) -> Iterator[bytes]:
    """A JSON text of about `size` bytes, piece by piece."""
    yield b'{"x": "'
    for _ in range(size // 65_536):
        yield b"a" * 65_536
    yield b'"}'
