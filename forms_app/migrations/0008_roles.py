"""Roles and their grants; what tokens are limited to. What worked before works on: each organization gets the role of
everyone, who administered becomes one of its administrators, and a token that might only read may read and export.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

RECORD_VERBS = ["read", "create", "update", "destroy", "transfer", "export"]
ALL_VERBS = [*RECORD_VERBS, "design", "people"]
DESIGNING = ["add_customform", "change_customform", "add_accesstoken", "change_accesstoken", "change_member"]


def first_roles(apps, schema_editor):
    Organization, Role, Grant, Member = (
        apps.get_model("forms_app", name) for name in ("Organization", "Role", "Grant", "Member")
    )
    may = Q(user__user_permissions__codename__in=DESIGNING) | Q(user__groups__permissions__codename__in=DESIGNING)
    for organization in Organization.objects.all():
        administrators = Role.objects.create(organization=organization, name="管理员")
        Grant.objects.create(role=administrators, verbs=ALL_VERBS)
        everyone = Role.objects.create(organization=organization, name="全员", everyone=True)
        Grant.objects.create(role=everyone, verbs=RECORD_VERBS)
        staff = Member.objects.filter(organization=organization, user__is_staff=True)
        administrators.members.set(staff.filter(Q(user__is_superuser=True) | may).distinct())


def read_only_tokens(apps, schema_editor):
    apps.get_model("forms_app", "AccessToken").objects.filter(read_only=True).update(verbs=["read", "export"])


class Migration(migrations.Migration):
    dependencies = [("forms_app", "0007_ticket_keys"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.AddField(
            model_name='accesstoken',
            name='calls_at_once',
            field=models.PositiveIntegerField(blank=True, help_text='Empty: as many as the server allows.', null=True, verbose_name='calls at a time'),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='calls_per_minute',
            field=models.PositiveIntegerField(blank=True, help_text='Empty: as many as the server allows.', null=True, verbose_name='calls a minute'),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='networks',
            field=models.JSONField(blank=True, default=list, help_text='From where it may be used, e.g. 10.0.0.0/8; none: from everywhere.', verbose_name='networks'),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='successor',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='predecessor', to='forms_app.accesstoken', verbose_name='replaced by'),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='verbs',
            field=models.JSONField(blank=True, help_text='What it may do of what its member may; none chosen: all of it.', null=True, verbose_name='verbs'),
        ),
        migrations.RunPython(read_only_tokens, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='accesstoken',
            name='read_only',
        ),
        migrations.CreateModel(
            name='Role',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('everyone', models.BooleanField(default=False, help_text='Each member of the organization has it.', verbose_name='everyone')),
                ('departments', models.ManyToManyField(blank=True, help_text='With the departments below them.', related_name='roles', to='forms_app.department', verbose_name='departments')),
                ('members', models.ManyToManyField(blank=True, related_name='roles', to='forms_app.member', verbose_name='members')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='roles', to='forms_app.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'role',
                'verbose_name_plural': 'roles',
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verbs', models.JSONField(default=list, verbose_name='verbs')),
                ('rows', models.CharField(choices=[('all', 'all records'), ('department_below', "of one's departments and those below"), ('department', "of one's departments"), ('own', "one's own"), ('tab', 'those of a tab')], default='all', max_length=20, verbose_name='records')),
                ('hidden', models.JSONField(blank=True, default=list, verbose_name='hidden fields')),
                ('read_only', models.JSONField(blank=True, default=list, verbose_name='read-only fields')),
                ('custom_app', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='forms_app.customapp', verbose_name='app')),
                ('custom_form', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='forms_app.customform', verbose_name='form')),
                ('tab', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='forms_app.formtab', verbose_name='tab')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='forms_app.role', verbose_name='role')),
            ],
            options={
                'verbose_name': 'grant',
                'verbose_name_plural': 'grants',
                'ordering': ['id'],
            },
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.UniqueConstraint(fields=('organization', 'name'), name='role_name'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('custom_form', None), ('custom_app', None), _connector='OR'), name='grant_on_a_form_or_an_app'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('custom_form__isnull', False), ('rows', 'tab'), ('tab__isnull', False)), models.Q(models.Q(('rows', 'tab'), _negated=True), ('tab', None)), _connector='OR'), name='grant_rows_of_a_tab'),
        ),
        migrations.RunPython(first_roles, migrations.RunPython.noop),
    ]
