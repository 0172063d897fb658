"""All connectors by kind, each behind its circuit breakers; `manual` has none: somebody answers by hand."""

from collections.abc import Mapping

from app.service.connectors import Connector
from app.warehouse.breaker import Guarded
from app.warehouse.client import Client
from app.warehouse.graph import Graph
from app.warehouse.happycolis import HappyColis
from app.warehouse.http_service import HttpService
from app.warehouse.settings import callback_urls
from app.warehouse.simulator import Simulator


def connectors(client: Client, public_url: str) -> Mapping[str, Connector]:
    """`public_url` is where this server is reached from outside; empty, nobody is told where to call back."""
    callback_url = callback_urls(public_url)
    return {
        "simulator": Simulator(),
        "http": Guarded(HttpService(client, callback_url)),
        "happycolis": Guarded(HappyColis(Graph(client), callback_url)),
    }
