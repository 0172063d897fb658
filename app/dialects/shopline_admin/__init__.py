"""Shopline Admin, `/shopline-admin`: orders, and cancelling them."""

from app.dialects.shopline_admin import face
from app.dialects.shopline_admin.hooks import HOOKS
from app.web.dialect import Dialect

DIALECT = Dialect(
    name="shopline_admin",
    prefixes=face.PREFIXES,
    build=face.build,
    contract=face.contract,
    sample=face.sample,
    hooks=HOOKS,
)
