"""Uploaded files: kept under no name of a client's, fetched by who may read a record that holds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import InterfaceError, InternalError, OperationalError
from django.utils import timezone

from forms_app.exceptions import DiskFull, NotFound, Refused, TooLarge
from forms_app.files import storing
from forms_app.files.storing import Upload, file_item, file_store, shown_name, with_files
from forms_app.models import CustomForm, FileUse, Flow, FlowVersion, Member, StoredFile, Ticket, TicketAttachment
from forms_app.records.writes import entity_mass_destroy, entity_update
from forms_app.tickets.sight import file_for
from tests import disks
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.worlds import shown_of, stored_of


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    storages = dict(settings.STORAGES)
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = storages


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"text": "text_field", "files": "file_field"})


def upload(member: Member, name: str = "合同.pdf", content: bytes = b"%PDF-") -> StoredFile:
    return file_store(content=ContentFile(content), name=name, actor=actor_of(member))


def seen_by(stored: StoredFile, member: Member, **limits: Any) -> bool:
    try:
        return file_for(token=stored.token, actor=actor_of(member, **limits)) == stored
    except NotFound:
        return False


def test_a_file_is_kept_under_no_name_of_a_client(alice: Member, tmp_path: Path) -> None:
    stored = upload(alice, name="../../etc/合同.pdf")
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept.name == stored.token
    assert kept.read_bytes() == b"%PDF-"
    assert (stored.name, stored.size, stored.content_type) == ("合同.pdf", 5, "application/pdf")
    assert str(stored) == "合同.pdf"
    assert len(stored.token) == 32


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.pdf", "a.pdf"),
        ("C:\\docs\\a.pdf", "a.pdf"),
        ("/etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        (" .a. ", "a"),
        ("x" * 300 + ".pdf", "x" * 255),
        ("a\u202egpj.exe", "agpj.exe"),
    ],
)
def test_a_file_is_shown_by_the_last_part_of_its_name(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_file_over_the_limit_is_refused_whole(alice: Member, settings: Any, tmp_path: Path) -> None:
    settings.MAX_FILE_BYTES = 4
    with pytest.raises(TooLarge) as refused:
        upload(alice)
    assert [(fault.code, fault.allowed, fault.got) for fault in refused.value.faults] == [("file_too_large", 4, 5)]
    assert not StoredFile.objects.exists()
    assert not list(tmp_path.iterdir())
    assert upload(alice, content=b"1234").size == 4
    assert upload(alice, content=b"").content_type == "application/octet-stream"


@pytest.mark.parametrize("write_fails", [Refused(), RuntimeError("bug"), OperationalError("the database went away")])
def test_what_is_refused_leaves_no_row_and_no_byte(alice: Member, tmp_path: Path, write_fails: Exception) -> None:
    seen: list[Any] = []

    def write(stored: Any) -> None:
        seen.extend((row.pk, row.content.size) for row in stored)
        raise write_fails

    uploads = [Upload(ContentFile(b"one"), "a"), Upload(ContentFile(b"three"), "b")]
    with pytest.raises(type(write_fails)):
        with_files(uploads=uploads, actor=actor_of(alice), write=write)
    assert [size for _pk, size in seen] == [3, 5]
    assert all(pk for pk, _size in seen)
    assert not StoredFile.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("lost", [OperationalError, InterfaceError, InternalError])
def test_where_the_answer_of_the_commit_is_lost_the_bytes_stay(
    alice: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: type[Exception]
) -> None:
    """The rows may be there. (InternalError: a pooler that lost its server.)"""

    @contextmanager
    def atomic() -> Iterator[None]:
        yield
        raise lost("received 2 results from command 'COMMIT'")

    monkeypatch.setattr(storing.transaction, "atomic", atomic)
    with pytest.raises(lost):
        with_files(uploads=[Upload(ContentFile(b"one"), "a")], actor=actor_of(alice), write=len)
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"one"]


def test_a_full_disk_keeps_no_row_and_no_byte_of_any_file(
    alice: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks.fill(monkeypatch, after=1)
    uploads = [Upload(ContentFile(b"one"), "a"), Upload(ContentFile(b"three"), "b", "papers", 4)]
    with pytest.raises(DiskFull) as full:
        with_files(uploads=uploads, actor=actor_of(alice), write=len)
    assert [(fault.field, fault.index, fault.code) for fault in full.value.faults] == [("papers", 4, "disk_full")]
    assert not StoredFile.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_program_is_refused_whatever_it_is_called(alice: Member, settings: Any, tmp_path: Path) -> None:
    for content in (b"MZ\x90\0\x03", b"\x7fELF\x02\x01"):
        with pytest.raises(Refused) as refused:
            upload(alice, name="a.txt", content=content)
        assert [(fault.field, fault.code) for fault in refused.value.faults] == [("file", "content_type_refused")]
    settings.FILE_TYPES = ["image/*"]
    with pytest.raises(Refused):
        upload(alice)
    assert not list(tmp_path.iterdir())
    assert upload(alice, content=b"GIF89a\0\1").content_type == "image/gif"


def test_who_sees_the_form_of_a_ticket_fetches_its_attachments(
    form: CustomForm, alice: Member, bob: Member, charlie: Member
) -> None:
    stored = upload(alice)
    flow = Flow.objects.create(custom_form=form, name="f")
    version = FlowVersion.objects.create(flow=flow, number=1, definition={})
    now = timezone.now()
    ticket = Ticket.objects.create(
        custom_form=form, organization_id=alice.organization_id, flow=flow, flow_version=version, entity_id=1,
        data_no=1, creator_uid=1, created_at=now, updated_at=now,
    )  # fmt: skip
    TicketAttachment.objects.create(custom_form=form, ticket=ticket, stored_file=stored, uid=1, created_at=now)
    assert seen_by(stored, bob)
    assert not seen_by(stored, bob, form_ids=frozenset())
    assert not seen_by(stored, charlie)


def test_a_record_holds_a_file_and_whoever_reads_it_fetches_it(
    form: CustomForm, alice: Member, bob: Member, charlie: Member
) -> None:
    stored = upload(alice)
    assert seen_by(stored, alice)
    assert not seen_by(stored, bob)  # not before a record holds it
    record_id = make_entity(form, bob, files=[file_item(stored)])
    assert shown_of(form, record_id, bob)["files"] == [file_item(stored)]
    assert seen_by(stored, bob)
    assert not seen_by(stored, bob, form_ids=frozenset())
    assert not seen_by(stored, charlie)
    entity_update(schema=schema_of(form), record_id=record_id, values={"files": None}, actor=actor_of(bob))
    assert not seen_by(stored, bob)
    entity_update(
        schema=schema_of(form), record_id=record_id, values={"files": [file_item(stored)] * 2}, actor=actor_of(bob)
    )
    assert seen_by(stored, bob)
    assert FileUse.objects.count() == 1
    form.status = "disable"
    form.save()
    assert not seen_by(stored, bob)
    form.status = "enable"
    form.save()
    entity_mass_destroy(schema=schema_of(form), ids=[record_id], actor=actor_of(bob))
    assert not seen_by(stored, bob)


def test_a_file_s_address_in_a_text_lets_nobody_in(form: CustomForm, alice: Member, bob: Member) -> None:
    stored = upload(alice)
    make_entity(form, bob, text=file_item(stored)["file_url"])
    assert not seen_by(stored, bob)


def test_another_organization_s_file_cannot_be_attached(form: CustomForm, alice: Member, charlie: Member) -> None:
    stored = upload(charlie)
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, files=[{"name": "a", "file_url": "https://example.com/a"}, file_item(stored)])
    assert [(fault.code, fault.index) for fault in refused.value.faults] == [("unknown_file", 1)]
    assert not FileUse.objects.exists()


def test_a_file_that_is_gone_may_stay_in_its_record(form: CustomForm, alice: Member) -> None:
    stored = upload(alice)
    item = file_item(stored)
    record_id = make_entity(form, alice, files=[item])
    stored.delete()
    entity_update(schema=schema_of(form), record_id=record_id, values={"files": [item]}, actor=actor_of(alice))
    assert stored_of(form, record_id)["files"] == [item]
    with pytest.raises(Refused):
        make_entity(form, alice, files=[item])


@pytest.mark.parametrize("token", ["", "0" * 32, "../x"])
def test_an_unknown_file_is_not_found(alice: Member, token: str) -> None:
    with pytest.raises(NotFound):
        file_for(token=token, actor=actor_of(alice))


@pytest.mark.parametrize(
    ("setting", "item", "code"),
    [
        ({"max_files": 1}, {}, "too_many_files"),
        ({"extensions": ["JPG"]}, {"name": "a.pdf"}, "wrong_file_type"),
        ({"extensions": ["JPG"]}, {"name": "a.pdf", "file_file_name": "jpg"}, "wrong_file_type"),
        ({"max_bytes": 3}, {"file_file_size": 4}, "file_too_large"),
        ({}, {"id": [1]}, "wrong_id"),
        ({}, {"id": "x" * 65}, "wrong_id"),
        ({}, {"file_content_type": 5}, "wrong_name"),
        ({}, {"file_url": "https://example.com/a\u2028b"}, "wrong_url"),
        ({}, {"file_url": "HTTPS:///a"}, "wrong_url"),
    ],
)
def test_a_field_says_which_files_it_takes(
    custom_app: Any, alice: Member, setting: dict[str, Any], item: dict[str, Any], code: str
) -> None:
    form = make_form(custom_app, {"files": ("file_field", setting)})
    good = {"name": "a.jpg", "file_url": "https://example.com/a"}
    make_entity(form, alice, files=[good])
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, files=[{**good, **item}] * 2)
    assert {fault.code for fault in refused.value.faults} == {code}
