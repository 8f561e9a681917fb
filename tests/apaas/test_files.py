"""POST files and GET files/:token: uploading a file for a file field, and fetching it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django import Settings

from apaas.viewsets import files
from forms_app.models import CustomForm, Member, StoredFile
from tests import disks
from tests.apaas.conftest import Api, address, parsed
from tests.factories import add_field, make_token

CONTENT = b"%PDF-\x00\xff\x01<script>"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


def form_data(name: str = "合同.pdf", content: bytes = CONTENT, kind: str = "application/pdf", **more: Any) -> bytes:
    return encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, content, kind), **more})


def upload(api: Api, raw: bytes | None = None, path: str = "files", **kwargs: Any) -> Any:
    return api.ok("POST", path, raw=form_data() if raw is None else raw, CONTENT_TYPE=MULTIPART_CONTENT, **kwargs)


def fetched(api: Api, url: str) -> bytes:
    response = api.call("GET", url)
    assert isinstance(response, FileResponse), response
    return b"".join(response)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["files", "files/"])
def test_it_gives_one_item_for_a_file_field(api: Api, path: str) -> None:
    item = upload(api, path=path)
    assert list(item) == ["id", "name", "file_file_name", "file_content_type", "file_file_size", "file_url"]
    assert (item["name"], item["file_content_type"], item["file_file_size"]) == ("合同.pdf", "application/pdf", 16)
    assert fetched(api, item["file_url"]) == CONTENT


def test_it_comes_back_as_a_download_and_never_as_a_page(api: Api) -> None:
    item = upload(api, form_data("a'\"\r\n../../x<b>.html", kind="text/html"))
    response = api.call("GET", item["file_url"])
    response.close()
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert "/" not in response["Content-Disposition"].partition("''")[2]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Content-Length"] == "16"


def test_who_may_read_a_record_that_holds_it_may_fetch_it(
    api: Api, stranger: Api, limited: Api, form: CustomForm, other_form: CustomForm, bob: Member
) -> None:
    add_field(form, "papers", "file_field")
    add_field(other_form, "papers", "file_field")
    colleague = Api(make_token(bob)[1])
    elsewhere = Api(make_token(bob, custom_forms=[other_form])[1])
    item = upload(api)
    for who in (colleague, stranger, elsewhere):
        who.refused("GET", item["file_url"], status=404)
    record_id = api.ok("POST", address(form), {"form_entity": {"papers": [item]}})["id"]
    assert fetched(colleague, item["file_url"]) == CONTENT
    for who in (stranger, elsewhere):
        who.refused("GET", item["file_url"], status=404)
    api.ok("PUT", address(form, str(record_id)), {"form_entity": {"papers": None}})
    colleague.refused("GET", item["file_url"], status=404)
    assert fetched(api, item["file_url"]) == CONTENT
    assert fetched(limited, item["file_url"]) == CONTENT


def test_charlie_cannot_put_a_file_of_others_into_a_record(stranger: Api, api: Api, form: CustomForm) -> None:
    add_field(form, "papers", "file_field")
    item = upload(stranger)
    body = {"form_entity": {"papers": [item]}}
    assert api.faults("POST", address(form), body) == [("papers", "unknown_file", 0)]


def test_a_read_only_token_may_not_upload(reader: Api) -> None:
    answer = reader.refused("POST", "files", raw=form_data(), CONTENT_TYPE=MULTIPART_CONTENT, status=403)
    assert [fault["code"] for fault in answer["errors"]] == ["read_only_token"]
    assert StoredFile.objects.count() == 0


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_another_media_type_is_refused(api: Api, kind: str) -> None:
    answer = api.refused("POST", "files", raw=b"{}", CONTENT_TYPE=kind, status=415)
    assert [(f["field"], f["code"]) for f in answer["errors"]] == [("Content-Type", "unsupported_media_type")]
    assert answer["errors"][0]["allowed"] == ["multipart/form-data"]


def test_what_is_missing_or_unknown_is_named_at_once(api: Api) -> None:
    raw = encode_multipart(BOUNDARY, {"other": SimpleUploadedFile("a.txt", b"x"), "note": "x"})
    faults = api.faults("POST", "files?page=1", raw=raw, CONTENT_TYPE=MULTIPART_CONTENT)
    assert sorted(faults) == [
        ("file", "required", None),
        ("note", "unknown_parameter", None),
        ("other", "unknown_parameter", None),
        ("page", "unknown_parameter", None),
    ]
    two = encode_multipart(BOUNDARY, {"file": [SimpleUploadedFile("a", b"x"), SimpleUploadedFile("b", b"y")]})
    assert api.faults("POST", "files", raw=two, CONTENT_TYPE=MULTIPART_CONTENT) == [("file", "required", None)]
    assert StoredFile.objects.count() == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"no multipart",
        b"--BoUnDaRyStRiNg\r\n",
        form_data()[:-40],
        b'--BoUnDaRyStRiNg\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--BoUnDaRyStRiNg--\r\n',
        b'--BoUnDaRyStRiNg\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\nx\r\n'
        b"--BoUnDaRyStRiNg--\r\n",
    ],
)
def test_a_body_that_is_no_upload_is_refused(api: Api, raw: bytes) -> None:
    response = api.call("POST", "files", raw=raw, CONTENT_TYPE=MULTIPART_CONTENT)
    assert response.status_code in (200, 400), parsed(response)
    assert StoredFile.objects.count() == (1 if response.status_code == 200 else 0)
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\x00"):
        assert api.call("POST", "files", raw=raw, CONTENT_TYPE=kind).status_code == 400


def test_hostile_names_and_types_are_kept_harmless(api: Api) -> None:
    for name in ("..", "/etc/passwd", "a\x00b", "x" * 300, " ", "\u202egnp.exe", "a\r\nb"):
        raw = form_data("PLACE", kind="a/b").replace(b"PLACE", name.encode())
        response = api.call("POST", "files", raw=raw, CONTENT_TYPE=MULTIPART_CONTENT)
        assert response.status_code in (200, 400), (name, parsed(response))
        if response.status_code == 200:
            shown = parsed(response)["data"]["name"]
            assert shown
            assert len(shown) <= 255
            assert not set(shown) & set("/\\\x00\r\n\u202e"), name
    for kind in (b"a\x00b/c", b"\xff\xfe", b"x" * 400, b"text/html; charset=\x00"):
        raw = form_data(kind="KIND/KIND").replace(b"KIND/KIND", kind)
        response = api.call("POST", "files", raw=raw, CONTENT_TYPE=MULTIPART_CONTENT)
        assert response.status_code in (200, 400), (kind, parsed(response))


def test_a_file_over_the_limit_is_too_large(api: Api, settings: Settings) -> None:
    settings.MAX_FILE_BYTES = 10
    answer = api.refused("POST", "files", raw=form_data(), CONTENT_TYPE=MULTIPART_CONTENT, status=413)
    assert [(f["code"], f["allowed"]) for f in answer["errors"]] == [("file_too_large", 10)]
    assert StoredFile.objects.count() == 0


def test_a_body_that_announces_too_much_is_refused_before_it_is_kept(
    api: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SURROUNDING", 100)
    settings.MAX_FILE_BYTES = 10
    for chunked in ({}, {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}):
        stream = BytesIO(form_data(content=b"x" * 3_000_000))
        kwargs: Any = {**chunked, "wsgi.input": stream}
        answer = api.refused(
            "POST", "files", raw=stream.getvalue(), CONTENT_TYPE=MULTIPART_CONTENT, status=413, **kwargs
        )
        assert [(f["field"], f["code"], f["allowed"]) for f in answer["errors"]] == [("file", "file_too_large", 10)]
        assert stream.read() == b""
    assert StoredFile.objects.count() == 0


def test_a_chunked_upload_is_read(api: Api) -> None:
    kwargs: Any = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": BytesIO(form_data())}
    assert fetched(api, upload(api, **kwargs)["file_url"]) == CONTENT


def test_text_parts_over_the_limit_are_too_large(api: Api, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    raw = form_data(note="x" * 500)
    answer = api.refused("POST", "files", raw=raw, CONTENT_TYPE=MULTIPART_CONTENT, status=413)
    assert answer["errors"]


def test_too_many_parts_are_too_large(api: Api) -> None:
    for raw in (
        form_data(**{f"n{n}": "x" for n in range(1100)}),
        encode_multipart(BOUNDARY, {f"f{n}": SimpleUploadedFile("a", b"x") for n in range(120)}),
    ):
        answer = api.refused("POST", "files", raw=raw, CONTENT_TYPE=MULTIPART_CONTENT, status=413)
        assert answer["errors"]


@pytest.mark.parametrize("token", ["0" * 32, "abc", "x-" * 40])
def test_an_unknown_file_is_not_found(api: Api, token: str) -> None:
    answer = api.refused("GET", f"files/{token}", status=404)
    assert [fault["code"] for fault in answer["errors"]] == ["unknown_file"]


def test_unknown_parameters_of_a_download_are_refused(api: Api) -> None:
    item = upload(api)
    assert api.faults("GET", item["file_url"] + "?x=1") == [("x", "unknown_parameter", None)]


@pytest.mark.parametrize(("method", "path"), [("GET", "files"), ("PUT", "files"), ("DELETE", "files/" + "0" * 32)])
def test_other_methods_are_refused(api: Api, method: str, path: str) -> None:
    response = api.call(method, path)
    assert (response.status_code, bool(response["Allow"])) == (405, True)


def test_a_full_disk_is_told_and_nothing_is_left(
    api: Api, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        disks.fill(full)
        answer = api.refused("POST", "files", raw=form_data(), CONTENT_TYPE=MULTIPART_CONTENT, status=507)
        assert [(fault["field"], fault["code"]) for fault in answer["errors"]] == [("file", "disk_full")]
    with monkeypatch.context() as full:
        disks.fill_waiting_room(full, settings)
        assert not api.refused("POST", "files", raw=form_data(), CONTENT_TYPE=MULTIPART_CONTENT, status=507)["errors"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not StoredFile.objects.exists()
    assert fetched(api, upload(api)["file_url"]) == CONTENT
