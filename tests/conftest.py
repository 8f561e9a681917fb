"""Alice owns, Bob is her colleague, Charlie is a stranger from another organization."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections

from forms_app import directory, schema, versions
from forms_app.models import CustomApp, Member, Organization
from forms_app.services import numbering
from tests.factories import CustomAppFactory, DepartmentFactory, MemberFactory, OrganizationFactory


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """What a process remembers of the database must not outlive the test that made it."""
    versions.forget()
    schema._cache.clear()
    directory._cache.clear()
    yield
    held = getattr(numbering._own, "connection", None)
    if held is not None and held.connection is not None:
        # Numbers are reserved outside of the test's transaction, which takes back all else.
        held.connection.execute("DELETE FROM form_number_sequence")
    numbering.forget()


@pytest.fixture
def organization(db: None) -> Organization:
    return OrganizationFactory(name="好公司")


@pytest.fixture
def people(organization: Organization) -> dict[int, Member]:
    """Members 1 to 4 by uid. Department 1 holds 3, which holds 4; member n stands in department n (2 in none)."""
    top = DepartmentFactory(organization=organization, did=1)
    middle = DepartmentFactory(organization=organization, did=3, parent=top)
    bottom = DepartmentFactory(organization=organization, did=4, parent=middle)
    members = {uid: MemberFactory(organization=organization, uid=uid) for uid in (1, 2, 3, 4)}
    for uid, department in ((1, top), (3, middle), (4, bottom)):
        members[uid].departments.add(department)
    return members


@pytest.fixture
def alice(people: dict[int, Member]) -> Member:
    return people[1]


@pytest.fixture
def bob(people: dict[int, Member]) -> Member:
    return people[2]


@pytest.fixture
def charlie(db: None) -> Member:
    return MemberFactory(organization=OrganizationFactory(name="别的公司"), uid=1, name="Charlie")


@pytest.fixture
def custom_app(organization: Organization) -> CustomApp:
    return CustomAppFactory(organization=organization)


@pytest.fixture(scope="session", autouse=True)
def _no_connection_left() -> Iterator[None]:
    yield
    connections.close_all()
