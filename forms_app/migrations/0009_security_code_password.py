"""Security codes end with the password that they were given for; those given before end with this migration."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0008_roles")]

    operations = [
        migrations.AddField(
            model_name="securitycode",
            name="session_auth_hash",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
    ]
