"""How many exports a process makes at a time: those of one organization leave places for others."""

from __future__ import annotations

import pytest

from forms_app.exporting.sending import MOST_AT_ONCE, MOST_OF_ONE, Places, TooManyExports

pytestmark = pytest.mark.fast


def test_one_organization_leaves_places_for_others() -> None:
    places = Places()
    for _export in range(MOST_OF_ONE):
        places.take(1)
    with pytest.raises(TooManyExports):
        places.take(1)
    for _export in range(MOST_AT_ONCE - MOST_OF_ONE):
        places.take(2)
    for other in (1, 2, 3):
        with pytest.raises(TooManyExports):
            places.take(other)


def test_a_place_that_is_given_back_is_free_again() -> None:
    places = Places()
    for _export in range(MOST_OF_ONE):
        places.take(1)
    places.give(1)
    places.take(1)
    with pytest.raises(TooManyExports):
        places.take(1)
