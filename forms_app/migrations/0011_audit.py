"""The audit log of definitions, people and rights."""

import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('forms_app', '0010_token_windows'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization_id', models.BigIntegerField(null=True, verbose_name='organization')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('object_id', models.BigIntegerField()),
                ('label', models.CharField(max_length=200, verbose_name='name')),
                ('page_kind', models.CharField(max_length=40)),
                ('page_id', models.BigIntegerField()),
                ('action', models.CharField(choices=[('created', 'created'), ('changed', 'changed'), ('deleted', 'deleted')], max_length=8, verbose_name='action')),
                ('changes', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='changes')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('member_id', models.BigIntegerField(null=True)),
                ('who', models.CharField(blank=True, max_length=100, verbose_name='who')),
                ('account_id', models.BigIntegerField(null=True)),
                ('account', models.CharField(blank=True, max_length=150, verbose_name='account')),
                ('token_id', models.BigIntegerField(null=True)),
                ('token', models.CharField(blank=True, max_length=100, verbose_name='access token')),
                ('call', models.CharField(blank=True, max_length=200, verbose_name='by')),
                ('request_id', models.CharField(blank=True, max_length=64, verbose_name='request id')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='address')),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'changes',
                'db_table': 'audit_entry',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['page_kind', 'page_id', '-id'], name='audit_entry_page'), models.Index(fields=['organization_id', '-id'], name='audit_entry_organization'), models.Index(fields=['at'], name='audit_entry_at')],
            },
        ),
    ]
