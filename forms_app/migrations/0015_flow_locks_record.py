"""Flows say whether the records of their tickets are locked. Flows that there are already keep them open, as they were:
programs may write to such records. Each such change is noted in the ticket's history from now on."""

from django.db import migrations, models

HELP = "While a ticket is running, the values of its record change only through the ticket."


def locks_record(default):
    return models.BooleanField(default=default, help_text=HELP, verbose_name="locked records")


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0014_chosen_columns")]

    operations = [
        migrations.AddField("flow", "locks_record", locks_record(False)),
        migrations.AlterField("flow", "locks_record", locks_record(True)),
    ]
