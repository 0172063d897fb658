"""Where a key may be: in `Authorization` with or without a scheme, or in a header of the dialect's own."""

from collections.abc import Mapping

from app.service.rates import Allowance

_BEARER = "bearer "


def plain(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return value.decode("latin-1").strip() if value is not None else None


def bearer(headers: Mapping[bytes, bytes]) -> str | None:
    """The key of `Authorization: Bearer <key>`."""
    value = plain(headers, b"authorization")
    if value is None or not value.lower().startswith(_BEARER):
        return None
    return value[len(_BEARER) :].strip()


def x_rate_limit(allowance: Allowance) -> Mapping[str, str]:
    """The names that most partners know."""
    return {
        "X-RateLimit-Limit": str(allowance.rate.burst),
        "X-RateLimit-Remaining": str(allowance.remaining),
        "X-RateLimit-Reset": str(allowance.full_at),
    }
