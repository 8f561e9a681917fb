"""How often a token with a rate of its own called in the current minute."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0009_security_code_password")]

    operations = [
        migrations.CreateModel(
            name="TokenCallWindow",
            fields=[
                ("access_token", models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to="forms_app.accesstoken")),
                ("window", models.BigIntegerField()),
                ("calls", models.BigIntegerField()),
            ],
        ),
    ]
