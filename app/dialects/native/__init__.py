"""The native API, `/api`: everything that the core can do; what the console and the command line use, too."""

from app.dialects.native import calls, face
from app.dialects.native.hooks import HOOKS
from app.web.dialect import Dialect

DIALECT = Dialect(
    name="native",
    prefixes=("/api",),
    build=face.build,
    contract=face.contract,
    sample=face.sample,
    calls=calls.calls,
    hooks=HOOKS,
)
