"""What a flow's faults tell the page."""

from forms_app.flows.language import MESSAGES, PARTS


def test_each_fault_that_stands_at_a_part_has_a_sentence() -> None:
    assert set(PARTS) <= set(MESSAGES)
