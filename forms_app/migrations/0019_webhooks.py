"""Webhooks, and the order of commits of a ticket's steps, by which they are told."""

import django.db.models.deletion
import forms_app.models.ticket
from django.db import migrations, models

# In two steps, so that the steps that are there keep NULL: they are told to nobody, and the table is not rewritten.
STEPS = """
ALTER TABLE ticket_step ADD COLUMN tx bigint;
ALTER TABLE ticket_step ALTER COLUMN tx SET DEFAULT form_change_tx();
CREATE INDEX ticket_step_feed ON ticket_step (custom_form_id, tx, id);
"""
UNDO = """
DROP INDEX ticket_step_feed;
ALTER TABLE ticket_step DROP COLUMN tx;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('forms_app', '0018_change_log'),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verbs', models.JSONField(editable=False, null=True)),
                ('form_ids', models.JSONField(editable=False, null=True)),
                ('url', models.CharField(max_length=2000, verbose_name='posted to')),
                ('events', models.JSONField(default=list, verbose_name='events')),
                ('filters', models.JSONField(blank=True, default=list, verbose_name='filters')),
                ('enabled', models.BooleanField(default=True, verbose_name='switched on')),
                ('salt', models.CharField(editable=False, max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('custom_app', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='forms_app.customapp', verbose_name='app')),
                ('custom_form', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='forms_app.customform', verbose_name='form')),
                ('member', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='forms_app.member', verbose_name='set up by')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, to='forms_app.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(STEPS, UNDO)],
            state_operations=[
                migrations.AddField(
                    model_name='ticketstep',
                    name='tx',
                    field=models.BigIntegerField(db_default=forms_app.models.ticket.ChangeTx(), editable=False, null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name='WebhookState',
            fields=[
                ('webhook', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='state', serialize=False, to='forms_app.webhook')),
                ('began', models.BigIntegerField()),
                ('cursors', models.JSONField(default=dict)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=20)),
                ('failing_since', models.DateTimeField(null=True)),
                ('next_at', models.DateTimeField(null=True)),
                ('stopped', models.CharField(blank=True, choices=[('undelivered', 'nothing was accepted for three days'), ('gone', 'the address answered 410 Gone'), ('rights', 'whoever set it up may no longer read or design this'), ('filters', 'its filters no longer fit the form'), ('address', 'its address is not allowed any more')], max_length=20)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('lease', models.UUIDField(null=True)),
                ('leased_until', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=100, verbose_name='message')),
                ('event', models.CharField(max_length=30, verbose_name='event')),
                ('custom_form_id', models.BigIntegerField(null=True, verbose_name='form')),
                ('stream', models.CharField(blank=True, max_length=6)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('entry_id', models.BigIntegerField(null=True)),
                ('record_id', models.BigIntegerField(null=True, verbose_name='record')),
                ('attempts', models.PositiveIntegerField(default=1, verbose_name='attempts')),
                ('status', models.CharField(choices=[('delivered', 'delivered'), ('failed', 'refused')], max_length=9, verbose_name='state')),
                ('answer_status', models.PositiveSmallIntegerField(null=True, verbose_name='answer')),
                ('answer', models.TextField(blank=True, verbose_name="answer's beginning")),
                ('error', models.CharField(blank=True, max_length=20, verbose_name='fault')),
                ('milliseconds', models.FloatField(verbose_name='ms')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('again_at', models.DateTimeField(null=True)),
                ('webhook', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='forms_app.webhook')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='WebhookStuck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('custom_form_id', models.BigIntegerField()),
                ('stream', models.CharField(max_length=6)),
                ('subject_id', models.BigIntegerField()),
                ('entry_id', models.BigIntegerField()),
                ('attempts', models.PositiveIntegerField()),
                ('since', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('webhook', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='stuck', to='forms_app.webhook')),
            ],
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(('custom_form__isnull', True), ('custom_app__isnull', True), _connector='XOR'), name='webhook_of_form_or_app'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['webhook', 'at', 'id'], name='webhook_delivery_page'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['at'], name='webhook_delivery_at'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('again_at__isnull', False)), fields=['webhook', 'id'], name='webhook_delivery_again'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(fields=('webhook', 'message_id'), name='webhook_delivery_message'),
        ),
        migrations.AddIndex(
            model_name='webhookstuck',
            index=models.Index(fields=['webhook', 'next_at'], name='webhook_stuck_next_at'),
        ),
        migrations.AddConstraint(
            model_name='webhookstuck',
            constraint=models.UniqueConstraint(fields=('webhook', 'custom_form_id', 'stream', 'subject_id'), name='webhook_stuck_subject'),
        ),
    ]
