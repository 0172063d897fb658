"""Shopline, `/shopline` and `/shoplazza`: Shoplazza's order API 2022-01, contract `dialects/shoplazza.md`."""

from app.dialects.shopline import calls, face
from app.dialects.shopline.hooks import HOOKS
from app.web.dialect import Dialect

DIALECT = Dialect(
    name="shopline",
    prefixes=face.PREFIXES,
    build=face.build,
    contract=face.contract,
    sample=face.sample,
    calls=calls.calls,
    hooks=HOOKS,
    auth=calls.AUTH,
)
