"""What the tests of forms to fill in share: a page read as a browser does, and posted again."""

from __future__ import annotations

from html.parser import HTMLParser

from django.test import Client
from django.urls import reverse

from forms_app.models import CustomForm


def add_url(form: CustomForm) -> str:
    return reverse("admin:forms_app_customform_record_add", args=[form.pk])


def edit_url(form: CustomForm, record_id: int) -> str:
    return reverse("admin:forms_app_customform_record_edit", args=[form.pk, record_id])


class Inputs(HTMLParser):
    """The values that a browser would post of a page's form, nobody having touched it."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, str] = {}
        self.labels: list[str] = []
        self._select = self._textarea = ""
        self._first = False
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "input" and name and kind not in ("file", "checkbox", "submit"):
            self.values[name] = given.get("value", "")
        elif tag == "select":
            self._select, self._first = name, True
        elif tag == "option" and (self._first or "selected" in given):
            self.values[self._select], self._first = given.get("value", ""), False
        elif tag == "textarea":
            self._textarea = name
            self.values[name] = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            self.values[self._textarea] = self.values[self._textarea].removeprefix("\n")
            self._textarea = ""


def posted_by(client: Client, url: str) -> dict[str, str]:
    """What the untouched page at `url` posts."""
    response = client.get(url)
    assert response.status_code == 200, response.content[:500]
    return Inputs(response.content.decode()).values
