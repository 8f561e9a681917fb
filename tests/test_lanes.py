"""The lanes: what a test uses says where it runs, and the fast one has no database."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import TestCase

from tests.source import MODULES, ROOT


def lanes(request: pytest.FixtureRequest) -> set[str]:
    return {mark.name for mark in request.node.iter_markers()} & {"fast", "database", "slow"}


def test_a_test_of_rules_is_fast_and_reaches_no_database(request: pytest.FixtureRequest) -> None:
    assert lanes(request) == {"fast"}
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.ensure_connection()


def test_a_test_with_rows_meets_the_database(request: pytest.FixtureRequest, db: None) -> None:
    assert lanes(request) == {"database"}


def test_a_test_that_commits_meets_the_database(request: pytest.FixtureRequest, transactional_db: None) -> None:
    assert lanes(request) == {"database"}


@pytest.mark.django_db
def test_a_test_marked_so_meets_the_database(request: pytest.FixtureRequest) -> None:
    assert lanes(request) == {"database"}


class DjangoTests(TestCase):
    @pytest.fixture(autouse=True)
    def _asked(self, request: pytest.FixtureRequest) -> None:
        self.lanes = lanes(request)

    def test_a_test_case_of_django_meets_the_database(self) -> None:
        assert self.lanes == {"database"}


@pytest.mark.slow
def test_a_test_that_says_so_is_slow_and_not_counted(request: pytest.FixtureRequest, db: None) -> None:
    assert lanes(request) == {"slow"}
    assert request.node.get_closest_marker("no_cover")


def test_a_test_that_starts_a_server_is_slow(request: pytest.FixtureRequest, live_server: object) -> None:
    assert lanes(request) == {"slow"}


def test_the_quick_ones_come_last(request: pytest.FixtureRequest) -> None:
    fast = [item.get_closest_marker("fast") is not None for item in request.session.items]
    assert fast == sorted(fast)


LEFT_OUT = {"tests/apaas/": "apaas.", "tests/forms_app/admin/": "forms_app.admin."}
"""Where the second PostgreSQL is left out, and the code that is tested there."""
SENDS = re.compile(r"forms_app\.database\.cursor|\bcursor\(\)|\.execute\(|RawSQL|\bFunc\)|\.extra\(")
"""SQL of one's own."""


def test_what_the_second_postgresql_is_spared_sends_no_sql_of_its_own() -> None:
    (listed,) = re.findall(r"^pages=\((.*?)\)$", (ROOT / ".ci" / "run").read_text(), re.DOTALL | re.MULTILINE)
    paths = listed.split()
    assert len(paths) == 4
    assert [path for path in paths if not path.startswith(tuple(LEFT_OUT))] == []
    spared = [module for module in MODULES if module.name.startswith(tuple(LEFT_OUT.values()))]
    assert len(spared) > 100
    assert [module.name for module in spared if SENDS.search(module.text)] == []
    assert sum(SENDS.search(module.text) is not None for module in MODULES) > 20, "it would find none"
