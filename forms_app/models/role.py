"""Roles: which rights an organization gives to whom, on which forms (docs/contract.md §4)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from forms_app.models.custom_form import CustomApp, CustomForm, FormTab
from forms_app.models.people import Department, Member, Organization
from forms_app.models.tracked import TrackedQuerySet


class Verb(models.TextChoices):
    """What may be done: the record verbs, `design` of forms and flows, and over the whole organization `people`."""

    READ = "read", _("read")
    CREATE = "create", _("create")
    UPDATE = "update", _("change")
    DESTROY = "destroy", _("delete")
    TRANSFER = "transfer", _("hand over")
    EXPORT = "export", _("export")
    DESIGN = "design", _("design")
    PEOPLE = "people", _("manage people and rights")


class Rows(models.TextChoices):
    """Which records: by their owner, or by a tab of the form."""

    ALL = "all", _("all records")
    DEPARTMENT_BELOW = "department_below", _("of one's departments and those below")
    DEPARTMENT = "department", _("of one's departments")
    OWN = "own", _("one's own")
    TAB = "tab", _("those of a tab")


class Role(models.Model):
    """A set of grants for some members, for departments with those below, or for everyone in the organization."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="roles", verbose_name=_("organization"), editable=False
    )
    name = models.CharField(_("name"), max_length=100)
    everyone = models.BooleanField(_("everyone"), default=False, help_text=_("Each member of the organization has it."))
    members = models.ManyToManyField(Member, blank=True, related_name="roles", verbose_name=_("members"))
    departments = models.ManyToManyField(
        Department,
        blank=True,
        related_name="roles",
        verbose_name=_("departments"),
        help_text=_("With the departments below them."),
    )

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="role_name")]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """What a role gives on one form, on the forms of one app, or on all forms of the organization."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants", verbose_name=_("role"))
    custom_form = models.ForeignKey(
        CustomForm, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("form")
    )
    custom_app = models.ForeignKey(
        CustomApp, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("app")
    )
    verbs: models.JSONField[Any, Any] = models.JSONField(_("verbs"), default=list)
    rows = models.CharField(_("records"), max_length=20, choices=Rows, default=Rows.ALL)
    tab = models.ForeignKey(FormTab, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("tab"))
    """With a tab goes the grant that it limits: never does one grow by what was removed."""
    hidden: models.JSONField[Any, Any] = models.JSONField(_("hidden fields"), default=list, blank=True)
    read_only: models.JSONField[Any, Any] = models.JSONField(_("read-only fields"), default=list, blank=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(custom_form=None) | Q(custom_app=None), name="grant_on_a_form_or_an_app"
            ),
            models.CheckConstraint(
                condition=Q(rows="tab", tab__isnull=False, custom_form__isnull=False) | (~Q(rows="tab") & Q(tab=None)),
                name="grant_rows_of_a_tab",
            ),
        ]

    def __str__(self) -> str:
        where = self.custom_form or self.custom_app or _("all forms")
        return f"{self.role_id}: {where}"


ADMINISTRATORS, EVERYONE = "管理员", "全员"
"""The two roles that an organization begins with; both can be changed."""


@receiver(post_save, sender=Organization)
def first_roles(sender: type[Organization], instance: Organization, created: bool, raw: bool = False, **_: Any) -> None:
    """What lets a new organization work at once: administrators may everything, all others may use all forms."""
    if created and not raw:
        record_verbs = [verb for verb in Verb.values if verb not in (Verb.DESIGN, Verb.PEOPLE)]
        for name, everyone, verbs in ((ADMINISTRATORS, False, Verb.values), (EVERYONE, True, record_verbs)):
            role = Role.objects.create(organization=instance, name=name, everyone=everyone)
            Grant.objects.create(role=role, verbs=verbs)
