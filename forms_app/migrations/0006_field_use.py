"""Whether a field may be indexed, and when it was last asked for."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0005_remembered")]

    operations = [
        migrations.AddField(
            model_name="customfield",
            name="indexed",
            field=models.BooleanField(default=True, help_text="Where its form is large. Unique fields and relations are in any case.", verbose_name="indexed"),
        ),
        migrations.CreateModel(
            name="FieldUse",
            fields=[
                ("pk", models.CompositePrimaryKey("custom_form_id", "field_id", "kind", blank=True, editable=False, primary_key=True, serialize=False)),
                ("custom_form_id", models.BigIntegerField()),
                ("field_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=8)),
                ("used_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"db_table": "form_field_use"},
        ),
    ]
