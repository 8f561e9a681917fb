"""Tells Django what the tables of tickets have been from the first: a row's ticket is found by its form and its id, and
numbers in variables and changes keep every digit. The database stays as it is.
"""

import django.db.models.deletion
from django.db import migrations, models

import forms_app.exact_json


def by_whole_key(model_name, related_name):
    """`ticket` as a key of two columns, in place of a foreign key that knows the id alone."""
    return [
        migrations.RemoveField(model_name, "ticket"),
        migrations.AddField(model_name, "ticket_id", models.BigIntegerField(default=None), preserve_default=False),
        migrations.AddField(
            model_name,
            "ticket",
            models.ForeignObject(
                from_fields=("custom_form", "ticket_id"),
                on_delete=django.db.models.deletion.CASCADE,
                related_name=related_name,
                to="forms_app.ticket",
                to_fields=("custom_form", "id"),
                verbose_name="ticket",
            ),
        ),
    ]


def exact(model_name, name, **options):
    field = models.JSONField(
        decoder=forms_app.exact_json.ExactDecoder, default=dict, encoder=forms_app.exact_json.ExactEncoder, **options
    )
    return migrations.AlterField(model_name, name, field)


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0006_field_use")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                *by_whole_key("tickettoken", "tokens"),
                *by_whole_key("ticketstep", "steps"),
                *by_whole_key("ticketattachment", "attachments"),
                exact("ticket", "variables", verbose_name="variables"),
                exact("ticketstep", "changed"),
            ]
        )
    ]
