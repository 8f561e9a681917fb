"""Servers that are read from in the primary's place."""

from __future__ import annotations

from config.settings.environment import env

REPLICA_URLS: list[str] = env.list("REPLICA_URLS", [])
REPLICA_WAIT_MILLISECONDS = env.int("REPLICA_WAIT_MILLISECONDS", 50)
