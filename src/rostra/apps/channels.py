"""The streams and buckets of the bus, described once so that every process makes the same."""

from __future__ import annotations

from datetime import timedelta

from rostra.media import jobs, wire
from rostra.platform.bus import BucketSpec, Bus, StreamSpec
from rostra.safety import restrictions


async def ensure_channels(bus: Bus, *, window: timedelta) -> None:
    """Create what is missing. Safe to call from every process at once.

    window: how far back a listener may go; parts are kept a minute longer.
    """
    await bus.ensure_stream(
        StreamSpec(wire.PARTS_STREAM, ("parts.>",), kept_s=window.total_seconds() + 60, in_memory=True)
    )
    await bus.ensure_stream(
        StreamSpec(wire.CAPTIONS_STREAM, ("captions.>",), kept_s=window.total_seconds() + 60, in_memory=True)
    )
    await bus.ensure_stream(StreamSpec(wire.HELD_STREAM, ("held.>",), kept_s=wire.HELD_KEPT_S, in_memory=True))
    await bus.ensure_stream(StreamSpec(wire.FACTS_STREAM, ("facts.>",), kept_s=30 * 86_400, work_queue=True))
    await bus.ensure_stream(StreamSpec(jobs.JOBS_STREAM, (jobs.JOBS,), kept_s=30 * 86_400, work_queue=True))
    await bus.ensure_stream(StreamSpec(jobs.QUICK_STREAM, (jobs.QUICK,), kept_s=30 * 86_400, work_queue=True))
    await bus.ensure_stream(StreamSpec(jobs.UPLOADS_STREAM, (jobs.UPLOADS,), kept_s=30 * 86_400, work_queue=True))
    await bus.ensure_bucket(BucketSpec(wire.AIRINGS))
    await bus.ensure_bucket(BucketSpec(wire.KEYS))
    await bus.ensure_bucket(BucketSpec(wire.REVOKED))
    await bus.ensure_bucket(BucketSpec(restrictions.BUCKET))
    await bus.ensure_bucket(BucketSpec(wire.LEVELS))
    await bus.ensure_bucket(BucketSpec(wire.SILENCES, ttl_s=window.total_seconds() + 60, in_memory=True))
    await bus.ensure_bucket(BucketSpec(wire.ROOMS, in_memory=True))
    await bus.ensure_bucket(BucketSpec(wire.CAPTIONERS, in_memory=True))
    await bus.ensure_bucket(BucketSpec(wire.HOUSES, ttl_s=3600, in_memory=True))
    await bus.ensure_bucket(BucketSpec(wire.PROCESSES, ttl_s=30, in_memory=True))
