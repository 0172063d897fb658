"""Whether anybody wants traces, by the standard variables of OpenTelemetry; without them nothing of it is loaded.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import importlib
import logging
import os
from collections.abc import Callable, Mapping

log = logging.getLogger("dragoman.traces")

EXPORTERS = ("otlp", "console")


def start(environment: Mapping[str, str] = os.environ) -> Callable[[], None]:
    """Record spans in this process from now on; the answer ends it, and sends what is left. Nothing if not wanted."""
    exporters = wanted(environment)
    if not exporters:
        return _nothing
    stop: Callable[[], None] = importlib.import_module("app.spans").start(exporters, environment)
    return stop


def wanted(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Names of exporters. Naming an endpoint is enough to get the usual one; what is unknown is told and left out."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return ()
    endpoint = environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    named = environment.get("OTEL_TRACES_EXPORTER") or ("otlp" if endpoint else "none")
    asked = [name.strip().lower() for name in named.split(",")]
    for name in asked:
        if name not in {*EXPORTERS, "none"}:
            log.warning("there is no such exporter of traces", extra={"facts": {"exporter": name, "known": EXPORTERS}})
    return tuple(name for name in EXPORTERS if name in asked)


def _nothing() -> None: ...
