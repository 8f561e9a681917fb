"""Exports in the background: asked for on the records page, made with the rights of then, fetched by who asked."""

from __future__ import annotations

import errno
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from forms_app.admin.records.exporting import export_of
from forms_app.exporting import background
from forms_app.exporting.background import export_forget, exports_purge
from forms_app.exporting.export import Export, ExportTooSlow
from forms_app.models import CustomForm, ExportJob, Member
from tests.accounts import linked, only
from tests.forms_app.admin.records.lists import page
from tests.forms_app.admin.records.test_columns import choose
from tests.forms_app.exporting.files import table
from tests.jobs import run_jobs

State = ExportJob.State


@pytest.fixture
def client(records: list[int], alice: Member) -> Client:
    return linked(Client(), alice, "read", "export")


def url(form: CustomForm, what: str = "exports", *args: Any) -> str:
    return reverse(f"admin:forms_app_customform_record_{what}", args=[form.pk, *args])


def ask(client: Client, form: CustomForm, **asked: str) -> ExportJob:
    response = client.post(url(form), {"format": "csv", **asked})
    assert response.status_code == 302 and response["Location"] == url(form)
    return job_of(form)


def job_of(form: CustomForm) -> ExportJob:
    job = ExportJob.objects.of_form(form.pk).order_by("-made_at").first()
    assert job is not None
    return job


def make(form: CustomForm, **options: Any) -> ExportJob:
    run_jobs("exports", **options)
    return job_of(form)


def fetched(client: Client, job: ExportJob, form: CustomForm) -> list[list[str]]:
    response: Any = client.get(url(form, "export_file", job.token))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "attachment" in response["Content-Disposition"]
    return table(b"".join(response.streaming_content))


def test_the_file_is_the_list_as_it_was_asked_for(
    client: Client, form: CustomForm, records: list[int], tmp_path: Any
) -> None:
    choose(client, form, "amount", "title")
    ask(client, form, o="-amount", f1="amount", **{"f1.op": "gte", "f1.v": "27", "p": "3"})
    waiting = client.get(url(form)).content.decode()
    assert 'data-unfinished="1"' in waiting and "/file/" not in waiting
    choose(client, form, "title")  # what is chosen later is of later lists
    job = make(form)
    assert (job.state, job.rows, job.total, job.file_name) == (State.DONE, 3, 3, "客户.csv")
    assert job.size == default_storage.size(job.path)
    heading, *rows = fetched(client, job, form)
    assert heading == ["#record'", "label of amount", "label of title"]
    assert [row[2] for row in rows] == ["客户 29", "客户 28", "客户 27"]
    assert 'data-unfinished="0"' in client.get(url(form, "export_rows")).content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_every_format_is_made_and_a_worker_that_was_killed_does_it_again(
    client: Client, form: CustomForm, records: list[int], kind: str
) -> None:
    ask(client, form, format=kind)
    job = make(form)
    first = content_of(job)
    ExportJob.objects.of_form(form.pk).update(state=State.RUNNING, rows=7)
    background.export_make(job_of(form), lambda: export_of(job_of(form)))
    assert (job_of(form).state, job_of(form).rows) == (State.DONE, 30)
    second = content_of(job)
    assert len(first) == len(second) if kind == "xlsx" else first == second
    kept = default_storage.listdir(f"exports/{form.pk}")[1]
    assert [name for name in kept if name.startswith(job.token)] == [job.token]


def content_of(job: ExportJob) -> bytes:
    with default_storage.open(job.path) as file:
        content: bytes = file.read()
        return content


def export_again(job: ExportJob) -> Export:
    from forms_app.admin.records.exporting import export_of

    return export_of(job)


def test_the_rights_are_those_of_when_it_is_made(
    client: Client, form: CustomForm, records: list[int], alice: Member
) -> None:
    asked = ask(client, form)
    by_amount = ask(client, form, f1="amount", **{"f1.op": "gte", "f1.v": "27"})
    only(alice, {"verbs": ("read", "export"), "hidden": ["amount"], "rows": "own"})
    run_jobs("exports")
    asked.refresh_from_db()
    by_amount.refresh_from_db()
    heading, *rows = fetched(client, asked, form)
    assert "label of amount" not in heading and len(rows) == 30
    assert by_amount.state == State.FAILED and by_amount.reason  # instead of the list without its condition


@pytest.mark.parametrize("verb", ["read", "create"])
def test_who_may_not_export_any_more_gets_none(client: Client, form: CustomForm, alice: Member, verb: str) -> None:
    ask(client, form)
    only(alice, {"verbs": (verb,)})
    job = make(form)
    assert job.state == State.FAILED and job.reason and not default_storage.exists(job.path)


@pytest.mark.parametrize("leaves", ["account", "member"])
def test_whoever_left_gets_none(leaves: str, client: Client, form: CustomForm, alice: Member) -> None:
    ask(client, form)
    if leaves == "member":
        Member.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        type(alice.user).objects.filter(pk=alice.user.pk).update(is_active=False)  # type: ignore[union-attr]
    job = make(form)
    assert job.state == State.FAILED and not default_storage.exists(job.path)


def test_only_who_asked_sees_fetches_and_deletes_it(
    client: Client, form: CustomForm, records: list[int], alice: Member, bob: Member, admin: Client
) -> None:
    ask(client, form)
    job = make(form)
    bobs = linked(Client(), bob)
    for other in (bobs, admin):
        assert job.token not in other.get(url(form)).content.decode()
        assert other.get(url(form, "export_file", job.token)).status_code == 404
        assert other.post(url(form, "export_delete", job.token)).status_code == 404
    only(alice, {"verbs": ("create",)})
    assert client.get(url(form, "export_file", job.token)).status_code in (403, 404)
    only(alice, {"verbs": ("read",)})
    assert client.get(url(form, "export_delete", job.token)).status_code == 405
    client.post(url(form, "export_delete", job.token))
    assert not ExportJob.objects.of_form(form.pk).exists() and not default_storage.exists(job.path)


def test_a_platform_s_operator_has_theirs(admin: Client, form: CustomForm, records: list[int]) -> None:
    ask(admin, form)
    assert len(fetched(admin, make(form), form)) == 31


@pytest.mark.django_db(transaction=True)  # the file is read by a connection of its own, as in a worker
def test_one_that_is_given_up_while_it_is_made_leaves_nothing(
    client: Client, form: CustomForm, records: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "TOLD_SECONDS", 0)
    job = ask(client, form)
    told: list[Any] = []

    def still(job: ExportJob, **facts: Any) -> bool:
        told.append(facts)
        if len(told) > 1:  # the first says that it begins
            export_forget(job)
        return original(job, **facts)

    original = background._still
    monkeypatch.setattr(background, "_still", still)
    run_jobs("exports")
    assert [facts.get("rows") for facts in told] == [0, 0]
    assert not ExportJob.objects.of_form(form.pk).exists() and not default_storage.exists(job.path)
    run_jobs("exports")  # a job whose row is gone does nothing


@pytest.mark.parametrize("error", [ExportTooSlow(), OSError(errno.ENOSPC, "full")])
def test_why_there_is_no_file_is_said(
    error: Exception, client: Client, form: CustomForm, records: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> Any:
        raise error

    monkeypatch.setattr(Export, "_piece", fail)
    ask(client, form)
    job = make(form)
    assert job.state == State.FAILED and job.finished_at
    assert job.reason in client.get(url(form)).content.decode()
    assert not default_storage.exists(job.path)


def test_what_nobody_foresaw_is_noted_and_raised(
    client: Client, form: CustomForm, records: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Export, "_piece", lambda *args: 1 / 0)
    ask(client, form)
    with pytest.raises(ZeroDivisionError):
        run_jobs("exports")
    assert job_of(form).state == State.FAILED
    assert "division" not in job_of(form).reason


def test_what_can_not_be_asked_is_said_and_an_account_has_so_many(
    client: Client, form: CustomForm, records: list[int], settings: Settings
) -> None:
    settings.MAX_EXPORTS = 2
    for asked in ({"tab": "nothing"}, {"format": "doc"}, {"f1": "nothing", "f1.op": "eq", "f1.v": "1"}):
        client.post(url(form), {"format": "csv", **asked})
        assert not ExportJob.objects.of_form(form.pk).exists(), asked
    ask(client, form)
    ask(client, form)
    told = client.post(url(form), {"format": "csv"}, follow=True).context["messages"]
    assert "2" in [str(message) for message in told][-1]
    assert ExportJob.objects.of_form(form.pk).count() == 2
    client.post(url(form, "export_delete", job_of(form).token))
    ask(client, form)


def test_the_page_offers_it_and_first_where_the_list_is_long(
    client: Client, form: CustomForm, records: list[int], settings: Settings
) -> None:
    offered = r"(export/\?format=csv|<button[^>]*name=\"format\" value=\"csv\")"
    for limit, first in ((30, "export/"), (29, "<button")):
        settings.EXPORT_PAGE_RECORDS = limit
        found = re.findall(offered, page(client, form))
        assert len(found) == 2 and found[0].startswith(first), limit


def test_old_ones_are_removed_with_their_files(
    client: Client, form: CustomForm, records: list[int], settings: Settings
) -> None:
    settings.EXPORT_HOURS = 2
    ask(client, form)
    old = make(form)
    ExportJob.objects.of_form(form.pk).update(finished_at=timezone.now() - timedelta(hours=2))
    ask(client, form)
    kept = make(form)
    ask(client, form)
    ExportJob.objects.of_form(form.pk).filter(state=State.WAITING).update(made_at=timezone.now() - timedelta(hours=3))
    assert exports_purge() == 2
    assert list(ExportJob.objects.of_form(form.pk)) == [kept]
    assert (default_storage.exists(old.path), default_storage.exists(kept.path)) == (False, True)
