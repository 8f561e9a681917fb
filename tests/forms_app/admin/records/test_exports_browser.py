"""The page of exports in a browser: a file becomes ready without a reload, on a desktop and on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from forms_app.models import CustomForm, ExportJob, Member
from tests.accounts import administrator
from tests.factories import make_entity
from tests.forms_app.admin.people.test_people_browser import looked_at
from tests.forms_app.admin.records.test_records_browser import open_list
from tests.forms_app.exporting.files import table
from tests.jobs import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def listed(page: Page, form: CustomForm, people: dict[int, Member]) -> Page:
    """The page of Alice's three customers."""
    alice = administrator(people[1])
    alice.user = get_user_model()._default_manager.get(username="designer")
    alice.save()
    for n in range(3):
        make_entity(form, alice, title=f"客户 {n}", amount=n)
    open_list(page, form)
    return page


def test_a_file_is_asked_for_and_becomes_ready_without_a_reload(listed: Page, form: CustomForm, tmp_path: Path) -> None:
    listed.locator(".fr-columns summary").last.click()
    assert looked_at(listed) == []
    listed.locator(".fr-later button[value=csv]").click()
    row = listed.locator(".fr-exports tbody tr")
    expect(row.locator(".fa-state")).to_have_attribute("data-colour", "")
    expect(listed.locator("[data-told]")).to_be_empty()
    ExportJob.objects.of_form(form.pk).update(state="running", rows=1, total=3)
    expect(row.locator("progress")).to_have_attribute("value", "1")
    assert looked_at(listed) == []
    row.locator(".fr-do button").focus()
    listed.evaluate("document.body.dataset.loaded = 'once'")
    run_jobs("exports")
    expect(row.locator(".fa-state")).to_have_attribute("data-colour", "good")
    expect(listed.locator("[data-told]")).not_to_be_empty()
    expect(row.locator(".fr-do button")).to_be_focused()
    assert listed.evaluate("document.body.dataset.loaded") == "once"
    assert looked_at(listed) == []
    with listed.expect_download() as download:
        row.locator("a[download]").click()
    assert download.value.suggested_filename == "客户.csv"
    assert len(table(Path(download.value.path()).read_bytes())) == 4
    row.locator(".fr-do button").click()
    expect(listed.locator(".fr-nothing")).to_be_visible()
