"""The record table: hash-partitioned by form, with an owned sequence and the grams of its searched text.

`ENTITY_PARTITIONS` is read once, when this runs: PostgreSQL can't change the modulus of a table that holds rows.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import forms_app.models.entity
from django.conf import settings
from django.db import migrations, models

TABLE = """
CREATE SEQUENCE form_entity_id_seq AS bigint;
CREATE TABLE form_entity (
    custom_form_id bigint NOT NULL REFERENCES forms_app_customform (id),
    id bigint NOT NULL DEFAULT nextval('form_entity_id_seq'),
    app_id bigint NOT NULL,
    organization_id bigint NOT NULL,
    owner_uid bigint NOT NULL,
    data jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    updated_at timestamptz(3) NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    PRIMARY KEY (custom_form_id, id)
) PARTITION BY HASH (custom_form_id);
ALTER SEQUENCE form_entity_id_seq OWNED BY form_entity.id;
CREATE INDEX form_entity_updated ON form_entity (custom_form_id, updated_at, id);
CREATE INDEX form_entity_created ON form_entity (custom_form_id, created_at, id);
"""

# Every character pair, and the first and the last character alone, as lexemes; ASCII letters in lower case. U+0001
# separates them, so it is blanked in the text. COST: the planner must not think that a recheck per row is cheap.
GRAMS = r"""
CREATE FUNCTION form_grams(s text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 500 AS $$
BEGIN
    RETURN array_to_tsvector(string_to_array(
        regexp_replace(lower(translate(s, E'\x01', ' ') COLLATE "C"), '.', E'\\&\x01\\&', 'g'), E'\x01'));
END $$;
"""

# Counter rows are updated by every write: room on the page keeps those updates HOT.
COUNTERS = "ALTER TABLE form_counter SET (fillfactor = 20);"


def make_partitions(apps, schema_editor):
    count = settings.ENTITY_PARTITIONS
    for place in range(count):
        schema_editor.execute(
            f"CREATE TABLE form_entity_p{place:02d} PARTITION OF form_entity "
            f"FOR VALUES WITH (MODULUS {count}, REMAINDER {place})"
        )


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0001_definitions")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE, "DROP TABLE form_entity"),
                migrations.RunPython(make_partitions, migrations.RunPython.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="FormEntity",
                    fields=[
                        ("app_id", models.BigIntegerField(verbose_name="app")),
                        ("organization_id", models.BigIntegerField(verbose_name="organization")),
                        ("owner_uid", models.BigIntegerField(verbose_name="owner")),
                        ("data", models.JSONField(default=dict, verbose_name="values")),
                        ("version", models.BigIntegerField(db_default=1, default=1, verbose_name="version")),
                        ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created at")),
                        ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="updated at")),
                        ("pk", models.CompositePrimaryKey("custom_form_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                        ("id", models.BigIntegerField(db_default=forms_app.models.entity.NextEntityId(), editable=False)),
                        ("custom_form", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="forms_app.customform")),
                    ],
                    options={"verbose_name": "record", "verbose_name_plural": "records", "db_table": "form_entity"},
                ),
            ],
        ),
        migrations.RunSQL(GRAMS, "DROP FUNCTION form_grams(text)"),
        migrations.RunSQL(COUNTERS, "ALTER TABLE form_counter RESET (fillfactor)"),
    ]
