
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('forms_app', '0016_record_changed_by'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('pk', models.CompositePrimaryKey('custom_form_id', 'caller', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('custom_form_id', models.BigIntegerField()),
                ('caller', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=255)),
                ('digest', models.BinaryField()),
                ('answer', models.BinaryField(null=True)),
                ('headers', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'form_idempotency_key',
                'indexes': [models.Index(fields=['custom_form_id', 'made_at'], name='idempotency_key_made_at')],
            },
        ),
    ]
