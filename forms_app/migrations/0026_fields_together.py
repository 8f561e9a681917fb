"""How often, and how long, requests filtered by several columns together."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0025_followed_selections")]

    operations = [
        migrations.AddField("fielduse", "names", models.TextField(db_default="")),
        migrations.AddField("fielduse", "times", models.BigIntegerField(db_default=0)),
        migrations.AddField("fielduse", "seconds", models.FloatField(db_default=0)),
        migrations.AddField(
            "fielduse",
            "counted_from",
            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
    ]
