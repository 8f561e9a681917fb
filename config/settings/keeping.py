"""What is kept of writes and of callers, and for how long; webhooks."""

from __future__ import annotations

from config.settings.environment import env

# --- How long things are kept ----------------------------------------------------------------------------
# The keys of writing calls, and what they were answered (docs/contract.md §5.2).
IDEMPOTENCY_HOURS = env.int("IDEMPOTENCY_HOURS", 24)
# The change log and the trash (docs/contract.md §5.4).
HISTORY_DAYS = env.int("HISTORY_DAYS", 400)
TRASH_DAYS = env.int("TRASH_DAYS", 30)
# Uploaded files that nothing ever held.
UNUSED_FILE_DAYS = env.int("UNUSED_FILE_DAYS", 30)
# Entries of the audit are kept for so long; 0: for ever.
AUDIT_DAYS = env.int("AUDIT_DAYS", 1_095)
# Webhooks (docs/contract.md §5.5).
WEBHOOK_NETWORKS: list[str] = env.list("WEBHOOK_NETWORKS", [])
WEBHOOK_SECONDS = env.int("WEBHOOK_SECONDS", 10)
WEBHOOK_DELIVERY_DAYS = env.int("WEBHOOK_DELIVERY_DAYS", 14)

# --- What is noted of callers ----------------------------------------------------------------------------
ACCESS_EVENT_DAYS = env.int("ACCESS_EVENT_DAYS", 180)
CALL_LOG = env.bool("CALL_LOG", True)
CALL_LOG_DAYS = env.int("CALL_LOG_DAYS", 30)
CALL_LOG_PER_SECOND = env.int("CALL_LOG_PER_SECOND", 10)
