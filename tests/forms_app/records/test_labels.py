"""Names of a whole page: today's, of one's own organization, few statements."""

from __future__ import annotations

from typing import Any

import pytest

from forms_app.design.fields import field_change
from forms_app.exceptions import Refused
from forms_app.field_types import Ref, registry
from forms_app.models import CustomForm, Member
from forms_app.records.labels import PageLabels, titles
from tests.factories import MemberFactory, RegionFactory, actor_of, make_entity, make_form, schema_of
from tests.forms_app.worlds import shown_of, statements


@pytest.fixture
def target(custom_app: Any) -> CustomForm:
    return make_form(custom_app, {"t": "text_field"}, name="目标")


def test_names_are_those_of_today(alice: Member, bob: Member, target: CustomForm) -> None:
    RegionFactory(id="4", label="中国")
    record_id = make_entity(target, alice, t="a")
    refs = [Ref("member", 2), Ref("department", 3), Ref("region", "4"), Ref("record", record_id, target.pk)]
    before = PageLabels.load(refs, actor_of(alice))
    assert before.member(2)["name"] == "member 2"
    bob.name = "Robert"
    bob.phone = "13800138000"
    bob.save()
    schema_of(target).rights(actor_of(alice))  # who may what is asked for once
    with statements() as found:
        labels = PageLabels.load(refs * 50, actor_of(alice))
    assert len(found) == 2  # all names in one, the related form in another
    assert labels.member(2) == {
        "id": bob.pk,
        "uid": 2,
        "name": "Robert",
        "phone": "13800138000",
        "path_uid": None,
        "third_userid": None,
    }
    assert labels.department(3) == {"did": 3, "name": "department 3", "third_dept_id": None}
    assert labels.region("4") == "中国"
    assert labels.record(target.pk, record_id) == {
        "value": record_id,
        "label": "a",
        "relation_source": {
            "id": target.pk,
            "name": target.data_table_name,
            "label": "目标",
            "external_type": "",
        },
    }


def test_what_is_unknown_has_no_name(alice: Member, target: CustomForm) -> None:
    refs = [Ref("member", 9), Ref("department", 9), Ref("region", "9"), Ref("record", 9, target.pk), Ref("file", "9")]
    labels = PageLabels.load(refs, actor_of(alice))
    assert labels.member(9)["name"] is None
    assert labels.member(9)["uid"] == 9
    assert labels.department(9) == {"did": 9, "name": None, "third_dept_id": None}
    assert labels.region("9") is None
    assert labels.record(target.pk, 9)["label"] is None
    assert labels.record(2**40, 9) == {"value": 9, "label": None, "relation_source": None}


def test_nothing_referred_to_costs_nothing(alice: Member) -> None:
    with statements() as found:
        PageLabels.load([], actor_of(alice))
    assert found == []


def test_names_of_another_organization_are_not_told(
    alice: Member, charlie: Member, target: CustomForm, custom_app: Any
) -> None:
    MemberFactory(organization=charlie.organization, uid=77, name="secret")
    theirs = make_form(
        type(custom_app).objects.create(organization=charlie.organization, name="x"), {"t": "text_field"}
    )
    secret = make_entity(theirs, charlie, t="secret")
    own = make_entity(target, alice, t="own")
    refs = [Ref("member", 77), Ref("record", secret, theirs.pk), Ref("record", own, target.pk)]
    labels = PageLabels.load(refs, actor_of(alice, form_ids=frozenset({1})))
    assert labels.member(77)["name"] is None
    assert labels.record(theirs.pk, secret) == {"value": secret, "label": None, "relation_source": None}
    hidden = labels.record(target.pk, own)  # the form is known by the relation, its values are not
    assert hidden["label"] is None
    assert hidden["relation_source"] == {"id": target.pk, "name": None, "label": None, "external_type": ""}
    assert PageLabels.load([Ref("record", 1, 2**40)], actor_of(alice)).record(2**40, 1)["label"] is None


def test_titles_are_the_primary_field_s(target: CustomForm, alice: Member, custom_app: Any) -> None:
    ids = [make_entity(target, alice, t="a"), make_entity(target, alice)]
    assert titles(schema_of(target), [*ids, 2**40], actor_of(alice)) == {ids[0]: "a", ids[1]: None}
    target.primary_field = None
    target.save()
    assert titles(schema_of(target), ids, actor_of(alice)) == dict.fromkeys(ids)


def test_a_region_s_name_is_shown_where_it_is_known(custom_app: Any, alice: Member) -> None:
    RegionFactory(id="4", label="中国")
    form = make_form(custom_app, {"a": "address_select", "s": "text_field"})
    known = shown_of(form, make_entity(form, alice, a={"country_id": "4", "province_id": "x"}), alice)
    assert known["a_display"] == ["中国", None]
    unknown = shown_of(form, make_entity(form, alice, a={"country_id": "5"}), alice)
    assert unknown["a_display"] is None


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ({"down_to": "city_id"}, {"country_id": "4"}, "level_required"),
        ({"max_length": 2}, {"detail_address": "abc"}, "detail_too_long"),
        ({}, {"detail_address": "\0"}, "invalid_text"),
    ],
)
def test_an_address_must_be_whole(custom_app: Any, alice: Member, setting: Any, value: Any, code: str) -> None:
    form = make_form(custom_app, {"a": ("address_select", setting)})
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, a=value)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_an_option_s_new_label_is_shown(custom_app: Any, alice: Member) -> None:
    options = registry.get("select_field").example_options
    form = make_form(custom_app, {"s": ("select_field", {}, options), "m": ("multi_select", {}, options)})
    record_id = make_entity(form, alice, s=options[0].value, m=[options[0].value, options[1].value])
    assert shown_of(form, record_id, alice)["m_display"] == ["官网", "转介绍"]
    for name in "sm":
        field_change(
            field=form.custom_fields.get(name=name),
            options=[{"value": o.value, "label": f"新{o.label}"} for o in options],
        )
    shown = shown_of(form, record_id, alice)
    assert (shown["s_display"], shown["m_display"]) == ("新官网", ["新官网", "新转介绍"])
