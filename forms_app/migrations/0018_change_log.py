"""The change log: one row for each change of a record, partitioned by the month in which it was made."""

import django.utils.timezone
from django.db import migrations, models

# `form_change_horizon` is the first transaction of this database that may still enter something: what runs in other
# databases of the cluster does not hold it up. A standby knows the first of all.
# `tx` tells the order of commits: docs/decisions/060-change-log.md. A database that was restored from a dump counts its
# transactions from the beginning again, so the functions add what `manage.py migrate` finds to be missing.
TABLE = """
CREATE FUNCTION form_change_offset() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 0::bigint';
CREATE FUNCTION form_change_tx() RETURNS bigint LANGUAGE sql VOLATILE
    AS 'SELECT form_change_offset() + pg_current_xact_id()::text::bigint';
CREATE FUNCTION form_change_horizon() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT form_change_offset() + CASE
        WHEN pg_is_in_recovery() THEN pg_snapshot_xmin(now)::text::bigint
        ELSE coalesce(
            (SELECT min(running::text::bigint) FROM pg_snapshot_xip(now) running WHERE NOT EXISTS (
                SELECT FROM pg_stat_activity other
                WHERE other.backend_xid = running::xid AND other.datname <> current_database())),
            pg_snapshot_xmax(now)::text::bigint)
        END FROM pg_current_snapshot() now
$$;
CREATE SEQUENCE form_entity_change_id_seq AS bigint;
CREATE TABLE form_entity_change (
    custom_form_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('form_entity_change_id_seq'),
    entity_id bigint NOT NULL,
    tx bigint NOT NULL DEFAULT form_change_tx(),
    at timestamptz(3) NOT NULL,
    version bigint NOT NULL,
    owner_uid bigint NOT NULL,
    uid bigint NOT NULL,
    token_id bigint,
    action text NOT NULL,
    source text NOT NULL,
    request_id text NOT NULL,
    changes jsonb NOT NULL,
    PRIMARY KEY (custom_form_id, entity_id, id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE form_entity_change_id_seq OWNED BY form_entity_change.id;
CREATE INDEX form_entity_change_feed ON form_entity_change (custom_form_id, tx, id);
CREATE INDEX form_entity_trash_destroyed ON form_entity_trash (custom_form_id, destroyed_at, id);
"""
UNDO = """
DROP INDEX form_entity_trash_destroyed;
DROP TABLE form_entity_change;
DROP FUNCTION form_change_tx(), form_change_horizon(), form_change_offset();
"""


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0017_idempotency_key")]

    operations = [
        migrations.AddField(
            model_name="customform",
            name="history_since",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, null=True, verbose_name="history since"),
        ),
        migrations.AddField(
            model_name="customfield",
            name="typed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, UNDO)],
            state_operations=[
                migrations.CreateModel(
                    name="EntityChange",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "custom_form_id",
                                "entity_id",
                                "id",
                                "at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("custom_form_id", models.BigIntegerField()),
                        ("id", models.BigIntegerField()),
                        ("entity_id", models.BigIntegerField()),
                        ("tx", models.BigIntegerField()),
                        ("at", models.DateTimeField()),
                        ("version", models.BigIntegerField()),
                        ("owner_uid", models.BigIntegerField()),
                        ("uid", models.BigIntegerField()),
                        ("token_id", models.BigIntegerField(null=True)),
                        ("action", models.CharField(max_length=11)),
                        ("source", models.CharField(max_length=6)),
                        ("request_id", models.CharField(max_length=64)),
                        ("changes", models.JSONField()),
                    ],
                    options={"db_table": "form_entity_change"},
                ),
            ],
        ),
    ]
