"""What a selection that is followed holds: its ids in order, and the snapshot in which they were found."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0024_index_lease")]

    operations = [
        migrations.AddField(
            model_name="rememberedanswer",
            name="ids",
            field=ArrayField(base_field=models.BigIntegerField(), null=True, size=None),
        ),
        migrations.AddField(model_name="rememberedanswer", name="seen", field=models.TextField(null=True)),
        # Compressed they would be read more slowly than from memory.
        migrations.RunSQL(
            "ALTER TABLE form_remembered ALTER COLUMN ids SET STORAGE EXTERNAL",
            "ALTER TABLE form_remembered ALTER COLUMN ids SET STORAGE EXTENDED",
        ),
    ]
