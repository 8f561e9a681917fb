"""Alice owns, Bob is her colleague, Charlie is a stranger from another organization."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connections
from django.urls import get_resolver
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright
from procrastinate.contrib.django import app

from forms_app.caching import tagged
from forms_app.journal.calls import calls
from forms_app.journal.events import events
from forms_app.journal.writing import writer
from forms_app.models import CustomApp, Member, Organization
from forms_app.records import numbering
from tests import citus, pooled, recordings
from tests.browser import launched
from tests.config import made
from tests.factories import CustomAppFactory, DepartmentFactory, MemberFactory, OrganizationFactory
from tests.recordings import recorded
from tests.scoped_statements import guard, watch
from tests.streams import read_to_the_end


def pytest_collection_finish() -> None:
    """Import all that is served, so that no test is the one that loads it."""
    assert get_resolver().url_patterns
    app.perform_import_paths()
    gc.collect()
    gc.freeze()  # all that is imported stays: looking through it again and again is a thirtieth of the time


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    for item in items:
        item.add_marker(lane(item))
        if item.get_closest_marker("slow"):
            item.add_marker("no_cover")  # which lines chance finds says little, and counting them takes long
    yield
    # pytest-django lets those without a database come last. The quick ones of them end the run, so that no process
    # has a long one left when the others are done.
    items.sort(key=lambda item: item.get_closest_marker("fast") is not None)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the process that starts the others
        made.name_place()
    watch()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """A test fails that sent a statement on a table of records without naming the form."""
    result = yield
    guard.tell()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    result = yield
    guard.tell()
    return result


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the others have ended
        made.forget()


PROGRAMS = {"browser", "live_server", "folder"}
"""Fixtures that start programs: a browser, a server, clusters in a folder of their own."""
ROWS = {"db", "transactional_db"}


def lane(item: Any) -> str:
    """`slow` is what says so or starts programs, `database` what meets the database, `fast` the rest."""
    used = set(item.fixturenames)
    if item.get_closest_marker("slow") or used & PROGRAMS:
        return "slow"
    if item.get_closest_marker("django_db") or used & ROWS or getattr(item.cls, "databases", None):
        return "database"
    return "fast"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Coverage counts what a test does, not what it stands on: counting doubles the time of both."""
    guard.found.clear()  # of a test that failed otherwise
    coverage = getattr(item.config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if coverage is None:
        return (yield)
    coverage.pause()
    try:
        return (yield)
    finally:
        coverage.resume()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database: over nodes where CITUS_URL names some, and where a pooler lies between, let go in the end."""
    with ExitStack() as stack:
        if citus.URL:
            with django_db_blocker.unblock():
                stack.enter_context(citus.distributed())
        if pooled.DIRECT:
            stack.enter_context(pooled.left_alone())
        yield


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """What a process remembers of the database must not outlive the test that made it, nor the language of the last
    request, which stays with its thread."""
    translation.deactivate()
    tagged.empty_all()
    recordings.begin()
    yield
    numbering.give_up()


@pytest.fixture(autouse=True)
def _streams_end() -> Iterator[None]:
    with read_to_the_end():
        yield


@pytest.fixture
def organization(db: None) -> Organization:
    return recorded("organization", lambda: OrganizationFactory(name="好公司"))


@pytest.fixture
def people(organization: Organization) -> dict[int, Member]:
    """Members 1 to 4 by uid. Department 1 holds 3, which holds 4; member n stands in department n (2 in none)."""

    def build() -> dict[int, Member]:
        top = DepartmentFactory(organization=organization, did=1)
        middle = DepartmentFactory(organization=organization, did=3, parent=top)
        bottom = DepartmentFactory(organization=organization, did=4, parent=middle)
        members = {uid: MemberFactory(organization=organization, uid=uid) for uid in (1, 2, 3, 4)}
        for uid, department in ((1, top), (3, middle), (4, bottom)):
            members[uid].departments.add(department)
        return members

    return recorded("people", build, organization)


@pytest.fixture
def alice(people: dict[int, Member]) -> Member:
    return people[1]


@pytest.fixture
def bob(people: dict[int, Member]) -> Member:
    return people[2]


@pytest.fixture
def charlie(db: None) -> Member:
    return recorded(
        "charlie", lambda: MemberFactory(organization=OrganizationFactory(name="别的公司"), uid=1, name="Charlie")
    )


@pytest.fixture
def custom_app(organization: Organization) -> CustomApp:
    return recorded("custom_app", lambda: CustomAppFactory(organization=organization), organization)


@pytest.fixture
def noted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Callers are noted, as in production; what it gives writes the notes down, as the thread would each second."""
    settings.CALL_LOG, settings.ACCESS_EVENT_DAYS = True, 180
    monkeypatch.setattr(writer, "wake", lambda: None)
    forget_notes()
    yield writer.write
    forget_notes()


def forget_notes() -> None:
    events.empty()
    calls.take()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's sync API runs an event loop in this thread, in which Django refuses the ORM.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            browser = launched(playwright)
            yield browser
            browser.close()
            connections.close_all()  # asgiref keeps one of its own for code that runs within an event loop


@pytest.fixture(scope="session", autouse=True)
def _no_connection_left() -> Iterator[None]:
    yield
    connections.close_all()
