"""Plausible values for a column, made from what its type says of itself: the JSON Schema of what a client writes, the
options, the worked examples, and from who and what is there. The column's own rules check each one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from forms_app.exact_json import dumps, reads
from forms_app.exceptions import Refused
from forms_app.field_types import Column
from forms_app.models import Department, FormEntity, Member, Region
from forms_app.sampling.sample_texts import latin_word, long_text, short_text
from forms_app.schema.form_schema import FormSchema

Draw = Callable[[Random], Any]
"""A value as a client would send it; the column may refuse it."""
POOL = 20_000
"""The most values that a column's records are drawn from, where they need not be unique."""
POOL_OF_CHOICES = 1_000
"""The same of a column whose values are chosen from a list: of options, or of what is there."""
MOST_RELATED = 10_000
LONG = 5_000
"""A text that may have so many characters is given sentences."""
FIRST_DAY, DAYS = datetime(2020, 1, 1), 2_190
"""Times lie between 2020 and the end of 2025: a seed gives the same values on any day."""


@dataclass(frozen=True)
class Surroundings:
    """What records of a form can refer to."""

    uids: Sequence[int]
    dids: Sequence[int]
    paths: Sequence[Mapping[str, str]]
    """Addresses down to a district, by level."""
    related: Mapping[int, Sequence[int]]
    """Form → ids of some of its records."""


def surroundings_of(schema: FormSchema) -> Surroundings:
    """The people, departments, regions and related records that are there now."""
    organization = schema.organization_id
    members = Member.objects.filter(organization_id=organization, is_active=True).order_by("uid")
    departments = Department.objects.filter(organization_id=organization).order_by("did")
    forms = {form_id for column in schema.fields if (form_id := column.type.related_form_id(column.setting))}
    return Surroundings(
        list(members.values_list("uid", flat=True)[:MOST_RELATED]),
        list(departments.values_list("did", flat=True)[:MOST_RELATED]),
        _paths(),
        {form_id: _ids(form_id) for form_id in forms},
    )


def _ids(form_id: int) -> list[int]:
    records = FormEntity.objects.of_form(form_id).order_by("id")
    return list(records.values_list("id", flat=True)[:MOST_RELATED])


def _paths() -> list[dict[str, str]]:
    regions = {region.pk: region for region in Region.objects.order_by("pk")}
    paths = []
    for region in regions.values():
        path: dict[str, str] = {}
        above: Region | None = region if region.level == Region.Level.DISTRICT else None
        while above is not None:
            path[f"{above.level}_id"] = above.pk
            above = regions.get(above.parent_id or "")
        if path:
            paths.append(path)
    return paths


def draw_of(column: Column, around: Surroundings) -> Draw:
    """What gives values of the column's kind."""
    kind, form_id = column.type, column.type.related_form_id(column.setting)
    written, shown = column.value_field.written_schema(), column.value_field.shown_schema()
    if kind.has_options:
        return _choices(column, written)
    if form_id:
        return _one_of([{"value": record_id} for record_id in around.related.get(form_id, ())])
    if kind.names_people:
        key = written["items"]["required"][0]
        ids = {"uid": around.uids, "did": around.dids}[key]
        most = min(written["items"].get("maxItems", 3), written.get("maxItems", 3), 3, len(ids))
        return lambda chance: [{key: chosen} for chosen in chance.sample(ids, chance.randint(1, most))] if ids else None
    if "country_id" in written.get("properties", {}) and around.paths:
        return lambda chance: {**chance.choice(around.paths), "detail_address": f"{_street(chance)}"}
    return _by_schema(column, written, shown)


def _by_schema(column: Column, written: Mapping[str, Any], shown: Mapping[str, Any]) -> Draw:
    if written.get("type") in ("number", "integer"):
        return _number(column, written)
    if written.get("type") == "boolean":
        return lambda chance: chance.random() < 0.5
    if shown.get("format") in ("date-time", "date"):
        return _moment
    if shown.get("items", {}).get("format") == "date-time":
        return lambda chance: sorted([_moment(chance), _moment(chance)])
    properties = written.get("properties", {})
    if properties and all("minimum" in part and "maximum" in part for part in properties.values()):
        return lambda chance: {
            key: Decimal(f"{chance.uniform(part['minimum'], part['maximum']):.6f}") for key, part in properties.items()
        }
    if written.get("type") == "string" and "description" not in written:
        return _text(column, written)
    return _like_examples(column)


def _choices(column: Column, written: Mapping[str, Any]) -> Draw:
    options = [option for option in column.options.values() if option.enabled]
    tokens = [option.value for option in options]
    if column.type.cascades:

        def path(chance: Random) -> Any:
            levels: list[str] = []
            while below := [o.value for o in options if o.parent == (levels[-1] if levels else None)]:
                levels.append(chance.choice(below))
            return {f"level_{level}": token for level, token in enumerate(levels)} or None

        return path
    if written.get("type") == "array":
        least = min(column.setting.get("min_choices") or 1, len(tokens))
        most = min(column.setting.get("max_choices") or max(least, 3), len(tokens))
        return lambda chance: chance.sample(tokens, chance.randint(least, max(least, most))) or None
    # As in life, the first options are chosen more often.
    weights = [1 / (place + 1) for place in range(len(tokens))]
    return lambda chance: chance.choices(tokens, weights)[0] if tokens else None


def _number(column: Column, written: Mapping[str, Any]) -> Draw:
    setting = column.setting
    example = next((sent for sent, _shown in column.type.accepts if sent is not None), 0)
    is_whole = written["type"] == "integer" or isinstance(example, int)
    places = 0 if is_whole else setting.get("decimal_places", 2)
    low = written.get("minimum", Decimal(0))
    high = written.get("maximum", low + 100_000)
    step = Decimal(1).scaleb(-int(places or 0))
    first, last = int(-(-low // step)), int(high // step)
    return lambda chance: chance.randint(first, max(first, last)) * (int(step) if step == 1 else step)


def _text(column: Column, written: Mapping[str, Any]) -> Draw:
    most, least = written.get("maxLength", LONG), written.get("minLength", 0)
    by_format: dict[str, Draw] = {
        "email": lambda chance: f"{latin_word(chance)}@{latin_word(chance)}.example",
        "iri": lambda chance: f"https://{latin_word(chance)}.example/{latin_word(chance)}",
    }
    make = by_format.get(written.get("format", ""), long_text if most >= LONG else short_text)

    def fitting(chance: Random) -> str:
        text = str(make(chance))
        while len(text) < least:
            text += str(make(chance))
        if not column.unique or written.get("format"):
            return text[:most]
        # There are not so many names as records.
        tail = f"{chance.randrange(10**12):012d}"[:most]
        return f"{text[: most - len(tail)]}{tail}"

    try:
        column.clean(fitting(Random(0)))
    except Refused:
        return _like_examples(column)  # not any text, but numbers of telephones and the like
    return fitting


def _like_examples(column: Column) -> Draw:
    """The type's worked examples, with other digits from the fourth on."""
    examples = [dumps(sent).decode() for sent, shown in column.type.accepts if shown is not None]

    def varied(chance: Random) -> Any:
        seen, text = 0, ""
        for char in chance.choice(examples):
            seen += char.isdigit()
            text += str(chance.randrange(10)) if char.isdigit() and seen > 3 else char
        try:
            return reads(text)
        except json.JSONDecodeError:  # a number with a zero in front
            return None

    return varied if examples else lambda chance: None


def _one_of(values: Sequence[Any]) -> Draw:
    return lambda chance: chance.choice(values) if values else None


def _moment(chance: Random) -> str:
    moment = FIRST_DAY + timedelta(days=chance.randrange(DAYS), seconds=chance.randrange(86_400))
    return moment.isoformat(" ", "seconds")


def _street(chance: Random) -> str:
    return f"{short_text(chance)[:6]}路{chance.randint(1, 999)}号"


def checked_draw(column: Column, draw: Draw, chance: Random, attempts: int = 20) -> Any:
    """A value that the column takes, as it is stored; None where none comes."""
    for _attempt in range(attempts):
        try:
            value = column.clean(draw(chance))
        except Refused:
            continue
        if value is not None:
            return value
    return None


def pool_of(column: Column, draw: Draw, chance: Random, count: int) -> list[Any]:
    """Up to `count` stored values of the column: POOL at most, or POOL_OF_CHOICES."""
    pool: list[Any] = []
    chosen = column.type.has_options or column.type.refers
    for _number in range(min(count, POOL_OF_CHOICES if chosen else POOL)):
        value = checked_draw(column, draw, chance)
        if value is None and not pool:
            return []
        if value is not None:
            pool.append(value)
    return pool
