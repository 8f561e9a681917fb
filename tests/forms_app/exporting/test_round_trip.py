"""What an export wrote, loading reads back as it was: of every type, in every format, by name and as stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from forms_app.field_types import FieldType, Option
from forms_app.loading.formula_guard import guarded
from forms_app.models import CustomApp, CustomField, CustomForm, Member
from forms_app.operators.lookups import same
from tests.factories import MemberFactory, add_field, make_entity, make_form
from tests.forms_app.exporting.files import KINDS, exported, loaded_back, table
from tests.forms_app.field_types.every_type import EXAMPLE, WRITABLE, create, each_type, world
from tests.forms_app.loading.files import stored_rows

SHAPES = [
    (kind, headings, values) for kind in KINDS for headings in ("label", "name") for values in ("shown", "stored")
]


def check(form: CustomForm, alice: Member, folder: Path, shape: tuple[str, str, str]) -> None:
    before = stored_rows(form)
    kind, headings, values = shape
    done = loaded_back(form, alice, folder, kind, headings=headings, values=values)
    assert (done.loaded, done.refused) == (len(before), 0), (folder / f"export.{kind}.refused").read_text()
    after = stored_rows(form)[len(before) :]
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        assert old.keys() == new.keys()
        assert all(same(old[name], new[name]) for name in old), (old, new)


@each_type(WRITABLE)
@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_the_examples_of_every_type(
    field_type: FieldType, shape: tuple[str, str, str], alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    form = world(field_type, alice, custom_app)
    for value, _shown in field_type.accepts:
        create(form, alice, {EXAMPLE: value})
    check(form, alice, tmp_path, shape)


TEXTS = (
    "=1+1", "+86 138", "-5", "@x", "\tx", "\rx", "'=1", "''-5", "'plain", "a,b", 'a"b', "a\nb", "a\r\nb", "a\rb", " x ",
    "_x0041_", "\x01", "#row", "null", "true", "12", "1,234", "0012", "2023/8/20", "[1]", '{"a": 1}', "\u2028",
    "\ufeff", "\ufffe", "😀", "1e5", "官网", "x" * 900,
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_texts_that_programs_read_otherwise(
    shape: tuple[str, str, str], alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    form = make_form(custom_app, {"title": "text_field", "note": "text_area"})
    for text in TEXTS:
        make_entity(form, alice, title=text, note=text)
    check(form, alice, tmp_path, shape)


NUMBERS = (0, -1, 10**15, 10**20, Decimal("0.1"), Decimal("-0.000001"), Decimal("123456789012345678.9"), 10**30)


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_numbers_with_every_digit(
    shape: tuple[str, str, str], alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    form = make_form(custom_app, {"n": "float_field", "other": "text_field"})
    for number in (*NUMBERS, Decimal("1E-20"), Decimal("1E+40")):
        make_entity(form, alice, n=number)
    check(form, alice, tmp_path, shape)


MOMENTS = (
    "1899-12-31 23:59:59", "1900-02-28 00:00:00", "1970-01-01", "2023-08-20 00:01:00.001", "9998-12-31 23:59:59.999",
    "0002-01-01", "1991-09-14T15:30:00Z", "1991-09-14T16:30:00Z",
)  # fmt: skip
"""The last two are one clock of Shanghai, which was set back."""


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_moments_to_the_millisecond(
    shape: tuple[str, str, str], alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    form = make_form(custom_app, {"day": "date_field", "at": "datetime_field", "span": "datetime_range_field"})
    for text in MOMENTS:
        make_entity(form, alice, day=text, at=text, span=[text, text])
    check(form, alice, tmp_path, shape)


LABELS = ("甲", "甲", "a,b", "a、b", "a/b", " 乙", "[1]", "=1", "AAAAAAAAAAAAAAAAAAAAAA==", "#x")


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_options_whose_labels_say_too_little(
    shape: tuple[str, str, str], alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    options = [Option(f"{chr(66 + n)}AAAAAAAAAAAAAAAAAAAAA==", label) for n, label in enumerate(LABELS)]
    below = Option("WkFg1hVKiht2xdOjfhlpqQ==", "c/d", parent=options[4].value)
    form = make_form(
        custom_app,
        {
            "one": ("select_field", {"default": options[2].value}, options),
            "many": ("multi_select", {}, options),
            "path": ("nested_select", {}, [*options, below]),
        },
    )
    for option in options:
        make_entity(form, alice, one=option.value, many=[option.value], path={"level_0": option.value})
        make_entity(form, alice, one=None, many=[options[0].value, option.value] if option != options[0] else None)
    make_entity(form, alice, path={"level_0": options[4].value, "level_1": below.value})
    check(form, alice, tmp_path, shape)


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_people_and_records_of_one_name(
    shape: tuple[str, str, str], alice: Member, custom_app: CustomApp, tmp_path: Path
) -> None:
    for uid, name in ((71, "李雷"), (72, "李雷"), (73, "a、b"), (74, "77"), (75, "韩梅梅 (71)"), (76, "=x")):
        MemberFactory(organization=alice.organization, uid=uid, name=name)
    related = make_form(custom_app, {"title": "text_field"}, name="related")
    records = [make_entity(related, alice, title=title) for title in ("it", "it", "12", "a (1)", " ", "'=x")]
    form = make_form(custom_app, {"people": "user_field", "of": ("relation_field", {"form": related.pk})})
    for uid, record in zip((71, 72, 73, 74, 75, 76), records, strict=True):
        make_entity(form, alice, people=[{"uid": uid}, {"uid": alice.uid}], of={"value": record})
    check(form, alice, tmp_path, shape)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_of_nothing_is_a_record(kind: str, alice: Member, custom_app: CustomApp, tmp_path: Path) -> None:
    form = make_form(custom_app, {"title": ("text_field", {"default": "x"}), "n": ("float_field", {"default": 1})})
    make_entity(form, alice, title=None, n=None)
    make_entity(form, alice, title="y")
    check(form, alice, tmp_path, (kind, "label", "shown"))
    assert stored_rows(form)[0] == {}


def test_a_text_that_a_spreadsheet_runs_is_guarded_and_a_number_is_not(alice: Member, custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"title": "text_field", "n": "float_field"})
    for text in ("=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain"):
        make_entity(form, alice, title=text, n=-5)
    rows = table(exported(form, alice, headings="name"))
    assert [row[:2] for row in rows[1:]] == [[row[0], guarded(row[1].removeprefix("'"))] for row in rows[1:]]
    assert {row[2] for row in rows[1:]} == {"-5"}


def test_labels_that_name_no_field_are_left_for_names(alice: Member, custom_app: CustomApp) -> None:
    form = make_form(custom_app, {"a": "text_field"})
    for name, label in (("b", "同"), ("c", "同"), ("d", "#d"), ("e", "FORMITM_1"), ("f", "a"), ("g", "=g")):
        add_field(form, name, "text_field")
        field = CustomField.objects.get(custom_form=form, name=name)
        field.label = label
        field.save()
    heading = table(exported(form, alice))[0]
    assert heading[1:8] == ["label of a", "b", "c", "d", "e", "f", "'=g"]
    assert heading[0] == "#record'"


def test_what_the_server_gives_is_a_remark(alice: Member, custom_app: CustomApp, tmp_path: Path) -> None:
    form = make_form(
        custom_app,
        {"n": "float_field", "twice": ("formula_field", {"formula": "{n} * 2"}), "no": "auto_number_field"},
    )
    make_entity(form, alice, n=2)
    heading, row = table(exported(form, alice, headings="name"))
    assert heading == ["#record'", "n", "#twice", "#no", "#user", "#created_at", "#updated_at"]
    assert row[1:5] == ["2", "4", "0001", alice.name]
    assert datetime.fromisoformat(row[5]).year == datetime.now(UTC).year
    done = loaded_back(form, alice, tmp_path, "csv")
    assert done.loaded == 1


def test_a_formula_of_today_is_told_as_of_now(alice: Member, custom_app: CustomApp) -> None:
    formulas = {"year": "YEAR(TODAY()) + {n}", "day": "TODAY()"}
    fields = {name: ("formula_field", {"formula": formula}) for name, formula in formulas.items()}
    form = make_form(custom_app, {"n": "float_field", **fields})
    make_entity(form, alice, n=2)
    make_entity(form, alice)
    now = timezone.localtime()
    names = ("year", "day", "n")
    lines = map(json.loads, exported(form, alice, "jsonl", names=names).splitlines())
    assert [[line["#year"], line["#day"][:10], line["n"]] for line in lines] == [
        [now.year + 2, f"{now:%Y-%m-%d}", 2],
        [now.year, f"{now:%Y-%m-%d}", None],
    ]
    rows = table(exported(form, alice, headings="name", names=names))[1:]
    assert [[row[1], row[2][:10], row[3]] for row in rows] == [
        [str(now.year + 2), f"{now:%Y-%m-%d}", "2"],
        [str(now.year), f"{now:%Y-%m-%d}", ""],
    ]
