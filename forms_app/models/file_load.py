"""How far the loading of a file into a form is."""

from __future__ import annotations

from django.db import models


class FileLoad(models.Model):
    """One file, by the digest of its bytes, and one form: the rows that are done. Each batch writes it in its own
    transaction, so that a load that was killed goes on behind the last row that was committed."""

    pk = models.CompositePrimaryKey("custom_form_id", "digest")
    custom_form_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    file_name = models.CharField(max_length=255)
    owner_uid = models.BigIntegerField()
    refused_path = models.TextField()
    rows = models.BigIntegerField(default=0)
    """Rows of the file that are done, loaded or refused."""
    batches = models.BigIntegerField(default=0)
    key = models.CharField(max_length=64, default="")
    """The name of the unique field that tells which record a row changes; empty: each row makes one."""
    loaded = models.BigIntegerField(default=0)
    """Rows that were not refused."""
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    """Those of them that changed a record, and that said of one what it holds; the rest made records."""
    refused = models.BigIntegerField(default=0)
    refused_bytes = models.BigIntegerField(default=0)
    """Length of the file of refused rows when the last batch was committed: what is behind it is of no batch."""
    started_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "form_file_load"

    @property
    def created(self) -> int:
        return self.loaded - self.updated - self.unchanged

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.file_name}: {self.rows}"
