"""A stored row as clients read it: keys in the contract's order, projections, as few statements for many as for one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from forms_app.exact_json import dumps, reads
from forms_app.field_types import _times, registry
from forms_app.field_types.system_columns import RECORD_KEYS
from forms_app.models import CustomForm, Member
from forms_app.people import names
from forms_app.records.presentation import Projection, known_keys, present
from tests.factories import MemberFactory, RegionFactory, actor_of, add_example_field, make_entity, make_form, schema_of
from tests.forms_app.worlds import query_of, row_of, shown_of, statements


@pytest.fixture
def related(custom_app: Any, alice: Member) -> CustomForm:
    return make_form(custom_app, {"title": "text_field"}, name="related")


@pytest.fixture
def wide(custom_app: Any, alice: Member, related: CustomForm) -> CustomForm:
    """A form of sixty fields: each type, again and again."""
    form = make_form(custom_app, {"title": "text_field"})
    types = [field_type for field_type in registry if field_type.name != "formula_field"]
    for place in range(59):
        add_example_field(form, types[place % len(types)], related.pk, f"f{place}")
    return form


def test_a_full_record_has_its_keys_in_the_contract_s_order(wide: CustomForm, alice: Member) -> None:
    record_id = make_entity(wide, alice, title="a")
    schema = schema_of(wide)
    expected = [*RECORD_KEYS]
    for column in schema.fields:
        expected.append(column.name)
        if column.type.has_options or column.type.name == "address_select":
            expected.append(f"{column.name}_display")
    shown = shown_of(wide, record_id, alice)
    assert list(shown) == expected
    assert expected[:10] == [
        "id",
        "app_id",
        "custom_form_id",
        "organization_id",
        "custom_form_data_table_name",
        "primary_field_value",
        "user",
        "created_at",
        "updated_at",
        "title",
    ]
    assert known_keys(schema) == {*expected, "version"}
    assert len(schema.fields) == 60
    assert {key for key, value in shown.items() if value is None} == {
        key for key in expected[10:] if not key.startswith("f") or not shown[key]
    }


def test_the_system_keys_say_what_they_are(wide: CustomForm, alice: Member) -> None:
    record_id = make_entity(wide, alice, title="标题")
    shown = shown_of(wide, record_id, alice)
    assert shown["id"] == record_id
    assert shown["app_id"] == wide.custom_app_id
    assert shown["custom_form_id"] == wide.pk
    assert shown["organization_id"] == alice.organization_id
    assert shown["custom_form_data_table_name"] == wide.data_table_name
    assert shown["primary_field_value"] == "标题"
    assert list(shown["user"]) == ["id", "uid", "name", "phone", "path_uid", "third_userid"]
    assert (shown["user"]["id"], shown["user"]["uid"], shown["user"]["name"]) == (alice.pk, 1, "member 1")
    assert len(shown["created_at"]) == len("2023-08-16T15:29:15.318+08:00")
    assert shown["created_at"].endswith("+08:00")


def test_a_projection_gives_exactly_its_names_in_their_order(wide: CustomForm, alice: Member) -> None:
    record_id = make_entity(wide, alice, title="a")
    names = ["title", "id", "created_at", "f0", "app_id"]
    shown = shown_of(wide, record_id, alice, names)
    assert list(shown) == names
    choice = next(c.name for c in schema_of(wide).fields if c.type.has_options)
    assert list(shown_of(wide, record_id, alice, [choice])) == [choice]  # its display only by its own name
    assert list(shown_of(wide, record_id, alice, [f"{choice}_display"])) == [f"{choice}_display"]
    assert shown_of(wide, record_id, alice, []) == {}
    assert shown_of(wide, record_id, alice, ["primary_field_value"]) == {"primary_field_value": "a"}


def test_a_form_without_a_primary_field_has_no_primary_value(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"n": "integer_field"})
    assert shown_of(form, make_entity(form, alice, n=1), alice)["primary_field_value"] is None
    other = make_form(custom_app, {"t": "text_field"})
    assert shown_of(other, make_entity(other, alice), alice)["primary_field_value"] is None


@pytest.mark.parametrize("type_name", ["text_area", "auto_number_field", "tel_field"])
def test_any_text_may_be_the_primary_field(custom_app: Any, alice: Member, type_name: str) -> None:
    form = make_form(custom_app, {"p": type_name})
    values = {} if type_name == "auto_number_field" else {"p": "110"}
    shown = shown_of(form, make_entity(form, alice, **values), alice)
    assert shown["primary_field_value"] == shown["p"] is not None


def test_a_page_costs_no_more_statements_than_a_record(
    wide: CustomForm, related: CustomForm, alice: Member, people: Any
) -> None:
    RegionFactory(id="4", label="中国")
    targets = [make_entity(related, alice, title=f"t{place}") for place in range(5)]
    schema = schema_of(wide)
    values: dict[str, Any] = {
        "user_field": [{"uid": 1}, {"uid": 2}],
        "department_field": [{"did": 3}],
        "address_select": {"country_id": "4"},
    }
    for place in range(30):
        sent = {c.name: values[c.type.name] for c in schema.fields if c.type.name in values}
        sent |= {
            c.name: {"value": targets[place % 5]}
            for c in schema.fields
            if c.type.related_form_id(c.setting) is not None
        }
        make_entity(wide, people[place % 4 + 1], title=str(place), **sent)
    query = query_of(wide)

    def cost(rows: int, wanted: list[str] | None = None) -> int:
        names.known.empty()
        with statements() as found:
            shown = present(Projection.of(schema, wanted), query.page(rows), actor_of(alice))
        assert len(shown) == rows
        return len(found)

    # The page, all people, departments and regions, the related form.
    assert (cost(1), cost(30)) == (3, 3)
    assert (cost(30, ["title", "id"]), cost(30, ["user"]), cost(0)) == (1, 2, 1)


@pytest.mark.parametrize("uid", [10**15, 2**63 - 1])
def test_ids_of_any_length_are_looked_up(custom_app: Any, alice: Member, uid: int) -> None:
    """Other systems number their people by sixteen digits and more."""
    MemberFactory(organization=alice.organization, uid=uid, name="long")
    form = make_form(custom_app, {"people": "user_field"})
    shown = shown_of(form, make_entity(form, alice, people=[{"uid": uid}, {"uid": 1}]), alice)
    assert [person["name"] for person in shown["people"]] == ["long", "member 1"]


def test_what_is_presented_is_json_with_every_digit(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"n": "float_field", "where": "geo_address"})
    number = Decimal("12345678901234567890.0123456789")
    record_id = make_entity(form, alice, n=number, where={"latitude": Decimal("1.10"), "longitude": 2})
    (record,) = present(Projection.of(schema_of(form)), [row_of(form, record_id)], actor_of(alice))
    text = dumps(record).decode()
    assert str(number) in text
    assert '"latitude":1.10' in text
    assert reads(text)["n"] == number


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Shanghai", "UTC", "America/New_York"])
def test_times_are_shown_in_the_setting_s_zone(custom_app: Any, alice: Member, settings: Any, zone: str) -> None:
    form = make_form(custom_app, {"m": "datetime_field"})
    settings.TIME_ZONE = zone
    _times._hour.cache_clear()
    try:
        for text in ("2023-08-20T00:01:02.345Z", "2023-12-31T23:59:59.999Z", "1901-01-01T00:00:00Z"):
            shown = shown_of(form, make_entity(form, alice, m=text), alice)["m"]
            moment = datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
            assert shown == moment.isoformat(timespec="milliseconds")
    finally:
        _times._hour.cache_clear()
