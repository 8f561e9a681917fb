"""Files that were uploaded, and the records that hold them."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from forms_app.models.people import Member, Organization


def file_token() -> str:
    """32 hexadecimal digits that can't be guessed: the last part of a file's address."""
    return secrets.token_hex(16)


def storage_path(stored_file: StoredFile, name: str) -> str:
    """Where the bytes lie: never under a name that a client gave."""
    return f"{stored_file.organization_id}/{stored_file.token[:2]}/{stored_file.token}"


class StoredFile(models.Model):
    """One uploaded file, kept by Django's storage API."""

    organization = models.ForeignKey(Organization, models.CASCADE, verbose_name=_("organization"))
    member = models.ForeignKey(Member, models.SET_NULL, null=True, verbose_name=_("uploaded by"))
    token = models.CharField(max_length=32, unique=True, default=file_token)
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(_("content type"), max_length=255)
    size = models.BigIntegerField(_("bytes"))
    content = models.FileField(_("content"), upload_to=storage_path, max_length=255)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self) -> str:
        return self.name


class FileUse(models.Model):
    """A record that holds, or once held, a file: who may read the record may fetch it while it does."""

    pk = models.CompositePrimaryKey("custom_form_id", "entity_id", "stored_file")
    custom_form_id = models.BigIntegerField()
    entity_id = models.BigIntegerField()
    stored_file = models.ForeignKey(StoredFile, models.CASCADE, related_name="uses")

    class Meta:
        db_table = "form_file_use"

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.entity_id}: {self.stored_file_id}"
