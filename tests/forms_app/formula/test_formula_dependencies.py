"""The order of formulas that need each other, and cycles among them."""

import pytest

from forms_app.formula import find_cycle, topological_order


def test_what_is_needed_comes_first():
    order = topological_order({"total": ["net", "tax"], "tax": ["net"], "net": ["price"]})
    assert order == ["price", "net", "tax", "total"]


def test_no_cycle_is_found_where_there_is_none():
    assert find_cycle({"a": ["b", "c"], "b": ["d"], "c": ["d"]}) is None
    assert find_cycle({}) is None


@pytest.mark.parametrize(
    ("graph", "cycle"),
    [
        ({"a": ["a"]}, ["a", "a"]),
        ({"x": ["a"], "a": ["b"], "b": ["c"], "c": ["a"]}, ["a", "b", "c", "a"]),
        ({"a": ["b"], "b": [], "c": ["b", "d"], "d": ["c"]}, ["c", "d", "c"]),
    ],
)
def test_a_cycle_is_given_from_its_start_to_its_start(graph, cycle):
    assert find_cycle(graph) == cycle


def test_a_cycle_has_no_order():
    with pytest.raises(ValueError, match="a → b → a"):
        topological_order({"a": ["b"], "b": ["a"]})


def test_a_long_chain_needs_no_deep_stack():
    graph = {number: [number + 1] for number in range(20_000)}
    assert topological_order(graph)[0] == 20_000
    assert len(find_cycle({**graph, 20_000: [0]})) == 20_002
