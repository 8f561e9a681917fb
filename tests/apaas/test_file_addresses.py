"""`file_url` with PUBLIC_URL and FILE_URL_SECONDS: absolute, and good without a token for a while."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from forms_app.field_types import _file_addresses
from forms_app.models import CustomForm, FormEntity, StoredFile
from tests.apaas.conftest import Api, address
from tests.apaas.test_files import CONTENT, fetched, upload
from tests.factories import add_field

HOST = "https://forms.example.org"
NOBODY = Api(None)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def public(settings: Settings) -> None:
    settings.PUBLIC_URL = HOST


@pytest.fixture
def signed(settings: Settings) -> None:
    settings.FILE_URL_SECONDS = 600


def path(item: dict[str, Any]) -> str:
    url: str = item["file_url"]
    return url.removeprefix(HOST)


def stored(form: CustomForm) -> list[str]:
    (entity,) = FormEntity.objects.filter(custom_form_id=form.pk)
    return [item["file_url"] for item in entity.data["papers"]]


def test_it_is_absolute_where_the_product_knows_its_name(public: None, api: Api, form: CustomForm) -> None:
    add_field(form, "papers", "file_field")
    item = upload(api)
    assert re.fullmatch(HOST + r"/apaas/api/v2/files/[0-9a-f]{32}", item["file_url"])
    elsewhere = {"name": "a", "file_url": "https://files.example.com/a"}
    record = api.ok("POST", address(form), {"form_entity": {"papers": [item, elsewhere]}})
    assert record["papers"] == [item, elsewhere]
    assert api.ok("GET", address(form, str(record["id"])))["papers"] == [item, elsewhere]
    assert stored(form) == [path(item), "https://files.example.com/a"]
    assert fetched(api, path(item)) == CONTENT
    NOBODY.refused("GET", path(item), status=401)


def test_what_was_read_can_be_sent_back_and_changes_nothing(
    public: None, signed: None, api: Api, form: CustomForm
) -> None:
    add_field(form, "papers", "file_field")
    record = api.ok("POST", address(form), {"form_entity": {"papers": [upload(api)]}})
    again = api.ok("PUT", address(form, str(record["id"])), {"form_entity": {"papers": record["papers"]}})
    assert again["updated_at"] == record["updated_at"]
    assert re.fullmatch(r"/apaas/api/v2/files/[0-9a-f]{32}", stored(form)[0])


@pytest.mark.parametrize("form_of", ["plain", "absolute", "signed"])
def test_a_file_of_ours_must_exist_however_its_address_is_written(
    public: None, signed: None, api: Api, form: CustomForm, form_of: str
) -> None:
    add_field(form, "papers", "file_field")
    url = _file_addresses.shown_address("0" * 32)
    wanted = {"signed": url, "absolute": url.partition("?")[0], "plain": url.partition("?")[0].removeprefix(HOST)}
    body = {"form_entity": {"papers": [{"name": "a", "file_url": wanted[form_of]}]}}
    assert api.faults("POST", address(form), body) == [("papers", "unknown_file", 0)]


def test_a_signed_address_needs_no_token_until_its_time(
    signed: None, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = upload(api)
    assert fetched(NOBODY, path(item)) == CONTENT
    assert fetched(api, path(item)) == CONTENT
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert NOBODY.faults("GET", path(item), status=404) == [("signature", "wrong_signature", None)]
    assert fetched(api, path(item)) == CONTENT, "who may read it by token still may"


def test_what_was_not_signed_opens_nothing(signed: None, api: Api) -> None:
    first, second = path(upload(api)), path(upload(api))
    plain, _mark, query = first.partition("?")
    until = int(query.partition("=")[2].partition("&")[0])
    wrong = [
        f"{second.partition('?')[0]}?{query}",
        first.replace(f"until={until}", f"until={until + 1}"),
        first.replace(f"until={until}&", ""),
        first[:-1] + ("0" if first[-1] != "0" else "1"),
        f"{plain}?until={until}&signature=",
        f"{plain}?until={until}&signature=华",
    ]
    for url in wrong:
        assert ("signature", "wrong_signature", None) in NOBODY.faults("GET", url, status=404), url
    NOBODY.refused("GET", plain, status=401)
    NOBODY.refused("GET", f"{plain}?until={until}", status=401)
    assert NOBODY.faults("GET", first + "&x=1") == [("x", "unknown_parameter", None)]


def test_a_file_that_is_gone_is_not_found(signed: None, api: Api) -> None:
    url = path(upload(api))
    StoredFile.objects.all().delete()
    NOBODY.refused("GET", url, status=404)
