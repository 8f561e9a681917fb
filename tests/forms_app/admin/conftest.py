"""An administrator signed in, and a form with something of everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page

from forms_app.design.forms import form_create
from forms_app.field_types import Option
from forms_app.flows.publishing import flow_create
from forms_app.models import CustomApp, CustomForm, Flow, Member, Organization
from tests.factories import UserFactory, add_field
from tests.recordings import recorded

WEB, FAIR, OLD = "H6Qq/ojoIFNyICUXzx3UOw==", "qxjjDA3ECTzu2olh+sPR9A==", "AAAAAAAAAAAAAAAAAAAAAA=="


@pytest.fixture
def boss(db: None) -> Any:
    return UserFactory(username="boss", is_superuser=True)


@pytest.fixture
def admin(boss: Any) -> Client:
    client = Client()
    client.force_login(boss)
    return client


@pytest.fixture
def clerk(db: None) -> Client:
    """An account that belongs to no member and is no operator's."""
    client = Client()
    client.force_login(UserFactory(username="clerk"))
    return client


@pytest.fixture
def form(custom_app: CustomApp, organization: Organization, people: dict[int, Member]) -> CustomForm:
    """Customers: title, source, amount, when, who, file, leader (a customer), total."""

    def build() -> CustomForm:
        form = form_create(custom_app=custom_app, name="客户")
        add_field(form, "title", "text_field")
        options = (Option(WEB, "官网"), Option(FAIR, "展会"), Option(OLD, "黄页", enabled=False))
        add_field(form, "source", ("select_field", {}, options))
        add_field(form, "amount", "float_field")
        add_field(form, "starts", "datetime_field")
        add_field(form, "people", "user_field")
        add_field(form, "papers", "file_field")
        add_field(form, "leader", ("relation_field", {"form": form.pk}))
        add_field(form, "total", ("formula_field", {"formula": "{amount} * 2"}))
        return form

    return recorded("customers", build, custom_app)


@pytest.fixture
def flow(form: CustomForm) -> Flow:
    """A flow of the customers, not published: start, a stage, end."""
    return flow_create(custom_form=form, name="请假")


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A page signed in; an error in its scripts fails the test."""
    client = Client()
    client.force_login(UserFactory(username="designer", is_superuser=True))
    context = browser.new_context(viewport={"width": 1500, "height": 1000}, base_url=live_server.url)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
