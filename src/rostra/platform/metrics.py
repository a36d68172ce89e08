"""Prometheus metrics: one registry for each process, served as text on its internal port."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

registry = CollectorRegistry()
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)

CONTENT_TYPE = CONTENT_TYPE_LATEST


def counter(name: str, doc: str, labels: tuple[str, ...] = ()) -> Counter:
    """A count that only grows. name: without the `rostra_` prefix and the `_total` suffix."""
    return Counter(f"rostra_{name}", doc, labels, registry=registry)


def gauge(name: str, doc: str, labels: tuple[str, ...] = ()) -> Gauge:
    return Gauge(f"rostra_{name}", doc, labels, registry=registry)


def histogram(name: str, doc: str, buckets: tuple[float, ...], labels: tuple[str, ...] = ()) -> Histogram:
    """Durations in seconds (name ends in `_seconds`) or sizes in bytes (`_bytes`)."""
    return Histogram(f"rostra_{name}", doc, labels, buckets=buckets, registry=registry)


def exposition() -> bytes:
    return generate_latest(registry)
