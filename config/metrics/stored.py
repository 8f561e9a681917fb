"""What is told of the database when somebody asks: jobs, indexes, webhooks, sizes, connections, replicas.

Nothing of it names an organization, a form, a person or an address. Every server of an installation tells the same, so
whoever adds servers up takes the greatest.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from config.health.checks import WORKER_SILENT
from forms_app.database.cursor import fetch


class Question(NamedTuple):
    """A metric: its name, what it says, its labels, and a statement whose rows are the labels' values and a number."""

    name: str
    says: str
    labels: tuple[str, ...]
    sql: str
    values: Callable[[], list[Any]] = list


_JOBS = """
SELECT queue_name, status::text, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')
GROUP BY queue_name, status
"""
# A job that is tried again, or put off, waits from the time that it is to begin.
_OLDEST = """
SELECT coalesce(extract(epoch FROM now() - min(greatest(job.scheduled_at, event.at))), 0)::float8
FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()
"""
_WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat >= now() - %s"
_INDEXES = "SELECT state, count(*) FROM form_field_index GROUP BY state"
_WEBHOOKS = """
SELECT CASE WHEN NOT webhook.enabled THEN 'off' WHEN state.failing_since IS NULL THEN 'well' ELSE 'failing' END,
    count(*)
FROM forms_app_webhook webhook JOIN forms_app_webhookstate state ON state.webhook_id = webhook.id GROUP BY 1
"""
_LAG = """
SELECT coalesce(max(extract(epoch FROM now() - since)), 0)::float8 FROM (
    SELECT failing_since AS since FROM forms_app_webhookstate state
    JOIN forms_app_webhook webhook ON webhook.id = state.webhook_id AND webhook.enabled
    UNION ALL
    SELECT stuck.since FROM forms_app_webhookstuck stuck
    JOIN forms_app_webhook webhook ON webhook.id = stuck.webhook_id AND webhook.enabled
) late
"""
# A table of partitions is as large as they are together.
_KEPT = """
SELECT told.what, coalesce(sum(pg_total_relation_size(part.oid)), 0)::float8
FROM (VALUES ('records', 'form_entity'), ('trash', 'form_entity_trash'), ('change log', 'form_entity_change'),
             ('calls', 'forms_app_apicall'), ('sign-ins', 'forms_app_accessevent'), ('audit', 'audit_entry'),
             ('keys', 'form_idempotency_key'), ('sessions', 'django_session'),
             ('deliveries', 'forms_app_webhookdelivery')) told(what, name),
     LATERAL (SELECT to_regclass(told.name) UNION ALL
              SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(told.name)) part(oid)
GROUP BY told.what
"""
_CONNECTIONS = """
SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1
"""
_MOST_CONNECTIONS = "SELECT current_setting('max_connections')::int"
_DATABASE = "SELECT pg_database_size(current_database())::float8"
# Of a primary its standbys; of a standby itself. One that has nothing left to replay is not behind.
_REPLICAS = """
SELECT application_name, coalesce(max(extract(epoch FROM replay_lag)), 0)::float8 FROM pg_stat_replication
WHERE state = 'streaming' GROUP BY 1
UNION ALL
SELECT 'this', CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    ELSE coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0) END::float8
WHERE pg_is_in_recovery()
"""
QUESTIONS = (
    Question("apaas_jobs", "Background jobs that wait, are being done, or have failed.", ("queue", "status"), _JOBS),
    Question("apaas_jobs_waiting_seconds", "For how long the first job that could begin has waited.", (), _OLDEST),
    Question("apaas_workers", "Workers of background jobs that are alive.", (), _WORKERS, lambda: [WORKER_SILENT]),
    Question("apaas_field_indexes", "Indexes of fields by their state.", ("state",), _INDEXES),
    Question("apaas_webhooks", "Webhooks: accepted, refused, or switched off.", ("state",), _WEBHOOKS),
    Question("apaas_webhook_lag_seconds", "For how long the webhook that is most behind was refused.", (), _LAG),
    Question("apaas_kept_bytes", "Bytes of what is kept, with its indexes.", ("what",), _KEPT),
    Question("apaas_database_bytes", "Bytes of the database.", (), _DATABASE),
    Question("apaas_database_connections", "Connections to the database.", ("state",), _CONNECTIONS),
    Question("apaas_database_connections_max", "Connections that PostgreSQL allows.", (), _MOST_CONNECTIONS),
    Question("apaas_replica_lag_seconds", "How far a standby is behind.", ("replica",), _REPLICAS),
)


class Stored(Collector):
    """Asks one question after the other; from one that is not answered on there is nothing but that it was so."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("apaas_database_up", "Whether the database answered these questions.")
        try:
            yield from map(_answer, QUESTIONS)
        except DatabaseError:
            connection.close()  # the next request makes a new one
            up.add_metric([], 0)
        else:
            up.add_metric([], 1)
        yield up


def _answer(question: Question) -> GaugeMetricFamily:
    family = GaugeMetricFamily(question.name, question.says, labels=question.labels)
    for *labels, number in fetch(question.sql, question.values()):
        family.add_metric(list(map(str, labels)), float(number))
    return family


class Kept(Collector):
    """The room for files."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with suppress(OSError):  # then nothing is told of it
            free = shutil.disk_usage(settings.DATA_DIR).free
            yield GaugeMetricFamily("apaas_disk_free_bytes", "Bytes that are free where files are kept.", value=free)
