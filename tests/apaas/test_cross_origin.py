"""Calls from pages of other origins: none unless CORS_ORIGINS names them, then the APIs and nothing else."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from corsheaders.checks import check_settings
from django.conf import settings as project
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from apaas.middleware import VARY, refusal
from config.settings import cross_origin
from forms_app.models import CustomForm, Member
from tests.apaas.conftest import Api, address
from tests.apaas.live import answer, head, serving
from tests.factories import make_token

PORTAL = "https://portal.example.org"
ASKED = {"HTTP_ORIGIN": PORTAL, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"}
APIS = (
    "/apaas/api/v2/form_entities",
    "/apaas/api/v2/form_entities/transfer",
    "/apaas/api/v2/files",
    "/apaas/nowhere",
    "/rest/flowmanage/api/omdata/edit/service-desk",
    "/accounts/api/security/get/",
)
PAGES = ("/admin/login/", "/admin/", "/", "/favicon.ico")


@pytest.fixture
def api(api: Api) -> Api:
    """With a chain of middleware of its own: all other tests share one, which knows nothing of origins."""
    api.client = Client(raise_request_exception=False)
    return api


def let_in(settings: Settings, *origins: str) -> None:
    """As config.settings does it."""
    settings.CORS_ORIGINS = list(origins)
    settings.CORS_ALLOW_ALL_ORIGINS = "*" in origins
    settings.CORS_ALLOWED_ORIGINS = [origin for origin in origins if origin != "*"]
    settings.MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE]


def allowed(response: HttpResponse) -> dict[str, str]:
    """The headers that a browser looks for."""
    return {
        name.lower(): value for name, value in response.headers.items() if name.lower().startswith("access-control")
    }


def preflight(path: str, **headers: str) -> HttpResponse:
    return Client(raise_request_exception=False).options(path, **{**ASKED, **headers})


@pytest.mark.parametrize("path", APIS)
def test_what_a_browser_asks_first_needs_no_token(settings: Settings, db: None, path: str) -> None:
    let_in(settings, "https://other.example.org", PORTAL)
    response = preflight(path, HTTP_ACCESS_CONTROL_REQUEST_HEADERS="access-token,content-type")
    assert (response.status_code, response.content) == (200, b"")
    told = allowed(response)
    assert told["access-control-allow-origin"] == PORTAL
    assert {"GET", "PUT", "POST", "DELETE"} <= set(told["access-control-allow-methods"].split(", "))
    headers = set(told["access-control-allow-headers"].split(", "))
    assert {"access-token", "authorization", "content-type", "accept-language", "x-request-id"} <= headers
    assert "access-control-allow-credentials" not in told
    assert "origin" in response["Vary"].lower()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_of_the_administration_is_for_others(settings: Settings, db: None, path: str) -> None:
    let_in(settings, PORTAL, "*")
    client = Client()
    assert allowed(client.options(path, **ASKED)) == {}
    assert allowed(client.get(path, HTTP_ORIGIN=PORTAL)) == {}


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://portal.example.org", "https://portal.example.org:8443", "null", "",
     "https://portal.example.org.evil.example", "https://evil-portal.example.org", "https://[", "x"],
)  # fmt: skip
def test_another_origin_is_told_nothing(settings: Settings, api: Api, form: CustomForm, origin: str) -> None:
    let_in(settings, PORTAL)
    assert allowed(preflight(APIS[0], HTTP_ORIGIN=origin)) == {}
    response = Client().get("/apaas/api/v2/" + address(form), HTTP_ORIGIN=origin, HTTP_ACCESS_TOKEN=str(api.token))
    assert (response.status_code, allowed(response)) == (200, {})


def test_answers_and_refusals_say_what_a_script_may_read(settings: Settings, api: Api, form: CustomForm) -> None:
    let_in(settings, PORTAL)
    for token, path, status in (
        (api.token, address(form), 200),
        ("wrong", address(form), 401),
        (api.token, address(form, "0"), 404),
        (api.token, address(form, x="1"), 400),
    ):
        response = Client().get("/apaas/api/v2/" + path, HTTP_ORIGIN=PORTAL, HTTP_ACCESS_TOKEN=str(token))
        assert response.status_code == status
        told = allowed(response)
        assert told["access-control-allow-origin"] == PORTAL
        exposed = set(told["access-control-expose-headers"].split(", "))
        assert {"RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id", "Content-Disposition"} <= exposed
        assert set(response["Vary"].lower().split(", ")) == {*VARY.lower().split(", "), "origin"}


def test_every_origin_may_be_let_in_and_still_without_cookies(settings: Settings, api: Api, form: CustomForm) -> None:
    let_in(settings, "*")
    response = Client().get(
        "/apaas/api/v2/" + address(form), HTTP_ORIGIN="https://any.example", HTTP_ACCESS_TOKEN=str(api.token)
    )
    assert allowed(response)["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in allowed(response)


def test_a_refusal_by_the_server_itself_is_readable_too(settings: Settings) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/apaas/api/v2/form_entities", "wsgi.input": BytesIO(),
               "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_ORIGIN": PORTAL}  # fmt: skip
    assert allowed(refusal(dict(environ), 429, 1)) == {}
    let_in(settings, PORTAL)
    response = refusal(dict(environ), 429, 1)
    assert (response.status_code, response["Retry-After"]) == (429, "1")
    assert allowed(response)["access-control-allow-origin"] == PORTAL


@pytest.mark.parametrize("path", [*APIS, *PAGES])
def test_switched_off_nothing_is_told_and_nothing_is_in_the_way(db: None, path: str) -> None:
    assert project.CORS_ORIGINS == []
    assert not any("corsheaders" in name for name in (*project.MIDDLEWARE, *project.INSTALLED_APPS))
    response = preflight(path)
    plain = Client(raise_request_exception=False).options(path)
    assert allowed(response) == {}
    assert "origin" not in response.get("Vary", "").lower()
    varying = {"X-Request-Id", "Content-Length", "Content-Security-Policy"}
    assert response.status_code == plain.status_code
    assert {k: v for k, v in response.items() if k not in varying} == {
        k: v for k, v in plain.items() if k not in varying
    }


def test_the_apis_are_those_of_the_address_table() -> None:
    assert all(re.match(cross_origin.CORS_URLS_REGEX, path) for path in APIS)
    assert not any(re.match(cross_origin.CORS_URLS_REGEX, path) for path in (*PAGES, "/apaas", "/x/apaas/", "/restful"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_server_that_was_told_so_lets_them_in(alice: Member, form: CustomForm) -> None:
    token = make_token(alice)[1]
    path = f"/apaas/api/v2/form_entities?custom_form_id={form.pk}"
    with serving(CORS_ORIGINS=f"http://localhost:5173,{PORTAL}") as live:
        asked = head("OPTIONS", path, None, f"Origin: {PORTAL}", "Access-Control-Request-Method: PUT")
        found = live.raw(asked).decode().lower()
        assert found.startswith("http/1.1 200")
        assert f"access-control-allow-origin: {PORTAL}" in found
        raw = live.raw(head("GET", path, token, "Origin: http://localhost:5173"))
        assert answer(raw)[0] == 200
        assert b"access-control-allow-origin: http://localhost:5173" in raw.lower()


def test_what_is_no_origin_is_told_at_the_start(settings: Settings) -> None:
    for wrong in ("portal.example.org", "https://portal.example.org/app"):
        let_in(settings, wrong)
        assert [fault.id for fault in check_settings()] in (["corsheaders.E013"], ["corsheaders.E014"])


def test_a_script_may_read_each_header_that_says_something_of_the_call(
    settings: Settings, api: Api, form: CustomForm
) -> None:
    let_in(settings, PORTAL)
    raw = {"form_entity": {"title": "a"}}
    key = {"HTTP_IDEMPOTENCY_KEY": "k" * 16, "HTTP_ORIGIN": PORTAL}
    made = api.call("POST", address(form), raw, **key)
    answers = {
        "ETag": made,
        "Idempotency-Replayed": api.call("POST", address(form), raw, **key),
        "Allow": api.call("POST", "openapi.json", {}, HTTP_ORIGIN=PORTAL),
        "X-Fault-Codes": Client().post(
            "/rest/flowmanage/api/omdata/edit/any", "{}", content_type="application/json", HTTP_ORIGIN=PORTAL
        ),
    }
    for name, response in answers.items():
        assert name in response.headers, name
        assert name in response["access-control-expose-headers"].split(", ")
