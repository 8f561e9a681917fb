"""A type that nobody wrote into the demo is shown there all the same."""

from __future__ import annotations

from random import Random

from forms_app.demo.customer_form import DESIGN, FURTHER
from forms_app.demo.further_types import further_fields, further_values
from forms_app.field_types import registry


def test_a_further_type_gets_a_field_and_values() -> None:
    class Passing(type(registry.get("select_field"))):  # type: ignore[misc]
        name = "passing_field"
        prefix = "passing"

    with registry.temporarily(Passing):
        (field,) = further_fields(DESIGN["groups"])
        assert (field["field_type"], field["label"]) == ("passing_field", "单选")
        assert [option["value"] for option in field["options"]] == [option.value for option in Passing.example_options]
        (value,) = further_values(Random(1), [field]).values()
        assert value in [sent for sent, _read in Passing.accepts]
    assert FURTHER == further_fields(DESIGN["groups"]) == []
