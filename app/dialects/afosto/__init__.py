"""Afosto, `/afosto`: cancelling and returning order items step by step over GraphQL, contract `dialects/afosto.md`."""

from app.dialects.afosto import calls, face
from app.dialects.afosto.hooks import HOOKS
from app.web.dialect import Dialect

DIALECT = Dialect(
    name="afosto",
    prefixes=face.PREFIXES,
    build=face.build,
    contract=face.contract,
    sample=face.sample,
    calls=calls.calls,
    hooks=HOOKS,
)
