"""Members and departments as sheets: what is exported can be edited and imported, after a preview."""

from __future__ import annotations

import csv
import io
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from forms_app.admin.people import sheet_formats
from forms_app.files.previews import previews_remove
from forms_app.models import Department, Member
from forms_app.people.role_documents import role_save
from tests.apaas.conftest import administer
from tests.apaas.test_tokens_by_api import only_role
from tests.factories import UserFactory, system_of

MEMBERS, DEPARTMENTS = "member", "department"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path / "files")}}
    settings.STORAGES = {**settings.STORAGES, "default": own}


def signed_in(member: Member | None, **kwargs: bool) -> Client:
    account = UserFactory(is_superuser=True, **kwargs)
    if member is not None:
        member.user = account
        member.save()
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(account)
    return client


@pytest.fixture
def admin(alice: Member) -> Client:
    administer(alice)
    return signed_in(alice)


def address(model: str, name: str) -> str:
    return reverse(f"admin:forms_app_{model}_{name}")


def uploaded(client: Client, model: str, content: bytes, end: str = "csv") -> HttpResponse:
    """The preview of a file."""
    file = SimpleUploadedFile(f"people.{end}", content)
    number = {"csv": "0", "xlsx": "1"}[end]
    return client.post(address(model, "import"), {"import_file": file, "format": number, "resource": "0"})


def confirmed(client: Client, model: str, preview: HttpResponse) -> HttpResponse:
    text = preview.content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert "import_file_name" in fields, text
    fields.pop("csrfmiddlewaretoken", None)
    return client.post(address(model, "process_import"), fields)


def exported(client: Client, model: str, end: str = "csv") -> HttpResponse:
    response = client.get(address(model, f"export_{end}"))
    assert response.status_code == 200, response
    return response


def rows(response: HttpResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def sheet(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def test_what_is_exported_can_be_imported_again(admin: Client, people: dict[int, Member]) -> None:
    Member.objects.filter(pk=people[2].pk).update(name="=SUM(1)", phone="+86 139")
    response = exported(admin, MEMBERS)
    found = rows(response)
    assert [row["full name"] for row in found] == ["member 1", "'=SUM(1)", "member 3", "member 4"]
    assert found[0] | {"third-party id": ""} == {
        "user id (uid)": "1",
        "third-party id": "",
        "full name": "member 1",
        "phone": "",
        "departments (did)": "1",
        "active": "yes",
        "successor (uid)": "",
    }
    preview = uploaded(admin, MEMBERS, response.content)
    assert preview.content.decode().count("<td>unchanged</td>") == 4
    for end in ("csv", "xlsx"):
        for model in (MEMBERS, DEPARTMENTS):
            preview = uploaded(admin, model, exported(admin, model, end).content, end)
            text = preview.content.decode()
            assert "<td>unchanged</td>" in text and "<td>changed</td>" not in text, text


def test_a_preview_writes_nothing_and_the_confirmation_does(admin: Client, people: dict[int, Member]) -> None:
    content = sheet(
        "uid,third_userid,name,phone,departments",
        "2,,Bob,,1、3",
        ",zhang,张三,139,4",
        ",,New One,,",
    )
    preview = uploaded(admin, MEMBERS, content)
    text = preview.content.decode()
    assert text.count("<td>changed</td>") == 1 and text.count("<td>new</td>") == 2
    assert Member.objects.filter(organization=people[1].organization).count() == 4
    assert Member.objects.get(pk=people[2].pk).name == "member 2"
    assert confirmed(admin, MEMBERS, preview).status_code == 302
    people[2].refresh_from_db()
    assert people[2].name == "Bob"
    assert set(people[2].departments.values_list("did", flat=True)) == {1, 3}
    made = Member.objects.get(third_userid="zhang")
    assert (made.uid, made.phone, list(made.departments.values_list("did", flat=True))) == (5, "139", [4])
    assert Member.objects.get(name="New One").uid == 6


def test_departments_are_imported_with_those_above(admin: Client, people: dict[int, Member]) -> None:
    content = sheet("third_dept_id,name,third_parent_id,parent_did", "b,B,a,", "a,A,,1")
    assert confirmed(admin, DEPARTMENTS, uploaded(admin, DEPARTMENTS, content)).status_code == 302
    made = Department.objects.get(third_dept_id="b")
    assert made.parent is not None and made.parent.parent is not None
    assert (made.parent.name, made.parent.parent.did) == ("A", 1)


def test_a_sheet_of_a_chinese_spreadsheet_is_read(admin: Client) -> None:
    confirmed(admin, MEMBERS, uploaded(admin, MEMBERS, "third_userid,name\nz,张三\n".encode("gb18030")))
    assert Member.objects.get(third_userid="z").name == "张三"


def test_wrong_rows_are_told_and_nothing_is_imported(admin: Client, people: dict[int, Member]) -> None:
    content = sheet("uid,name,departments,is_active", "2,Bob,99,", "77,x,,", "3,,,perhaps", "4,fine,,")
    text = uploaded(admin, MEMBERS, content).content.decode()
    assert "import_file_name" not in text
    assert "departments (did): There is no such department." in text
    assert "user id (uid): There is no member with uid 77." in text
    assert "active: Expected true or false." in text
    assert ">fine<" not in text
    text = uploaded(admin, MEMBERS, sheet("name,colour", "x,red")).content.decode()
    assert "There is no column of this name: colour." in text


@pytest.mark.parametrize(
    ("content", "end", "said"),
    [
        (b"\xff\xfe\x00", "csv", "neither in UTF-8"),
        (b"no workbook", "xlsx", ""),
        (b"name\nx,y\n", "csv", "has a cell without a heading"),
    ],
)
def test_a_file_that_is_none_is_refused(admin: Client, content: bytes, end: str, said: str) -> None:
    response = uploaded(admin, MEMBERS, content, end)
    assert response.status_code == 200
    text = response.content.decode()
    assert "ro-fault" in text and said in text and "import_file_name" not in text


def test_a_sheet_has_at_most_so_many_rows(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_formats, "MOST_ROWS", 2)
    for count, fits in ((2, True), (3, False)):
        text = uploaded(admin, MEMBERS, sheet("name", *["x"] * count)).content.decode()
        assert ("import_file_name" in text) == fits


def test_only_who_manages_people_imports_and_exports(alice: Member, bob: Member, charlie: Member) -> None:
    plain = signed_in(bob)
    for model in (MEMBERS, DEPARTMENTS):
        assert plain.get(address(model, "import")).status_code == 403
        assert plain.post(address(model, "process_import")).status_code == 403
        assert plain.get(address(model, "export_csv")).status_code in (302, 403)
        assert plain.get(address(model, "export")).status_code in (302, 403, 404)
    administer(charlie)
    theirs = signed_in(charlie)
    assert [row["full name"] for row in rows(exported(theirs, MEMBERS))] == ["Charlie"]
    confirmed(theirs, MEMBERS, uploaded(theirs, MEMBERS, sheet("uid,name", "1,Mine")))
    alice.refresh_from_db()
    charlie.refresh_from_db()
    assert (alice.name, charlie.name) == ("member 1", "Mine")
    operator = signed_in(None)
    assert operator.get(address(MEMBERS, "import")).status_code == 403
    assert len(rows(exported(operator, MEMBERS))) == 5


def test_nobody_is_imported_to_where_roles_give_more(alice: Member, people: dict[int, Member]) -> None:
    organization_id = alice.organization_id
    only_role(organization_id, name="clerk", members=[1], grants=[{"verbs": ["people"]}])
    values = {"name": "boss", "departments": [3], "grants": [{"verbs": ["read"]}]}
    role_save(organization_id=organization_id, values=values, actor=system_of(organization_id))
    clerk = signed_in(alice)
    text = uploaded(clerk, MEMBERS, sheet("uid,departments", "2,3")).content.decode()
    assert "more than you have yourself" in text and "import_file_name" not in text
    # Nor does one change by which number another system knows somebody who may do more.
    text = uploaded(clerk, MEMBERS, sheet("uid,third_userid", "3,mine")).content.decode()
    assert "more than you have yourself" in text
    assert not Member.objects.filter(third_userid="mine").exists()


def test_a_workbook_holds_texts_alone(admin: Client, people: dict[int, Member], tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for number, line in enumerate((["uid", "name"], [2, "007"])):
            page.write_row(number, 0, line)
    confirmed(admin, MEMBERS, uploaded(admin, MEMBERS, path.read_bytes(), "xlsx"))
    people[2].refresh_from_db()
    assert people[2].name == "007"


def kept(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_sheet_is_kept_until_it_is_confirmed_or_a_day_has_passed(
    admin: Client, people: dict[int, Member], tmp_path: Path
) -> None:
    content = sheet("uid,name", "2,Bob")
    confirmed(admin, MEMBERS, uploaded(admin, MEMBERS, content))
    previews_remove()  # where nothing is kept
    assert kept(tmp_path) == [] and Member.objects.get(pk=people[2].pk).name == "Bob"
    preview = uploaded(admin, MEMBERS, content)
    uploaded(admin, MEMBERS, sheet("uid,name", "99,Nobody"))  # refused, so that there is nothing to confirm
    previews_remove()
    assert len(kept(tmp_path)) == 2
    for hours, left in ((23, 2), (25, 0)):
        for path in kept(tmp_path):
            os.utime(path, (time.time() - hours * 3600,) * 2)
        previews_remove()
        assert len(kept(tmp_path)) == left
    answer = confirmed(admin, MEMBERS, preview)
    assert (answer.status_code, answer["Location"]) == (302, address(MEMBERS, "import"))


@pytest.mark.parametrize("name", ["../secret", "secret", "", "/etc/passwd", "x" * 32 + "/", "A" * 32, "a" * 31 + "\0"])
def test_only_the_names_of_sheets_are_read(admin: Client, tmp_path: Path, name: str) -> None:
    (tmp_path / "files" / "previews").mkdir(parents=True)
    for place in ("secret", "previews/secret"):
        (tmp_path / "files" / place).write_text("uid,name\n2,Bob")
    fields = {"import_file_name": name, "original_file_name": "a.csv", "format": "0", "resource": "0"}
    answer = admin.post(address(MEMBERS, "process_import"), fields)
    assert answer.status_code in (200, 302) and len(kept(tmp_path)) == 2
    assert not Member.objects.filter(name="Bob").exists()
