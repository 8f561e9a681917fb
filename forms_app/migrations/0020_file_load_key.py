from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('forms_app', '0019_webhooks'),
    ]

    operations = [
        migrations.AddField(
            model_name='fileload',
            name='key',
            field=models.CharField(default='', max_length=64),
        ),
        migrations.AddField(
            model_name='fileload',
            name='updated',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='fileload',
            name='unchanged',
            field=models.BigIntegerField(default=0),
        ),
    ]
