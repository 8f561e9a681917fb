"""Files of tickets: attachments (`files`), files of fields (`files_item`), and who fetches them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage
from django.http import FileResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from forms_app.models import CustomForm, Flow, FormEntity, Member, StoredFile, Ticket, TicketAttachment
from tests.apaas.conftest import HANDLER, Api
from tests.apaas.tickets.conftest import EDIT, Desk, reason, value
from tests.factories import make_token
from tests.flows import definition, make_flow
from tests.seeds import ticket_document as document

PDF = b"%PDF-1.4\x00\xff"
CREATE = {"action": "create", "formdata": json.dumps([value("FORMITM_1", "x")])}
Kept = Callable[[], list[bytes]]


def nothing_kept(kept: Kept) -> bool:
    return not (kept() or StoredFile.objects.exists() or TicketAttachment.objects.exists())


def fetched(who: Api, stored: StoredFile) -> bytes | int:
    """The bytes, or the status of the refusal."""
    response = who.call("GET", f"files/{stored.token}")
    if not isinstance(response, FileResponse):
        return response.status_code
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    return b"".join(response)  # type: ignore[arg-type]


def test_attachments_come_with_a_create_and_with_a_push(desk: Desk, kept: Kept) -> None:
    answer = desk.form(CREATE, {"files": [("合同.pdf", PDF), ("../../b.txt", b"text")]})
    assert answer == document.said(document.CREATED, result="1")
    ticket = Ticket.objects.get()
    rows = [row.stored_file for row in TicketAttachment.objects.filter(ticket=ticket).order_by("id")]
    assert [(row.name, row.content_type, row.size) for row in rows] == [
        ("合同.pdf", "application/pdf", 10), ("b.txt", "text/plain", 4),
    ]  # fmt: skip
    push = {"action": "update", "data_id": desk.stages(1)["review"], "formdata": json.dumps([value("note", "n")])}
    assert desk.form(push, {"files": ("c.txt", b"more")}) == document.said(document.PUSHED)
    assert TicketAttachment.objects.filter(ticket=ticket).count() == 3
    assert kept() == sorted([PDF, b"text", b"more"])


def test_the_document_s_example_runs_as_it_stands(desk: Desk, tmp_path: Any, kept: Kept) -> None:
    """Its `requests` is one that encodes as that package does: the values as parts, then the file."""
    file = tmp_path.parent / "附件.txt"
    file.write_bytes("內容".encode())
    answers: list[bytes] = []

    class Requests:
        @staticmethod
        def post(url: str, data: dict[str, Any], files: dict[str, Any]) -> None:
            with files["files"] as opened:
                raw = encode_multipart(BOUNDARY, {**data, "files": opened})
            answers.append(desk.send(url, raw, CONTENT_TYPE=MULTIPART_CONTENT).content)

    places = {"開單API網址": EDIT + "tickets", "輸入": "x", "sevurity": desk.security, "檔案路徑": str(file)}
    lines = document.EXAMPLE.replace("FORMITM_2", "FORMITM_1").splitlines()
    assert lines.pop(0) == "import requests,json"
    program = "\n".join(lines)
    for place, filled in places.items():
        program = program.replace(f"<{place}>", filled)
    exec(program, {"requests": Requests, "json": json})  # noqa: S102 - that it runs is what is tested
    assert answers == [document.said(document.CREATED, result="1")]
    assert kept() == ["內容".encode()]


def test_files_of_fields_are_named_by_their_ids(desk: Desk, kept: Kept) -> None:
    values = {**CREATE, "files_item": '["FORMITM_7"]'}
    files = {"FORMITM_7": [("a.pdf", PDF), ("b.txt", b"b")], "files": ("c.txt", b"c")}
    assert desk.form(values, files) == document.said(document.CREATED, result="1")
    papers = FormEntity.objects.get().data["papers"]
    assert [(item["name"], item["file_content_type"]) for item in papers] == [
        ("a.pdf", "application/pdf"), ("b.txt", "text/plain"),
    ]  # fmt: skip
    assert TicketAttachment.objects.count() == 1
    push = {"action": "update", "data_id": desk.stages(1)["review"], "files_item[]": "papers"}
    push["formdata"] = json.dumps([value("note", "n")])
    assert desk.form(push, {"papers": ("d.txt", b"d")}) == document.said(document.PUSHED)
    assert [item["name"] for item in FormEntity.objects.get().data["papers"]] == ["d.txt"]


@pytest.mark.parametrize(
    ("values", "files", "said"),
    [
        ({"files_item": '["FORMITM_1"]'}, {"FORMITM_1": ("a", b"a")}, "files_item[0]: "),
        ({"files_item": '["FORMITM_99"]'}, {"FORMITM_99": ("a", b"a")}, "files_item[0]: "),
        ({"files_item": '["FORMITM_7"]'}, {}, "files_item[0]: "),
        (
            {"files_item": '["FORMITM_7", "papers"]'},
            {"FORMITM_7": ("a", b"a"), "papers": ("a", b"a")},
            "files_item[1]: ",
        ),
        ({"files_item": "[5]"}, {}, "files_item[0]: "),
        ({"files_item": "FORMITM_7"}, {"FORMITM_7": ("a", b"a")}, "files_item: "),
        ({"files_item": "{}"}, {}, "files_item: "),
        ({}, {"FORMITM_7": ("a", b"a")}, "FORMITM_7: "),
        ({}, {"file": ("a", b"a")}, "file: "),
        ({"files": "text"}, {}, "files: "),
        ({"formdata": "[]", "colour": "red"}, {"files": ("a", b"a")}, "colour: "),
        ({"formdata": json.dumps([value("amount", -1)])}, {"files": ("a", b"a")}, "amount (label of amount): "),
        ({"security": "x"}, {"files": ("a", b"a")}, "security: "),
        (
            {"files_item": '["papers"]', "formdata": json.dumps([value("FORMITM_7", [])])},
            {"papers": ("a", b"a")},
            "files_item[0]: ",
        ),
    ],
)
def test_a_refused_call_leaves_no_row_and_no_byte(
    desk: Desk, kept: Kept, values: dict[str, str], files: dict[str, Any], said: str
) -> None:
    assert said in reason(desk.form({**CREATE, **values}, files), document.CREATE_FAILED)
    assert nothing_kept(kept)
    assert not Ticket.objects.exists()


def test_a_refused_push_leaves_no_row_and_no_byte(desk: Desk, kept: Kept) -> None:
    desk.create([value("title", "x")])
    push = {"action": "update", "data_id": desk.stages(1)["review"]}
    assert reason(desk.form(push, {"files": ("a", b"a")}), document.PUSH_FAILED)  # the note is required
    assert reason(desk.form({**push, "data_id": "987654321"}, {"files": ("a", b"a")}), document.PUSH_FAILED)
    assert nothing_kept(kept)


def test_a_fault_of_ours_leaves_no_row_and_no_byte(desk: Desk, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[Any] = []
    save = FileSystemStorage._save

    def broken(self: Any, name: str, content: Any) -> Any:
        if saved:
            raise OSError("broken")
        saved.append(name)
        return save(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", broken)
    assert reason(desk.form(CREATE, {"files": [("a", b"a"), ("b", b"b")]}), document.CREATE_FAILED)
    assert saved
    assert nothing_kept(kept)


def test_a_flow_without_attachments_takes_none(desk: Desk, form: CustomForm, kept: Kept) -> None:
    make_flow(form, definition("start > review > end"), name="bare", api_path="bare")
    bare = desk.at("bare")
    assert reason(bare.form(CREATE, {"files": ("a", b"a")}), document.CREATE_FAILED).startswith("files: ")
    assert nothing_kept(kept)
    values = {**CREATE, "files_item": '["papers"]'}
    assert bare.form(values, {"papers": ("a", b"a")}) == document.said(document.CREATED, result="1")


def test_the_settings_of_a_file_field_hold(desk: Desk, form: CustomForm, kept: Kept) -> None:
    field = form.custom_fields.get(name="papers")
    field.setting = {"extensions": ["pdf"], "max_files": 1}
    field.save()
    values = {**CREATE, "files_item": '["papers"]'}
    for files in ([("a.txt", b"a")], [("a.pdf", PDF), ("b.pdf", PDF)]):
        told = reason(desk.form(values, {"papers": files}), document.CREATE_FAILED)
        assert told.startswith("papers (label of papers)")
    assert nothing_kept(kept)
    assert desk.form(values, {"papers": ("a.pdf", PDF)}) == document.said(document.CREATED, result="1")


def test_who_may_read_the_ticket_s_record_fetches_its_files(
    desk: Desk, alice: Member, bob: Member, charlie: Member, form: CustomForm, flow: Flow
) -> None:
    desk.form({**CREATE, "files_item": '["papers"]'}, {"files": ("a.pdf", PDF), "papers": ("b.txt", b"b")})
    attached, held = StoredFile.objects.order_by("id")
    token, limited = make_token(bob)
    token.restricted = True
    token.save()
    for who, expected in ((alice, [PDF, b"b"]), (bob, [PDF, b"b"]), (charlie, [404, 404])):
        assert [fetched(Api(make_token(who)[1]), row) for row in (attached, held)] == expected
    assert [fetched(Api(limited), row) for row in (attached, held)] == [404, 404]
    user = User.objects.create_user("bob", is_staff=True)
    bob.user = user
    bob.save()
    browser = Api(None)
    assert fetched(browser, attached) == 401
    browser.client = Client(raise_request_exception=False)
    browser.client.handler = HANDLER
    browser.client.force_login(user)
    assert fetched(browser, attached) == PDF
