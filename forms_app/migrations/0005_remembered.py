"""The memory of counts and far pages. It may be lost: unlogged, writing to it neither fills the log nor waits for it."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0004_file_load")]

    operations = [
        migrations.CreateModel(
            name="RememberedAnswer",
            fields=[
                ("pk", models.CompositePrimaryKey("custom_form_id", "key", "place", blank=True, editable=False, primary_key=True, serialize=False)),
                ("custom_form_id", models.BigIntegerField()),
                ("key", models.UUIDField()),
                ("place", models.BigIntegerField(default=0)),
                ("changes", models.BigIntegerField()),
                ("answer", models.JSONField()),
                ("remembered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "form_remembered"},
        ),
        migrations.RunSQL("ALTER TABLE form_remembered SET UNLOGGED", "ALTER TABLE form_remembered SET LOGGED"),
    ]
