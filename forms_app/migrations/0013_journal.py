"""Events of access, and calls of the APIs."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('forms_app', '0012_member_language'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('signed_in', 'signed in'), ('company_sign_in', 'signed in through the company'), ('signed_out', 'signed out'), ('sign_in_failed', 'sign-in refused'), ('locked', 'has to wait'), ('invitation_used', 'invitation used'), ('password_changed', 'password changed'), ('code_issued', 'security code given'), ('code_refused', 'security code refused'), ('token_refused', 'token refused')], max_length=20, verbose_name='event')),
                ('reason', models.CharField(blank=True, choices=[('unknown', 'unknown'), ('expired', 'expired'), ('revoked', 'revoked'), ('wrong network', 'from another network'), ('inactive member', 'the member is deactivated'), ('wrong password', 'wrong password'), ('too early', 'too many wrong passwords'), ('unknown account', 'no such account'), ('no member', "the company's account fits no member"), ('provider', "the company's sign-in failed")], max_length=20, verbose_name='reason')),
                ('account', models.CharField(blank=True, max_length=150, verbose_name='sign-in name')),
                ('token_name', models.CharField(blank=True, max_length=100, verbose_name="token's name")),
                ('hint', models.CharField(blank=True, max_length=12, verbose_name='access token')),
                ('by', models.CharField(blank=True, max_length=150, verbose_name='done by')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='address')),
                ('agent', models.CharField(blank=True, max_length=120, verbose_name='browser or client')),
                ('request_id', models.CharField(blank=True, max_length=64, verbose_name='request id')),
                ('count', models.PositiveBigIntegerField(default=1, verbose_name='times')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('last_at', models.DateTimeField(verbose_name='last time')),
                ('collapsed', models.CharField(editable=False, max_length=32, null=True, unique=True)),
                ('member', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='forms_app.member', verbose_name='member')),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='forms_app.organization', verbose_name='organization')),
                ('token', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='forms_app.accesstoken', verbose_name='access token')),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'event of access',
                'verbose_name_plural': 'sign-ins',
                'indexes': [models.Index(fields=['at'], name='access_event_at'), models.Index(fields=['organization', 'at'], name='access_event_organization')],
            },
        ),
        migrations.CreateModel(
            name='ApiCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(max_length=10, verbose_name='method')),
                ('path', models.CharField(max_length=120, verbose_name='call')),
                ('form_id', models.BigIntegerField(null=True, verbose_name='form')),
                ('status', models.PositiveSmallIntegerField(verbose_name='status')),
                ('code', models.CharField(blank=True, max_length=100, verbose_name='refusal')),
                ('milliseconds', models.FloatField(verbose_name='ms')),
                ('request_id', models.CharField(max_length=64, verbose_name='request id')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='address')),
                ('weight', models.FloatField(default=1, verbose_name='stands for')),
                ('body', models.TextField(blank=True, verbose_name='what was sent, masked')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('member', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='forms_app.member', verbose_name='member')),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='forms_app.organization', verbose_name='organization')),
                ('token', models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='forms_app.accesstoken', verbose_name='access token')),
            ],
            options={
                'verbose_name': 'API call',
                'verbose_name_plural': 'logged calls',
                'indexes': [models.Index(fields=['at'], name='api_call_at'), models.Index(fields=['organization', 'at'], name='api_call_organization'), models.Index(fields=['token', 'at'], name='api_call_token'), models.Index(fields=['request_id'], name='api_call_request')],
            },
        ),
    ]
