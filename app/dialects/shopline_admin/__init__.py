"""SHOPLINE, `/shopline-admin`: the Admin REST API of the platform of this name, contract `dialects/shopline.md`."""

from app.dialects.shopline_admin import face
from app.dialects.shopline_admin.calls import calls
from app.dialects.shopline_admin.hooks import HOOKS
from app.web.dialect import Dialect

DIALECT = Dialect(
    name="shopline_admin",
    prefixes=face.PREFIXES,
    build=face.build,
    contract=face.contract,
    sample=face.sample,
    calls=calls,
    hooks=HOOKS,
)
