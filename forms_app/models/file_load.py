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
    loaded = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    refused_bytes = models.BigIntegerField(default=0)
    """Length of the file of refused rows when the last batch was committed: what is behind it is of no batch."""
    started_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "form_file_load"

    def __str__(self) -> str:
        return f"{self.custom_form_id}/{self.file_name}: {self.rows}"
