"""Shopline, `/shopline` and `/shoplazza`: Shoplazza's order API 2022-01, contract `dialects/shoplazza.md`."""

from app.dialects.shopline import face
from app.web.dialect import Dialect

DIALECT = Dialect(name="shopline", prefixes=face.PREFIXES, build=face.build, contract=face.contract, sample=face.sample)
