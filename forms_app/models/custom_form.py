"""The definitions: apps, forms, field groups, fields, options, tabs."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forms_app.field_types import FieldType, registry
from forms_app.models.people import Member, Organization
from forms_app.models.tracked import TrackedQuerySet

FIELD_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,63}\Z"


def field_types() -> list[tuple[str, Any]]:
    """The choices of `CustomField.field_type`: a callable, so that a new type needs no migration."""
    return registry.choices()


class Status(models.TextChoices):
    ENABLE = "enable", _("enabled")
    DISABLE = "disable", _("disabled")


class CustomApp(models.Model):
    """A set of forms that belong together."""

    organization = models.ForeignKey(Organization, models.PROTECT, verbose_name=_("organization"))
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ENABLE)
    creator = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("creator")
    )
    update_user = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("changed by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("app")
        verbose_name_plural = _("apps")

    def __str__(self) -> str:
        return self.name


class CustomForm(models.Model):
    """A form that a company designed. Its records are rows of `form_entity` under its id."""

    organization = models.ForeignKey(Organization, models.PROTECT, verbose_name=_("organization"), editable=False)
    custom_app = models.ForeignKey(CustomApp, models.PROTECT, related_name="custom_forms", verbose_name=_("app"))
    name = models.CharField(_("name"), max_length=100)
    data_table_name = models.CharField(_("data table name"), max_length=64, unique=True, editable=False)
    description = models.TextField(_("description"), blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ENABLE)
    setting = models.JSONField(_("settings"), default=dict, blank=True)
    primary_field = models.ForeignKey(
        "CustomField",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("primary field"),
        help_text=_("Its value is a record's label wherever the record is related to."),
    )
    definition_version = models.BigIntegerField(
        _("definition version"),
        default=1,
        editable=False,
        help_text=_("A new random number at every change: caches compare it for equality only."),
    )
    history_since = models.DateTimeField(_("history since"), default=timezone.now, null=True, editable=False)
    """From when on each change of its records is entered in the change log; None while none is."""
    creator = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("creator")
    )
    update_user = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("changed by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")

    def __str__(self) -> str:
        return self.name


class FieldGroup(models.Model):
    """A titled block of fields on the form."""

    custom_form = models.ForeignKey(CustomForm, models.CASCADE, related_name="field_groups", verbose_name=_("form"))
    label = models.CharField(_("title"), max_length=100)
    position = models.PositiveIntegerField(_("position"), default=0)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ENABLE)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("field group")
        verbose_name_plural = _("field groups")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.label


class CustomField(models.Model):
    """One field of a form. `name` is the record's key, `number` its place among all fields the form ever had."""

    custom_form = models.ForeignKey(CustomForm, models.CASCADE, related_name="custom_fields", verbose_name=_("form"))
    custom_field_group = models.ForeignKey(
        FieldGroup, models.RESTRICT, related_name="custom_fields", verbose_name=_("group")
    )
    name = models.CharField(
        _("name"),
        max_length=64,
        validators=[RegexValidator(FIELD_NAME, _("A letter, then letters, digits or _, at most 64."))],
    )
    label = models.CharField(_("label"), max_length=100)
    field_type = models.CharField(_("type"), max_length=40, choices=field_types)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ENABLE)
    setting = models.JSONField(_("settings"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    typed_at = models.DateTimeField(default=timezone.now, editable=False)
    """From when on it has its type: what the change log and the trash hold of its name from before is not its own."""
    position = models.PositiveIntegerField(_("position"), default=0)
    number = models.PositiveIntegerField(_("number"), editable=False)
    indexed = models.BooleanField(
        _("indexed"), default=True, help_text=_("Where its form is large. Unique fields and relations are in any case.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("field")
        verbose_name_plural = _("fields")
        ordering = ["custom_field_group__position", "custom_field_group_id", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["custom_form", "name"], name="field_name"),
            models.UniqueConstraint(fields=["custom_form", "number"], name="field_number"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def type(self) -> FieldType:
        """The field's type. Raises UnknownFieldType for one that is not installed."""
        return registry.get(self.field_type)


class FormulaReference(models.Model):
    """What a computed field reads: `target_name` of `target_form`, its own form or, through the field `relation`,
    another one. Kept by the service that saves the field, so that a write knows whom it concerns."""

    custom_field = models.ForeignKey(CustomField, models.CASCADE, related_name="formula_references")
    relation = models.CharField(max_length=64, blank=True)
    target_form = models.ForeignKey(CustomForm, models.CASCADE, related_name="formula_references")
    target_name = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["custom_field", "relation", "target_name"], name="formula_reference")
        ]

    def __str__(self) -> str:
        return f"{self.custom_field_id} → {self.relation}.{self.target_name}"


class FieldOption(models.Model):
    """One choice of a choice field; `value` is its token."""

    custom_field = models.ForeignKey(CustomField, models.CASCADE, related_name="options", verbose_name=_("field"))
    value = models.CharField(_("token"), max_length=24)
    label = models.CharField(_("label"), max_length=200)
    position = models.PositiveIntegerField(_("position"), default=0)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ENABLE)
    parent = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="children", verbose_name=_("below")
    )

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["custom_field", "value"], name="option_value")]

    def __str__(self) -> str:
        return self.label


class FormTab(models.Model):
    """A named selection of a form's records: `scope` in the API. `filters`, `sort` as a request's."""

    custom_form = models.ForeignKey(CustomForm, models.CASCADE, related_name="tabs", verbose_name=_("form"))
    name = models.SlugField(_("name"), max_length=64)
    label = models.CharField(_("label"), max_length=100)
    filters: models.JSONField[Any, Any] = models.JSONField(_("filters"), default=list, blank=True)
    sort: models.JSONField[Any, Any] = models.JSONField(_("sort"), default=list, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tab")
        verbose_name_plural = _("tabs")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["custom_form", "name"], name="tab_name")]

    def __str__(self) -> str:
        return self.label
