"""Files in a form to fill in: uploaded with it, kept, dropped, refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from forms_app.design.fields import setting_save
from forms_app.models import CustomForm, FileUse, Member, StoredFile
from tests import disks
from tests.accounts import linked
from tests.factories import make_entity
from tests.forms_app.admin.records.entry_form import Inputs, add_url, edit_url, posted_by
from tests.forms_app.worlds import query_of, row_of, stored_of

ELSEWHERE = {"name": "合同.pdf", "file_url": "https://files.example.com/a.pdf"}


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": own}


@pytest.fixture
def writer(client: Client, alice: Member) -> Client:
    return linked(client, alice)


def upload(name: str = "a.txt", content: bytes = b"hello") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def names(form: CustomForm, record_id: int) -> list[str]:
    return [item["name"] for item in stored_of(form, record_id).get("papers", ())]


def test_uploads_stand_behind_what_was_there(writer: Client, form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, papers=[ELSEWHERE])
    url = edit_url(form, record_id)
    values = {**posted_by(writer, url), "papers:files": [upload(), upload("b.txt")]}
    assert writer.post(url, values).status_code == 302
    assert names(form, record_id) == ["合同.pdf", "a.txt", "b.txt"]
    assert stored_of(form, record_id)["papers"][0] == ELSEWHERE
    assert FileUse.objects.filter(custom_form_id=form.pk, entity_id=record_id).count() == 2
    assert set(StoredFile.objects.values_list("member_id", "size")) == {(alice.pk, 5)}


def test_a_new_record_takes_files(writer: Client, form: CustomForm) -> None:
    values = {**posted_by(writer, add_url(form)), "papers:files": upload()}
    assert writer.post(add_url(form), values).status_code == 302
    assert names(form, query_of(form).ids()[0]) == ["a.txt"]


def test_what_is_ticked_is_dropped(writer: Client, form: CustomForm, alice: Member) -> None:
    record_id = make_entity(form, alice, papers=[ELSEWHERE, {**ELSEWHERE, "name": "b", "id": 2**63 - 1}])
    url = edit_url(form, record_id)
    shown = posted_by(writer, url)
    assert writer.post(url, {**shown, "papers:dropped": ["0", "7", "x"]}).status_code == 302
    assert stored_of(form, record_id)["papers"] == [{**ELSEWHERE, "name": "b", "id": 2**63 - 1}]
    shown = posted_by(writer, url)
    assert writer.post(url, {**shown, "papers:dropped": ["0"]}).status_code == 302
    assert "papers" not in stored_of(form, record_id)


def test_nothing_is_uploaded_twice_after_a_refusal(writer: Client, form: CustomForm) -> None:
    values = {**posted_by(writer, add_url(form)), "amount": "many", "papers:files": upload()}
    response = writer.post(add_url(form), values)
    assert response.status_code == 422
    again = Inputs(response.content.decode()).values
    assert writer.post(add_url(form), {**again, "amount": "1"}).status_code == 302
    assert names(form, query_of(form).ids()[0]) == ["a.txt"]
    assert StoredFile.objects.count() == 1


def test_a_file_that_is_not_taken_is_told_with_all_else_that_is_wrong(
    writer: Client, form: CustomForm, alice: Member, settings: Any
) -> None:
    settings.MAX_FILE_BYTES = 3
    record_id = make_entity(form, alice, title="a")
    before = row_of(form, record_id)
    for url in (add_url(form), edit_url(form, record_id)):
        values = {**posted_by(writer, url), "amount": "many", "papers:files": [upload(), upload("b.txt", b"abc")]}
        response = writer.post(url, values)
        assert response.status_code == 422
        content = response.content.decode()
        for name in ("papers", "amount"):
            assert content.split(f'data-name="{name}"')[1].split("fe-field ")[0].count("fe-fault") == 1, name
        assert "b.txt" in content
        # Without anything else that is wrong it is refused as well.
        assert writer.post(url, {**values, "amount": "1", "papers:files": upload()}).status_code == 422
    assert query_of(form).ids() == [record_id]
    assert row_of(form, record_id) == before


def test_what_the_field_does_not_take_is_refused_beside_it(writer: Client, form: CustomForm) -> None:
    setting_save(field=form.custom_fields.get(name="papers"), setting={"extensions": ["pdf"], "max_files": 1})
    assert 'accept=".pdf"' in writer.get(add_url(form)).content.decode()
    response = writer.post(add_url(form), {**posted_by(writer, add_url(form)), "papers:files": upload()})
    assert response.status_code == 422
    assert "fe-fault" in response.content.decode().split('data-name="papers"')[1]


def test_a_list_of_files_that_nobody_can_read_is_refused(writer: Client, form: CustomForm) -> None:
    for text in ("[", '{"a": 1}', '["x"]', '[{"name": "a", "file_url": "javascript:alert(1)"}]'):
        response = writer.post(add_url(form), {"papers": text})
        assert response.status_code == 422, text
        assert 'href="javascript' not in response.content.decode()
    assert query_of(form).count() == 0


def test_a_full_disk_is_said_beside_the_field_and_nothing_is_written(
    writer: Client, form: CustomForm, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {**posted_by(writer, add_url(form)), "title": "x", "papers:files": upload()}
    disks.fill(monkeypatch)
    response = writer.post(add_url(form), values)
    assert response.status_code == 507
    assert "a.txt" in response.content.decode()
    assert 'value="x"' in response.content.decode()
    assert not StoredFile.objects.exists()
    assert not query_of(form).ids()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_full_folder_of_waiting_uploads_gets_a_page_of_its_own(
    writer: Client, form: CustomForm, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {**posted_by(writer, add_url(form)), "papers:files": upload()}
    disks.fill_waiting_room(monkeypatch, settings)
    checking = Client(enforce_csrf_checks=True)
    checking.cookies = writer.cookies
    response = checking.post(add_url(form), values)
    assert (response.status_code, "<title>507</title>" in response.content.decode()) == (507, True)
    assert not query_of(form).ids()
