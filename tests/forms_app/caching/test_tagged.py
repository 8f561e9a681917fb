"""What a process keeps holds as long as its tag, is bounded, and is known: one call empties all of it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from forms_app.caching import tagged, tags
from forms_app.caching.tagged import Tagged
from tests.forms_app.worlds import at_once

ROOT = Path(__file__).resolve().parents[3]
NO_CACHES = {
    "forms_app/records/numbering.py: _blocks": "numbers that are reserved: forgotten, they leave gaps",
    "config/embedded/cluster.py: _clusters": "servers that this process started",
    "config/serving/callers.py: _known": "whose a token is: begins anew when full, and a wrong one costs only a share",
    "apaas/company_sign_in/provider.py: _known": "where the provider says its keys are, as long as it says",
    "forms_app/database/running.py: _all": "statements that run now",
    "forms_app/database/scheduled.py: _noted": "when this worker last noted each of its few jobs",
}


@pytest.fixture(autouse=True)
def _known_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagged, "stores", list(tagged.stores))


def store(tag: Any = "people", most: int = 10) -> Tagged[dict[int, str]]:
    return Tagged("numbers in letters", dict, tag=tag, most=most)


@pytest.mark.django_db
def test_what_is_kept_holds_until_its_tag_changes() -> None:
    tags.bump("people")
    numbers = store()
    numbers.current()[1] = "one"
    tags.bump("definitions")
    assert numbers.current() == {1: "one"}
    tags.bump("people")
    assert numbers.current() == {}


@pytest.mark.django_db
def test_what_is_looked_up_while_the_tag_changes_is_not_kept() -> None:
    numbers = store()
    before = numbers.current()
    tags.bump("people")
    assert numbers.current() == {}
    before[1] = "one, as it was before"
    assert numbers.current() == {}


@pytest.mark.django_db
def test_without_a_tag_it_holds_for_good() -> None:
    numbers = store(tag=None)
    numbers.current()[1] = "one"
    tags.bump("definitions", "people", "tokens")
    assert numbers.current() == {1: "one"}


@pytest.mark.django_db
def test_it_begins_anew_once_it_is_larger_than_it_may_be() -> None:
    numbers = store(most=3)
    for number in range(4):
        numbers.current()[number] = str(number)
        assert len(numbers.current()) == (number + 1) % 4


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_sees_before_it_is_committed_is_nobody_else_s(settings: Any) -> None:
    settings.VERSION_CHECK_SECONDS = 60
    numbers = store()
    numbers.current()[1] = "as committed"
    with transaction.atomic():
        tags.bump("people")
        numbers.current()[1] = "as in the transaction"
        (seen,) = at_once([lambda: numbers.current().get(1)])
        assert seen in ("as committed", None)
        transaction.set_rollback(True)
    assert numbers.current().get(1) in ("as committed", None)


@pytest.mark.django_db
def test_one_call_empties_all() -> None:
    stores = [store(), store(tag="definitions"), store(tag=None)]
    for one in stores:
        one.current()[1] = "one"
    tagged.empty_all()
    assert [one.current() for one in stores] == [{}, {}, {}]


def test_the_decision_names_just_those_that_there_are() -> None:
    page = (ROOT / "docs" / "decisions" / "009-caches.md").read_text()
    rows = [f"| {one.holds} | {one.tag or 'none'} | {one.most:,} |" for one in tagged.stores]
    assert rows
    assert sorted(rows) == sorted(page.split("|---|---|---|\n")[-1].splitlines())


def test_nothing_else_in_the_code_fills_a_dictionary_of_its_own() -> None:
    """A module's empty dictionary or set is a cache that nobody empties."""
    found = set()
    for package in ("forms_app", "apaas", "config"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.Assign | ast.AnnAssign) and _is_empty(node.value):
                    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                    found.add(f"{path.relative_to(ROOT)}: {ast.unparse(target)}")
    assert found == set(NO_CACHES)


def _is_empty(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    return isinstance(value, ast.Call) and ast.unparse(value) in ("dict()", "set()")
