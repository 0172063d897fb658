"""Convictional (Modern Dropship), `/convictional`: sellers' and buyers' orders, contract `dialects/convictional.md`."""

from app.dialects.convictional import calls, face
from app.dialects.convictional.hooks import HOOKS
from app.web.dialect import Dialect

DIALECT = Dialect(
    name="convictional",
    prefixes=("/convictional",),
    build=face.build,
    contract=face.contract,
    sample=face.sample,
    calls=calls.calls,
    hooks=HOOKS,
    auth=calls.AUTH,
)
