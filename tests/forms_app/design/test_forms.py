"""Designing a form as a whole: all of it or nothing, every fault under its place."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest

from forms_app.design.forms import design_of, form_create, form_design
from forms_app.exact_json import fingerprint
from forms_app.exceptions import Conflict, Refused
from forms_app.field_types import Option, registry
from forms_app.models import CustomForm, FormCounter, Member
from forms_app.records.query.parsing import tab_terms
from tests.factories import add_example_field, add_field, make_entity, make_form, schema_of
from tests.forms_app.worlds import query_of, stored_of

GREATER = {"name": "n", "op": "gt", "value": 1}
A, B = "H6Qq/ojoIFNyICUXzx3UOw==", "qxjjDA3ECTzu2olh+sPR9A=="


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    form = make_form(custom_app, {"t": "text_field", "n": "integer_field"})
    add_field(form, "s", ("select_field", {}, (Option(A, "红"), Option(B, "绿"))))
    add_field(form, "f", ("formula_field", {"formula": "{n} + 1"}))
    return form


def again(form: CustomForm) -> CustomForm:
    return CustomForm.objects.get(pk=form.pk)


def design(form: CustomForm) -> dict[str, Any]:
    return deepcopy(design_of(again(form)))


def fields(design: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for group in design["groups"] for field in group["fields"]}


def save(form: CustomForm, design: dict[str, Any], **kwargs: Any) -> None:
    form_design(form=again(form), design=design, **kwargs)


def refused_of(form: CustomForm, design: dict[str, Any]) -> list[tuple[str, str]]:
    before = design_of(again(form))
    with pytest.raises(Refused) as refused:
        save(form, design)
    assert design_of(again(form)) == before
    return sorted((fault.field, fault.code) for fault in refused.value.faults)


def test_a_new_form_is_empty_and_counted(custom_app: Any, alice: Member) -> None:
    form = form_create(custom_app=custom_app, name="线索", description="d", by=alice)
    assert re.fullmatch(rf"data_{alice.organization_id}_{custom_app.pk}_[0-9a-f]{{6}}", form.data_table_name)
    assert form.field_groups.count() == 1
    assert FormCounter.objects.filter(custom_form_id=form.pk).count() == 16
    assert query_of(form).count() == 0
    numbered = form_create(custom_app=custom_app, name="x", form_id=987654, data_table_name="data_1_3_9ddabc")
    assert (numbered.pk, numbered.data_table_name) == (987654, "data_1_3_9ddabc")
    assert str(numbered) == "x"


def test_a_design_that_is_saved_as_it_is_changes_nothing(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"title": "text_field"})
    for field_type in registry:
        add_example_field(form, field_type, form.pk, f"x_{field_type.name}")
    record_id = make_entity(form, alice, title="a")
    before, stored = design(form), stored_of(form, record_id)
    save(form, design(form), by=alice)
    assert design(form) == before
    assert stored_of(form, record_id) == stored
    assert again(form).update_user == alice
    save(form, design(form), base=fingerprint(before))


def test_a_design_changes_everything_at_once(form: CustomForm) -> None:
    wanted = design(form)
    wanted |= {"name": "新", "description": "d", "status": "disable", "primary_field": "new_text"}
    fields(wanted)["n"]["label"] = "数"
    wanted["groups"][0]["fields"].reverse()
    wanted["groups"].insert(
        0,
        {
            "label": "第二",
            "status": "enable",
            "fields": [
                {
                    "label": "公式",
                    "field_type": "formula_field",
                    "name": "g",
                    "setting": {"formula": "{new_number} * {f}"},
                },
                {"label": "文", "field_type": "text_field", "name": "new_text"},
                {"label": "字", "field_type": "float_field", "name": "new_number", "setting": {"required": True}},
            ],
        },
    )
    wanted["tabs"] = [
        {"name": "big", "label": "大", "filters": [{"name": "n", "op": "gt", "value": 1}], "sort": [{"n": "desc"}]}
    ]
    save(form, wanted)
    found = design(form)
    assert (found["name"], found["status"], found["primary_field"]) == ("新", "disable", "new_text")
    assert [group["label"] for group in found["groups"]] == ["第二", wanted["groups"][1]["label"]]
    assert list(fields(found)) == ["g", "new_text", "new_number", "f", "s", "n", "t"]
    assert fields(found)["n"]["label"] == "数"
    assert [(tab["name"], tab["label"]) for tab in found["tabs"]] == [("big", "大")]
    assert list(schema_of(form).formulas) == ["f", "g"]
    wanted = design(form)
    wanted["groups"] = wanted["groups"][1:]
    wanted |= {"tabs": [], "primary_field": None}
    save(form, wanted)
    assert list(fields(design(form))) == ["f", "s", "n", "t"]
    assert design(form)["tabs"] == []


def test_every_fault_is_told_under_its_place_and_nothing_saved(form: CustomForm, alice: Member) -> None:
    make_entity(form, alice, n=1)
    wanted = design(form)
    wanted |= {"name": " ", "status": "perhaps", "primary_field": "n"}
    group = wanted["groups"][0]
    group["label"] = ""
    place = {field["name"]: position for position, field in enumerate(group["fields"])}
    fields(wanted)["n"] |= {"field_type": "text_field", "status": "off"}
    fields(wanted)["s"]["options"] = [{"value": "short", "label": "x"}]
    fields(wanted)["f"]["setting"] = {"formula": "{nothing}", "odd": 1}
    group["fields"] += [
        {"label": "", "field_type": "text_field"},
        {"label": "x", "field_type": "no_field"},
        {"label": "x", "field_type": "text_field", "name": "id"},
        {"id": 2**40, "label": "x", "field_type": "text_field"},
        {"label": "d", "field_type": "integer_field", "setting": {"default": 5, "max": 4}},
    ]
    wanted["tabs"] = [
        {"name": "all"},
        {"name": "大"},
        {"name": "t1", "filters": [{"name": "zz", "op": "eq", "value": 1}], "sort": [{"t": "up"}]},
        {"name": "t1"},
    ]
    path = "groups[0].fields"
    expected = [
        ("groups[0].label", "required"),
        (f"{path}[4].label", "required"),
        (f"{path}[5].field_type", "unknown_type"),
        (f"{path}[6].name", "reserved_name"),
        (f"{path}[7].id", "unknown_field"),
        (f"{path}[8].default", "too_large"),
        (f"{path}[{place['f']}].odd", "setting_invalid"),
        (f"{path}[{place['n']}].field_type", "in_use"),
        (f"{path}[{place['n']}].status", "unknown_status"),
        (f"{path}[{place['s']}].options", "malformed_token"),
        ("name", "required"),
        ("status", "unknown_status"),
        ("tabs[0].name", "invalid_name"),
        ("tabs[1].name", "invalid_name"),
        ("tabs[2].filters[0].name", "unknown_field"),
        ("tabs[2].sort[0]", "unknown_direction"),
        ("tabs[3].name", "invalid_name"),
    ]
    found = refused_of(form, wanted)
    assert set(expected) <= set(found)
    assert {place for place, _code in set(found) - set(expected)} <= {"primary_field"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"groups": []}, ("groups", "required")),
        ({"primary_field": "zz"}, ("primary_field", "unknown_field")),
        ({"primary_field": "n"}, ("primary_field", "not_searchable")),
        ({"name": "x" * 101}, ("name", "required")),
    ],
)
def test_what_a_form_needs(form: CustomForm, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in refused_of(form, {**design(form), **changes})


def without(design: dict[str, Any], *names: str) -> dict[str, Any]:
    for group in design["groups"]:
        group["fields"] = [field for field in group["fields"] if field["name"] not in names]
    return design


def test_a_field_that_is_read_or_held_is_not_left_out(form: CustomForm, alice: Member) -> None:
    make_entity(form, alice, t="a")
    assert refused_of(form, {**without(design(form), "n", "t"), "primary_field": None}) == [
        ("removed[n].status", "read_by_formula"),
        ("removed[t].id", "in_use"),
    ]


def test_a_field_goes_together_with_what_reads_it(form: CustomForm) -> None:
    add_field(form, "g", ("formula_field", {"formula": "{f} + {n}"}))
    save(form, without(design(form), "n", "f", "g"))
    assert list(fields(design(form))) == ["t", "s"]


def test_a_field_goes_while_its_reader_lets_go_of_it(form: CustomForm) -> None:
    wanted = without(design(form), "n")
    fields(wanted)["f"]["setting"] = {"formula": "1 + 1"}
    save(form, wanted)
    assert list(fields(design(form))) == ["t", "s", "f"]


def test_a_name_is_free_for_another_when_its_field_goes(form: CustomForm) -> None:
    wanted = without(design(form), "s")
    wanted["groups"][0]["fields"].append({"label": "x", "field_type": "date_field", "name": "s"})
    save(form, wanted)
    assert schema_of(form).by_field["s"].type.name == "date_field"


def test_nobody_overwrites_what_he_has_not_seen(form: CustomForm) -> None:
    opened = design(form)
    add_field(form, "meanwhile", "text_field")
    with pytest.raises(Conflict) as conflict:
        save(form, opened, base=fingerprint(opened))
    assert [fault.code for fault in conflict.value.faults] == ["changed_meanwhile"]
    assert "meanwhile" in fields(design(form))


# --- Tabs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "sort", "expected"),
    [
        ("x", [], [("filters", "wrong_list")]),
        (["x"], [], [("filters[0]", "wrong_object")]),
        ([{"name": "n"}], [], [("filters[0].op", "required")]),
        ([{"name": "n", "op": "gt", "value": 1, "x": 2}], [], [("filters[0].x", "unknown_key")]),
        ([{"name": ["n"], "op": "gt", "value": 1}], [], [("filters[0].name", "required")]),
        ([{"name": "n", "op": ["gt"], "value": 1}], [], [("filters[0].op", "required")]),
        ([{"name": "n", "op": "like", "value": "1"}], [], [("filters[0].op", "unknown_operator")]),
        ([{"name": "n", "op": "gt", "value": "1"}], [], [("filters[0].value", "wrong_type")]),
        ([{"name": "n", "op": "within", "value": [1, "x"]}], [], [("filters[0].value[1]", "wrong_type")]),
        ([{"name": "n", "op": "gt", "value": None}], [], [("filters[0].value", "required")]),
        ([{"or": [{"name": "zz", "op": "gt", "value": 1}]}], [], [("filters[0].or[0].name", "unknown_field")]),
        ([{"or": {}}], [], [("filters[0].or", "wrong_list")]),
        ([{"or": [{"or": [{"or": []}]}]}], [], [("filters[0].or[0].or[0].or", "wrong_list")]),
        (
            [{"or": [GREATER] * 60}] * 2,
            [],
            [(f"filters[1].or[{place}]", "too_many_items") for place in range(38, 60)],
        ),
        ([GREATER] * 101, [], [("filters", "too_many_items")]),
        ([], "x", [("sort", "wrong_list")]),
        ([], ["x"], [("sort[0]", "wrong_object")]),
        ([], [{"n": ["asc"]}], [("sort[0]", "unknown_direction")]),
        ([], [{"n": "asc", "t": "asc"}], [("sort[0]", "wrong_object")]),
        ([], [{"n": "asc"}, {"zz": "asc"}], [("sort[1]", "unknown_field")]),
        ([], [{"n": "asc"}, {"n": "desc"}], [("sort[1]", "repeated")]),
        ([], [{"n": "asc"}] * 11, [("sort", "too_many_items")]),
    ],
)
def test_a_tab_is_checked_like_a_request(form: CustomForm, filters: Any, sort: Any, expected: Any) -> None:
    _terms, wrong = tab_terms(schema_of(form), filters, sort)
    assert [(fault.field, fault.code) for fault in (each.placed() for each in wrong)] == expected


def test_a_tab_selects(form: CustomForm, alice: Member) -> None:
    ids = [make_entity(form, alice, n=n, t="x") for n in (1, 5, 3)] + [make_entity(form, alice)]
    filters = [{"or": [{"name": "n", "op": "gte", "value": 2.5}, {"name": "t", "op": "empty"}]}]
    terms, wrong = tab_terms(schema_of(form), filters, [{"n": "desc"}])
    assert wrong == []
    assert query_of(form, terms).ids() == [ids[1], ids[2], ids[3]]


def test_what_a_tab_says_of_an_unsaved_field_is_not_judged(form: CustomForm) -> None:
    filters, sort = [{"name": "new", "op": "odd", "value": 1}, {"or": [{"name": "new", "op": "x"}]}], [{"new": "asc"}]
    terms, wrong = tab_terms(schema_of(form), filters, sort, unsaved={"new"})
    assert (terms.filters, terms.sorts, wrong) == ((), (), [])


def test_a_sort_that_the_field_has_not_is_refused(form: CustomForm) -> None:
    add_field(form, "m", ("multi_select", {}, (Option(A, "红"),)))
    _terms, wrong = tab_terms(schema_of(form), [], [{"m": "asc"}])
    assert [(each.placed().field, each.fault.code) for each in wrong] == [("sort[0]", "not_sortable")]
