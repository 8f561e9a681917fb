"""Organizations, their members and their tree of departments."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from forms_app.models.tracked import TrackedQuerySet


class Organization(models.Model):
    """A company. Nothing of one organization exists for another."""

    name = models.CharField(_("name"), max_length=100)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department; `did` is its number in the API."""

    organization = models.ForeignKey(Organization, models.CASCADE, verbose_name=_("organization"))
    did = models.PositiveBigIntegerField(_("department id (did)"))
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="children", verbose_name=_("above")
    )
    third_dept_id = models.CharField(_("third-party id"), max_length=64, null=True, blank=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = [models.UniqueConstraint(fields=["organization", "did"], name="department_did")]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person of an organization; `uid` is their number in the API. Owns records, acts by tokens."""

    organization = models.ForeignKey(Organization, models.CASCADE, verbose_name=_("organization"))
    uid = models.PositiveBigIntegerField(_("user id (uid)"))
    name = models.CharField(_("full name"), max_length=100)
    phone = models.CharField(_("phone"), max_length=40, null=True, blank=True)
    path_uid = models.CharField(_("path uid"), max_length=255, null=True, blank=True)
    third_userid = models.CharField(_("third-party id"), max_length=64, null=True, blank=True)
    departments = models.ManyToManyField(Department, blank=True, related_name="members", verbose_name=_("departments"))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="member",
        verbose_name=_("account"),
        help_text=_("With an account the member can sign in here and use the browsable API."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(max_length=16, blank=True, default="", db_default="", editable=False)
    """In which the member chose to read the pages; as the browser asks where they chose none."""

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["organization", "uid"], name="member_uid")]

    def __str__(self) -> str:
        return self.name
