"""What the tests of the records page share: the page as it was asked for, and the rows that it shows."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from forms_app.models import CustomForm


def page(client: Client, form: CustomForm, query: str = "") -> str:
    response = client.get(reverse("admin:forms_app_customform_records", args=[form.pk]) + query)
    assert response.status_code == 200, response.content[:500]
    return response.content.decode()


def shown(content: str) -> list[int]:
    """The ids of the rows, in order."""
    return [int(found) for found in re.findall(r'<a class="fr-open"[^>]*>(\d+)</a>', content)]
