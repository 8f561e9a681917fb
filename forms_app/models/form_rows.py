"""The QuerySet of rows whose key begins with their form."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class FormQuerySet(models.QuerySet[M]):
    """Rows of a table whose every statement names the form."""

    def of_form(self, form_id: int) -> Self:
        return self.filter(custom_form_id=form_id)
