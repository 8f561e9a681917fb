"""The export of the records page: the list as it was asked for, with its columns, for who may read it."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from forms_app.models import CustomForm, Member
from tests.accounts import linked, only
from tests.forms_app.admin.records.lists import page
from tests.forms_app.admin.records.test_columns import choose
from tests.forms_app.exporting.files import table


def exported(client: Client, form: CustomForm, **asked: str) -> Any:
    return client.get(reverse("admin:forms_app_customform_record_export", args=[form.pk]), {"format": "csv", **asked})


def rows_of(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    return table(b"".join(response.streaming_content))


def test_the_page_offers_its_list_in_every_format(form: CustomForm, records: list[int], alice: Member) -> None:
    content = page(linked(Client(), alice, "read", "export"), form, "?o=title")
    for kind in ("csv", "xlsx", "jsonl"):
        assert f"records/export/?o=title&amp;format={kind}" in content


def test_the_file_is_the_list_with_its_columns(form: CustomForm, records: list[int], alice: Member) -> None:
    client = linked(Client(), alice, "read", "export")
    choose(client, form, "amount", "title")
    heading, *rows = rows_of(exported(client, form, o="id"))
    assert heading == ["#record'", "label of amount", "label of title"]
    assert [int(row[0]) for row in rows] == records
    found = rows_of(exported(client, form, q=rows[0][2], **{"in": "title"}))[1:]
    assert rows[0] in found and len(found) < len(rows)
    response = exported(client, form)
    assert "no-store" in response["Cache-Control"]
    response.close()


def test_what_can_not_be_asked_is_said_on_the_list(form: CustomForm, records: list[int], alice: Member) -> None:
    client = linked(Client(), alice, "read", "export")
    for asked in ({"tab": "nothing"}, {"format": "doc"}, {"f1": "nothing", "f1.op": "eq", "f1.v": "1"}):
        response = exported(client, form, **asked)
        assert response.status_code == 302, asked
        assert "records/?" in response["Location"]


def test_who_may_not_read_gets_none(form: CustomForm, records: list[int], alice: Member) -> None:
    client = linked(Client(), alice, "create")
    assert exported(client, form).status_code in (403, 404)
    client = linked(Client(), alice, "read", "export")
    only(alice, {"verbs": ("read", "export"), "hidden": ["amount"]})
    assert "label of amount" not in rows_of(exported(client, form))[0]


def test_who_may_read_and_not_export_is_offered_none_and_told(
    form: CustomForm, records: list[int], alice: Member
) -> None:
    client = linked(Client(), alice, "read")
    content = page(client, form)
    assert "records/export" not in content
    response = exported(client, form)
    assert response.status_code == 302 and "records/?" in response["Location"]
    assert (
        client.post(reverse("admin:forms_app_customform_record_exports", args=[form.pk]), {"format": "csv"}).status_code
        == 403
    )
