"""Who may read what the server counts."""

from __future__ import annotations

from config.settings.environment import env

# --- Metrics ---------------------------------------------------------------------------------------------
METRICS_NETWORKS: list[str] = env.list("METRICS_NETWORKS", [])
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
