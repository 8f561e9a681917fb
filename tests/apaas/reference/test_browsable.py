"""The browsable API: a page for each call, for a developer signed in to the admin and for nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from apaas.reference.calls import BY_NAME, endpoints
from apaas.reference.examples import FormExamples
from apaas.reference.samples import sample
from apaas.requests.parameters import CALLS
from forms_app.models import CustomForm, Member
from tests.apaas.conftest import Api, address, administer, parsed, sample_number
from tests.factories import UserFactory, actor_of, add_field, make_entity, make_form, schema_of

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
STATEMENTS = 24
"""More than any page of a form with every field type asks for, once its caches are warm."""


def signed_in(member: Member | None, **user: Any) -> Client:
    """A browser signed in to the admin with an account linked to this member."""
    account = UserFactory(**user)
    if member is not None:
        member.user = account
        member.save()
    client = Client(HTTP_ACCEPT=BROWSER, HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(account)
    return client


@pytest.fixture
def developer(alice: Member) -> Client:
    return signed_in(alice)


def page_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.content[:2000]
    assert response["Content-Type"] == "text/html; charset=utf-8", response.content[:500]
    return response.content.decode()


def call_page(name: str, form: CustomForm | None = None) -> str:
    url = reverse("call-page", args=[name])
    return f"{url}?custom_form_id={form.pk}" if form else url


def api_url(form: CustomForm, path: str = "", **query: Any) -> str:
    return "/apaas/api/v2/" + address(form, path, **query)


def test_every_call_has_a_page_and_addresses() -> None:
    assert set(BY_NAME) == set(CALLS) - {"docs"} == set(endpoints())


@pytest.mark.parametrize("name", BY_NAME)
def test_the_page_of_each_call_asks_a_fixed_number_of_statements(
    name: str, developer: Client, wide: CustomForm, alice: Member, settings: Any
) -> None:
    settings.VERSION_CHECK_SECONDS = 3600  # else the tags are read at each question, and once more where a test is slow
    make_entity(wide, alice, title="record")  # of none nothing is asked
    url = call_page(name, wide)
    page_of(developer, url)
    with CaptureQueriesContext(connection) as few:
        text = page_of(developer, url)
    for number in range(5):
        make_entity(wide, alice, title=f"record {number}")
        make_form(wide.custom_app, {"more": "text_field"}, name=f"form {number}")
        add_field(wide, f"more_{number}", "text_field")
    page_of(developer, url)
    with CaptureQueriesContext(connection) as many:
        page_of(developer, url)
    assert len(few) == len(many) <= STATEMENTS, [query["sql"][:100] for query in many]
    for endpoint in endpoints()[name]:
        assert endpoint.path in text
    for parameter in CALLS[name]:
        assert f">{parameter.name}</code>" in text


def test_the_answer_of_a_call_stands_on_its_page_with_exact_numbers(
    developer: Client, form: CustomForm, api: Api
) -> None:
    api.call(
        "POST",
        f"form_entities?custom_form_id={form.pk}",
        raw=b'{"form_entity": {"title": "</script><b>", "amount": 123456789123456.12345}}',
    )
    text = page_of(developer, api_url(form))
    assert "&quot;amount&quot;: 123456789123456.12345" in text
    assert "</script><b>" not in text
    assert "&quot;code&quot;: 0" in text
    assert "X-Request-Id" in text


def test_a_failure_is_shown_as_a_page_too(developer: Client, form: CustomForm) -> None:
    text = page_of(developer, api_url(form, whatever=1), status=400)
    assert "unknown_parameter" in text
    assert "100400" in text
    assert "100100" in page_of(developer, "/apaas/api/v2/nothing/here", status=404)
    assert "100100" in page_of(developer, reverse("call-page", args=["nothing"]), status=404)


def test_the_page_explains_the_fields_of_the_form(developer: Client, wide: CustomForm) -> None:
    text = unescape(page_of(developer, call_page("create", wide)))
    for column in schema_of(wide).fields:
        assert f">{column.name}</code>" in text
        assert str(column.label) in text
    assert '"a_select_field": "H6Qq/ojoIFNyICUXzx3UOw=="' in text
    assert '{"name":"a_integer_field","op":"within","value":[10,20]}' in text
    assert '{"name":"created_at","op":"within","value":["2023-08-14 12:00:00","2023-08-14 15:00:00"]}' in text


def test_the_page_prints_a_curl_line_without_a_token(developer: Client, form: CustomForm) -> None:
    text = unescape(page_of(developer, call_page("create", form)))
    assert "export APAAS_TOKEN=" in text
    assert '-H "ACCESS-TOKEN: $APAAS_TOKEN"' in text
    assert "curl -X POST 'http://testserver/apaas/api/v2/form_entities'" in text


def test_without_a_form_it_takes_the_first(developer: Client, form: CustomForm, other_form: CustomForm) -> None:
    assert f'value="{form.pk}" selected' in page_of(developer, call_page("list"))
    assert f'value="{other_form.pk}" selected' in page_of(developer, call_page("list", other_form))


def test_an_organization_without_forms_has_pages(developer: Client) -> None:
    assert "no form yet" in page_of(developer, call_page("list"))
    page_of(developer, reverse("docs"))


def test_nothing_of_another_organization_is_shown(charlie: Member, form: CustomForm, alice: Member) -> None:
    make_entity(form, alice, title="a secret of Alice's")
    CustomForm.objects.filter(pk=form.pk).update(name="Alice's form")
    stranger = signed_in(charlie)
    for url in (api_url(form), call_page("list", form), f"{reverse('reference')}?custom_form_id={form.pk}"):
        text = page_of(stranger, url, status=404)
        assert "secret" not in text
        assert "Alice&#x27;s form" not in text
        assert "title" not in text.partition("<body>")[2].replace("title=", "")


def test_an_account_that_is_no_member_is_told_how_to_link_it(form: CustomForm) -> None:
    for url in (api_url(form), call_page("create"), reverse("docs"), reverse("reference")):
        text = page_of(signed_in(None, is_superuser=True), url, status=401)
        assert "100401" in text
        assert reverse("admin:forms_app_member_changelist") in text
        assert "form" not in text.partition('id="chooser"')[2]


@pytest.mark.parametrize("url", ["/apaas/api/v2/custom_forms", "/apaas/docs/", "/apaas/docs/calls/list"])
def test_only_a_browser_signed_in_to_the_admin_gets_a_page(url: str, alice: Member, api: Api) -> None:
    anonymous = Client(HTTP_ACCEPT=BROWSER).get(url)
    assert (anonymous.status_code, parsed(anonymous)["code"]) == (401, 100401)
    nobody = signed_in(None).get(url)
    assert (nobody.status_code, parsed(nobody)["code"]) == (401, 100401)
    developer = signed_in(alice)
    assert parsed(developer.get(url, HTTP_ACCESS_TOKEN=api.token))["code"] == 0
    assert parsed(developer.get(url, HTTP_ACCEPT="application/json"))["code"] == 0
    assert parsed(developer.get(url, HTTP_ACCESS_TOKEN="wrong"))["code"] == 100401


def test_a_page_runs_no_script_but_its_own_and_is_not_kept(developer: Client, form: CustomForm) -> None:
    response = developer.get(call_page("create", form))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert " onclick" not in text
    assert "style=" not in text
    assert "http://" not in text.replace("http://testserver", "").replace("http://www.w3.org", "").replace(
        "https://", ""
    ).replace("http://例子", "")


def sent(client: Client, method: str, url: str, body: Any, **headers: str) -> HttpResponse:
    return client.generic(
        method, url, json.dumps(body), content_type="application/json", HTTP_ACCEPT="application/json", **headers
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_session_needs_the_csrf_token(method: str, alice: Member, form: CustomForm) -> None:
    browser = Client(enforce_csrf_checks=True, HTTP_ACCEPT=BROWSER)
    alice.user = UserFactory()
    alice.save()
    browser.force_login(alice.user)
    record = make_entity(form, alice, title="one")
    url, body = {
        "POST": (api_url(form), {"form_entity": {"title": "two"}}),
        "PUT": (api_url(form, str(record)), {"form_entity": {"title": "two"}}),
        "DELETE": (api_url(form, "mass_destroy"), {"ids": [record]}),
    }[method]
    refused = sent(browser, method, url, body)
    assert (refused.status_code, parsed(refused)["code"]) == (403, 100403)
    browser.get(call_page("create", form))
    token = browser.cookies["csrftoken"].value
    assert sent(browser, method, url, body, HTTP_X_CSRFTOKEN=token).status_code == 200


@pytest.mark.parametrize(
    "name", sorted(set(CALLS) - {"docs", "upload", "download", "export", "mass_destroy", "restore"})
)
def test_the_samples_work_as_they_stand(name: str, wide: CustomForm, alice: Member, api: Api) -> None:
    add_field(wide, "total", ("formula_field", {"formula": "{a_float_field} * 2"}))
    add_field(wide, "serial", ("text_field", {"unique": True}))
    record = make_entity(wide, alice, title="one")
    administer(alice)
    examples = FormExamples(schema_of(wide), actor_of(alice))
    body = sample(name, examples)
    for endpoint in endpoints()[name]:
        number = sample_number(name, wide, record, alice)
        api.ok(endpoint.method, endpoint.path.replace("{id}", str(number)), body)


def test_the_sample_of_a_restore_names_what_was_destroyed_last(wide: CustomForm, alice: Member, api: Api) -> None:
    gone = api.ok("POST", api_url(wide), {"form_entity": {}})["id"]
    api.ok("DELETE", api_url(wide, "mass_destroy"), {"ids": [gone]})
    for endpoint in endpoints()["restore"]:
        body = sample("restore", FormExamples(schema_of(wide), actor_of(alice)))
        assert api.ok(endpoint.method, endpoint.path, body) == {"ids": [gone]}
        api.ok("DELETE", api_url(wide, "mass_destroy"), {"ids": [gone]})


def test_the_sample_of_a_file_works_as_it_stands(wide: CustomForm, alice: Member, api: Api) -> None:
    body = sample("export", FormExamples(schema_of(wide), actor_of(alice)))
    for endpoint in endpoints()["export"]:
        response: Any = api.call(endpoint.method, endpoint.path, body)
        assert b"".join(response.streaming_content).startswith("\ufeff#record'".encode())


def test_each_type_has_an_example_to_write_and_operands(wide: CustomForm, alice: Member) -> None:
    for field in FormExamples(schema_of(wide), actor_of(alice)).fields:
        assert (field.written is not None) == field.column.type.writable, field.column.name
        assert field.read or field.column.type.computed, field.column.name
        assert None not in field.operands.values(), (field.column.name, field.operands)


@pytest.fixture
def page(browser: Browser, live_server: Any, alice: Member) -> Iterator[Page]:
    """Signed in by the admin's own form; an error in the page's scripts fails the test."""
    account = UserFactory(username="developer", is_superuser=True)
    account.set_password("a pass phrase")
    account.save()
    alice.user = account
    alice.save()
    page = browser.new_page(base_url=live_server.url, locale="en-US")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{reverse('admin:login')}?next={reverse('docs')}")
    page.fill("[name=username]", "developer")
    page.fill("[name=password]", "a pass phrase")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{reverse('docs')}")
    yield page
    page.close()
    assert errors == []


@pytest.mark.django_db(transaction=True)
def test_a_developer_sends_calls_from_the_page(
    page: Page, form: CustomForm, alice: Member, record: Callable[..., int]
) -> None:
    kept = record(title="kept")
    page.goto(api_url(form))
    expect(page.locator("[data-answer]")).to_contain_text('"title": "kept"')
    page.click(f'nav.calls a[href^="{reverse("call-page", args=["create"])}"]')
    page.fill("[data-body]", f'{{"custom_form_id": {form.pk}, "form_entity": {{"amount": 0.10000000000000000001}}}}')
    expect(page.locator("[data-curl]")).to_contain_text("0.10000000000000000001")
    page.click("[data-send]")
    expect(page.locator("[data-status]")).to_have_text("200")
    expect(page.locator("[data-answer]")).to_contain_text('"amount": 0.10000000000000000001')
    page.goto(call_page("list", form))
    page.select_option("[data-method]", label="GET")
    expect(page.locator("[data-hint]")).to_be_visible()
    page.click("[data-send]")
    expect(page.locator("[data-answer]")).to_contain_text('"amount": 0.10000000000000000001')
    expect(page.locator("[data-address]")).to_contain_text("filters=[")
    page.goto(call_page("mass_destroy", form))
    page.fill("[data-body]", f'{{"custom_form_id": {form.pk}, "ids": [{kept}]}}')
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("[data-send]")
    expect(page.locator("[data-status]")).to_have_text("200")
    page.goto(api_url(form, str(kept)))
    expect(page.locator("[data-status]")).to_have_text("404")
    page.goto(call_page("list", form))
    page.fill("[data-body]", "{not json")
    page.click("[data-send]")
    expect(page.locator("[data-problem]")).to_contain_text("1:2")
