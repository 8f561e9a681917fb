"""Cursors after a database was restored from a dump, which counts its transactions from the beginning again."""

from __future__ import annotations

from typing import Any

from forms_app.database.cursor import fetch
from forms_app.models import WebhookState
from forms_app.webhooks import source


def after_migrate(**_signal: Any) -> None:
    """Once the tables are there. The change log has gone on with its count by then (records/changes/partitions.py)."""
    if fetch("SELECT to_regclass('forms_app_webhookstate')", [])[0][0] is not None:
        cursors_turn_back()


def cursors_turn_back() -> int:
    """Let no webhook stand behind what is still to be committed: it would not be told of it. How many stood there."""
    horizon, turned = source.now(), 0
    for state in WebhookState.objects.all():
        ahead = [key for key, held in state.cursors.items() if held["tx"] > horizon]
        if not ahead and state.began <= horizon:
            continue
        for key in ahead:
            state.cursors[key] = {"tx": horizon, "id": 0}
        state.began = min(state.began, horizon)
        state.save(update_fields=["cursors", "began"])
        turned += 1
    return turned
