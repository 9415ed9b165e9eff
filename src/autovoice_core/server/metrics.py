"""``Metrics``: counters and gauges of one server, as Prometheus reads them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BLOCK_SECONDS = (0.001, 0.002, 0.003, 0.005, 0.008, 0.012, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5)


class Metrics:
    """Counters and gauges of one server, in a registry of its own.

    Attributes
    ----------
    requests, request_seconds
        Answers by method, route and status; time until an answer begins, by method and route.
    jobs, jobs_queued, jobs_running, job_seconds, workers_replaced
        Jobs by kind and the state they ended in; jobs that wait and that run; time of a job by
        kind; workers that died and were replaced.
    streams, streams_closed, stream_samples, stream_late_blocks, stream_block_seconds
        Live streams that are open; those ended, by close code; samples converted; blocks that
        took longer than they last; time to convert a block.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"autovoice_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"autovoice_{name}", text, registry=registry)

        def histogram(name: str, text: str, *labels: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"autovoice_{name}", text, labels, registry=registry, buckets=buckets)

        self.requests = counter("requests", "Answers.", "method", "route", "status")
        self.request_seconds = histogram(
            "request_seconds",
            "Time until an answer begins.",
            "method",
            "route",
            buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 60),
        )
        self.jobs = counter("jobs", "Jobs that ended.", "kind", "state")
        self.jobs_queued = gauge("jobs_queued", "Jobs that wait.")
        self.jobs_running = gauge("jobs_running", "Jobs that run.")
        self.job_seconds = histogram(
            "job_seconds", "Time that jobs ran.", "kind", buckets=(1, 5, 20, 60, 300, 1200, 3600)
        )
        self.workers_replaced = counter("workers_replaced", "Workers that died.")
        self.streams = gauge("streams", "Live streams that are open.")
        self.streams_closed = counter("streams_closed", "Live streams that ended.", "code")
        self.stream_samples = counter("stream_samples", "Samples converted live.")
        self.stream_late_blocks = counter(
            "stream_late_blocks", "Blocks that took longer to convert than they last."
        )
        self.stream_block_seconds = histogram(
            "stream_block_seconds", "Time to convert a block.", buckets=_BLOCK_SECONDS
        )

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)
