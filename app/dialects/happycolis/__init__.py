"""HappyColis, `/happycolis`: its v3 GraphQL API with tokens and webhooks, contract `dialects/happycolis.md`."""

from app.dialects.happycolis import calls, face
from app.dialects.happycolis.hooks import HOOKS
from app.web.dialect import Dialect

DIALECT = Dialect(
    name="happycolis",
    prefixes=face.PREFIXES,
    build=face.build,
    contract=face.contract,
    sample=face.sample,
    calls=calls.calls,
    hooks=HOOKS,
)
