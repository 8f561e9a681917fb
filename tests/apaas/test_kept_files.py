"""Files of ours in a field: what they are, not what is said of them; and no way around a token's forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from forms_app.models import CustomForm, Flow, FlowVersion, Member, StoredFile, Ticket, TicketAttachment
from tests.apaas.conftest import Api, address
from tests.apaas.test_files import CONTENT, fetched, form_data, upload
from tests.factories import add_field, make_token
from tests.forms_app.loading.files import load, refused_lines, write_jsonl


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


def body(*items: Any) -> dict[str, Any]:
    return {"form_entity": {"papers": list(items)}}


@pytest.mark.parametrize("said", [1, 0, None, len(CONTENT)])
def test_a_file_is_as_large_as_it_is(api: Api, form: CustomForm, said: int | None) -> None:
    add_field(form, "papers", ("file_field", {"max_bytes": len(CONTENT) - 1}))
    small, large = upload(api, form_data(content=b"x")), upload(api)
    lies = {**large, "file_file_size": said}
    faults = api.faults("POST", address(form), body(small, lies))
    assert ("papers", "file_too_large", 1) in faults or ("papers", "file_too_large", None) in faults
    assert api.ok("POST", address(form), body(small))["papers"] == [small]


def test_the_very_limit_is_no_fault(api: Api, form: CustomForm) -> None:
    add_field(form, "papers", ("file_field", {"max_bytes": len(CONTENT)}))
    item = upload(api)
    assert api.ok("POST", address(form), body({**item, "file_file_size": 1}))["id"]


@pytest.mark.parametrize("said", ["a.png", "A.PNG", "b.tar.png"])
def test_a_file_is_of_the_kind_that_it_is(api: Api, form: CustomForm, said: str) -> None:
    add_field(form, "papers", ("file_field", {"extensions": ["png"]}))
    lies = {**upload(api), "name": said, "file_file_name": said}
    assert api.faults("POST", address(form), body(lies)) == [("papers", "wrong_file_type", 0)]
    picture = upload(api, form_data(name="X.PNG", kind="image/png"))
    assert api.ok("POST", address(form), body(picture))["papers"] == [picture]


def test_a_load_believes_no_more(api: Api, form: CustomForm, alice: Member, tmp_path: Path) -> None:
    add_field(form, "papers", ("file_field", {"max_bytes": 3, "extensions": ["pdf"]}))
    large, wrong = upload(api), upload(api, form_data(name="a.png", content=b"x"))
    rows = [
        {"title": "a", "papers": [{**item, "name": "a.pdf", "file_file_name": "a.pdf", "file_file_size": 1}]}
        for item in (large, wrong)
    ]
    done = load(form, alice, write_jsonl(tmp_path / "rows.jsonl", rows))
    assert (done.loaded, done.refused) == (0, 2)
    codes = [[error["code"] for error in line["errors"]] for line in refused_lines(tmp_path / "rows.jsonl.refused")]
    assert codes == [["file_too_large"], ["wrong_file_type"]]


def test_what_a_record_holds_already_stays(api: Api, form: CustomForm) -> None:
    field = add_field(form, "papers", "file_field")
    item = upload(api)
    record_id = api.ok("POST", address(form), body(item))["id"]
    field.setting = {"max_bytes": 1}
    field.save()
    assert api.ok("PUT", address(form, str(record_id)), body(item))["papers"] == [item]


def test_a_token_for_one_form_makes_no_file_of_another_readable(
    api: Api, form: CustomForm, other_form: CustomForm, alice: Member, bob: Member
) -> None:
    """Also where its member uploaded the file: what the token may do is less than that."""
    for each in (form, other_form):
        add_field(each, "papers", "file_field")
    item = upload(api)
    api.ok("POST", address(other_form), body(item))
    for member in (alice, bob):
        limited = Api(make_token(member, custom_forms=[form])[1])
        assert limited.faults("POST", address(form), body(item)) == [("papers", "unknown_file", 0)]
        record_id = limited.ok("POST", address(form), {"form_entity": {"title": "a"}})["id"]
        assert limited.faults("PUT", address(form, str(record_id)), body(item)) == [("papers", "unknown_file", 0)]
    mine = Api(make_token(alice, custom_forms=[form])[1])
    own = upload(mine)
    assert mine.ok("POST", address(form), body(own))["papers"] == [own]
    assert fetched(mine, own["file_url"]) == CONTENT


def test_a_token_for_one_form_reads_no_file_of_another_that_its_member_uploaded(
    api: Api, limited: Api, form: CustomForm, other_form: CustomForm
) -> None:
    for each in (form, other_form):
        add_field(each, "papers", "file_field")
    item = upload(api)
    assert fetched(limited, item["file_url"]) == CONTENT
    record_id = api.ok("POST", address(other_form), body(item))["id"]
    limited.refused("GET", item["file_url"], status=404)
    assert fetched(api, item["file_url"]) == CONTENT
    api.ok("POST", address(form), body(item))
    assert fetched(limited, item["file_url"]) == CONTENT
    api.ok("PUT", address(other_form, str(record_id)), body())
    assert fetched(limited, item["file_url"]) == CONTENT


def test_a_token_for_one_form_reads_no_file_of_another_forms_ticket(
    api: Api, limited: Api, form: CustomForm, other_form: CustomForm
) -> None:
    item = upload(api)
    for owner in (other_form, form):
        attach(item, owner)
        if owner is other_form:
            limited.refused("GET", item["file_url"], status=404)
    assert fetched(limited, item["file_url"]) == CONTENT


def attach(item: dict[str, Any], form: CustomForm) -> None:
    """As a ticket of this form has it, which the member of `api` opened."""
    now = timezone.now()
    flow = Flow.objects.create(custom_form=form, name="f", api_path=f"flow-{form.pk}")
    version = FlowVersion.objects.create(flow=flow, number=1, definition={})
    ticket = Ticket.objects.create(
        custom_form=form, organization_id=flow.custom_form.custom_app.organization_id, flow=flow, flow_version=version,
        entity_id=1, data_no=1, creator_uid=1, created_at=now, updated_at=now,
    )  # fmt: skip
    stored = StoredFile.objects.get(pk=item["id"])
    TicketAttachment.objects.create(custom_form=form, ticket=ticket, stored_file=stored, uid=1, created_at=now)
