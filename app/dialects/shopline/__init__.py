"""Shopline, `/shopline` and `/shoplazza`: Shoplazza's order API 2022-01, contract `dialects/shoplazza.md`."""

from app.dialects.shopline import face
from app.dialects.shopline.hooks import HOOKS
from app.web.dialect import Dialect

DIALECT = Dialect(
    name="shopline",
    prefixes=face.PREFIXES,
    build=face.build,
    contract=face.contract,
    sample=face.sample,
    hooks=HOOKS,
    auth={"Access-Token": "{key}"},
)
