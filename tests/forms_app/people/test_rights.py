"""What grants give together, and whether some rights cover others: pure rules."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.people.rights import EVERYTHING, NONE, RECORD_VERBS, Given, Rights, summed


def grant(*verbs: str, rows: str = "all", hidden: str = "", read_only: str = "", **where: Any) -> Given:
    target = {"form_id": None, "app_id": None, **where}
    return Given(
        1, "role", **target, verbs=frozenset(verbs), rows=rows, hidden=names(hidden), read_only=names(read_only)
    )


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def test_nothing_gives_nothing() -> None:
    assert summed([]) == summed([grant(rows="all")]) == NONE


def test_a_verb_or_row_that_any_of_them_gives_is_given() -> None:
    rights = summed([grant("read", rows="own"), grant("read", "update", rows="department")])
    assert rights.verbs == {"read", "update"}
    assert rights.rows == {"own", "department"}
    assert not rights.all_rows


def test_all_records_swallow_the_others() -> None:
    rights = summed([grant("read", rows="own"), grant("read", rows="all")])
    assert rights.rows == {"all"}
    assert rights.all_rows


def test_a_field_that_any_of_them_shows_is_shown() -> None:
    rights = summed([grant("read", hidden="a b"), grant("read", hidden="b c")])
    assert rights.hidden == {"b"}


def test_a_field_is_written_where_a_grant_to_fill_in_does_not_hold_it_back() -> None:
    assert summed([grant("read", "update", read_only="a")]).read_only == {"a"}
    assert summed([grant("read", "update", read_only="a"), grant("read", "create")]).read_only == frozenset()
    # A grant to read lets nobody write what another one holds back.
    assert summed([grant("read", "update", read_only="a"), grant("read")]).read_only == {"a"}
    # What one grant hides and another only shows is shown, and not written.
    both = summed([grant("read", "update", hidden="a"), grant("read", "update", read_only="a")])
    assert (both.hidden, both.read_only) == (frozenset(), {"a"})


@pytest.mark.parametrize("verb", ["update", "destroy", "transfer", "export"])
def test_who_may_not_read_may_not_touch_what_is_there(verb: str) -> None:
    assert summed([grant(verb, "create", "design")]).verbs == {"create", "design"}


def test_the_verb_over_people_is_none_on_a_form() -> None:
    assert summed([grant("people", "read")]).verbs == {"read"}


def test_a_token_takes_away() -> None:
    rights = summed([grant(*RECORD_VERBS)])
    assert rights.only(frozenset({"read", "design"})).verbs == {"read"}
    assert rights.only(frozenset({"update"})).verbs == frozenset()


@pytest.mark.parametrize(
    ("mine", "theirs", "covered"),
    [
        (EVERYTHING, EVERYTHING, True),
        (EVERYTHING, NONE, True),
        (NONE, NONE, True),
        (Rights(names("read"), names("all")), Rights(names("read update"), names("all")), False),
        (Rights(names("read"), names("own")), Rights(names("read"), names("all")), False),
        (Rights(names("read"), names("own")), Rights(names("read"), names("own")), True),
        (Rights(names("read"), names("all")), Rights(names("read"), names("department")), True),
        (Rights(names("read"), names("all"), names("a")), Rights(names("read"), names("all")), False),
        (Rights(names("read"), names("all"), names("a")), Rights(names("read"), names("all"), names("a b")), True),
        # Who may not write anything anyhow gets nothing by a field that is not held back.
        (Rights(names("read"), names("all"), read_only=names("a")), Rights(names("read"), names("all")), True),
        (
            Rights(names("read update"), names("all"), read_only=names("a")),
            Rights(names("read update"), names("all")),
            False,
        ),
        (
            Rights(names("read"), names("all"), read_only=names("a")),
            Rights(names("read"), names("all"), names("a")),
            True,
        ),
    ],
)
def test_rights_cover_what_is_not_more(mine: Rights, theirs: Rights, covered: bool) -> None:
    assert mine.cover(theirs) is covered


@pytest.mark.parametrize(
    ("wide", "narrow", "reaches"),
    [
        ({}, {}, True),
        ({}, {"form_id": 1}, True),
        ({}, {"app_id": 1}, True),
        ({"app_id": 1}, {"app_id": 1}, True),
        ({"app_id": 1}, {"app_id": 2}, False),
        ({"app_id": 1}, {}, False),
        ({"form_id": 1}, {"form_id": 1}, True),
        ({"form_id": 1}, {"form_id": 2}, False),
        ({"form_id": 1}, {"app_id": 1}, False),
        ({"form_id": 1}, {}, False),
    ],
)
def test_a_grant_reaches_another_where_it_applies_wherever_that_does(
    wide: dict[str, int], narrow: dict[str, int], reaches: bool
) -> None:
    assert grant("read", **wide).reaches(grant("read", **narrow)) is reaches


def test_a_grant_applies_on_its_form_on_its_app_s_or_on_all() -> None:
    assert grant("read").applies(1, 2)
    assert grant("read", app_id=2).applies(1, 2) and not grant("read", app_id=3).applies(1, 2)
    assert grant("read", form_id=1).applies(1, 2) and not grant("read", form_id=2).applies(1, 2)
