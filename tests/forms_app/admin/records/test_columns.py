"""The columns of the records page: chosen, kept with the account, and no way to what is hidden."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from forms_app.models import ChosenColumns, CustomForm, Member
from tests.accounts import linked, only
from tests.forms_app.admin.records.lists import page


def choose(client: Client, form: CustomForm, *names: str, back: str = "", **given: str) -> str:
    url = reverse("admin:forms_app_customform_record_columns", args=[form.pk])
    response = client.post(url, {"column": names, "back": back, **given})
    assert response.status_code == 302
    return str(response["Location"])


def headings(content: str) -> list[str]:
    """The titles of the columns behind the record's number."""
    return [re.sub("<.*?>|[↑↓]", "", each).strip() for each in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', content)][
        1:
    ]


def test_chosen_columns_are_kept_with_the_account(
    form: CustomForm, records: list[int], alice: Member, bob: Member
) -> None:
    client, other = linked(Client(), alice, "read"), linked(Client(), bob, "read")
    first = headings(page(client, form))
    assert first[0] == "label of title" and "负责人" in first[-2:]
    assert choose(client, form, "amount", "created_at", "leader", back="?o=amount").endswith("records/?o=amount")
    for again in (client, _elsewhere(alice)):
        assert headings(page(again, form)) == ["label of amount", "创建时间", "label of leader"]
    assert headings(page(other, form)) == first
    choose(client, form, "title")
    assert headings(page(client, form)) == ["label of title"]
    choose(client, form, "amount", _reset="1")
    assert headings(page(client, form)) == first
    assert not ChosenColumns.objects.exists()


def _elsewhere(member: Member) -> Client:
    client = Client()
    assert member.user is not None
    client.force_login(member.user)
    return client


def test_what_was_hidden_or_removed_since_is_passed_over(form: CustomForm, records: list[int], alice: Member) -> None:
    client = linked(Client(), alice, "read")
    choose(client, form, "amount", "source", "total")
    ChosenColumns.objects.update(names=["amount", "source", "total", "gone"])
    only(alice, {"verbs": ("read",), "hidden": ["amount"]})
    assert headings(page(client, form)) == ["label of source"]  # the total is computed of the amount
    assert 'value="amount"' not in page(client, form)


def test_columns_that_are_not_there_are_refused(form: CustomForm, records: list[int], alice: Member) -> None:
    client = linked(Client(), alice, "read")
    only(alice, {"verbs": ("read",), "hidden": ["amount"]})
    for names in (("title", "nonsense"), ("amount",), tuple(f"x{n}" for n in range(60))):
        choose(client, form, *names)
    assert not ChosenColumns.objects.exists()
    assert choose(client, form, "title", back="https://example.com/").endswith("/records/")


def test_who_may_not_read_chooses_nothing(client: Client, form: CustomForm, bob: Member) -> None:
    linked(client, bob, "create")
    url = reverse("admin:forms_app_customform_record_columns", args=[form.pk])
    assert client.post(url, {"column": "title"}).status_code == 403
    assert client.get(url).status_code == 405
