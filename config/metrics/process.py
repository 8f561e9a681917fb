"""What a process of the server has in hand, beside what it counts of calls (apaas/counting.py)."""

from __future__ import annotations

from prometheus_client import Gauge

in_flight = Gauge(
    "apaas_requests_in_flight",
    "Requests that have arrived whole and are not answered: those that are worked for, and those that wait.",
    multiprocess_mode="livesum",
    registry=None,
)
threads = Gauge(
    "apaas_request_threads",
    "Threads that work for requests, in all processes of this server.",
    multiprocess_mode="livesum",
    registry=None,
)
AT_HAND = (in_flight, threads)
