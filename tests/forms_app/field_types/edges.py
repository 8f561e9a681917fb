"""The limits of every type: for each setting a value at the very limit, and one that is a step beyond it.

`test_limits.py` holds the list to the registry: a limit that a type declares in `bounds` has an edge here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from forms_app.field_types import registry
from forms_app.field_types._choices import EXAMPLE_OPTIONS
from forms_app.field_types._numbers import NumberType
from forms_app.field_types._text import TextType

FILE = {"name": "a", "file_url": "https://files.example.com/a"}


@dataclass(frozen=True)
class Edge:
    """With this setting `taken` is stored and `beyond` is refused with `code`. `setting` is the name of the limit."""

    field_type: str
    setting: str
    values: dict[str, Any]
    taken: Any
    beyond: Any
    code: str

    def __str__(self) -> str:
        return f"{self.field_type}-{self.code}-{self.values[self.setting]}"


def file(**more: Any) -> list[dict[str, Any]]:
    return [{**FILE, **more}]


TEXTS: dict[str, Callable[[int], str]] = {
    "text_field": lambda length: "𠮷" * length,  # two UTF-16 units and four bytes: characters are counted
    "text_area": lambda length: "字\n" * (length // 2) + "x" * (length % 2),
    "email_field": lambda length: "a" * (length - 6) + "@b.com",
    "tel_field": lambda length: "1" * length,
    "mobile_field": lambda length: "138" + "-" * (length - 11) + "00138000",
    "url_field": lambda length: "http://b.cn/" + "路" * (length - 12),
}
"""A right value of so many characters, of each type of text."""


def of_texts() -> Iterator[Edge]:
    for field_type in registry:
        if isinstance(field_type, TextType) and field_type.writable:
            text, name = TEXTS[field_type.name], field_type.name
            yield Edge(name, "max_length", {"max_length": 14}, text(14), text(15), "too_long")
            yield Edge(name, "min_length", {"min_length": 14}, text(14), text(13), "too_short")
            both = {"min_length": 14, "max_length": 14}
            yield Edge(name, "min_length", both, text(14), text(13), "too_short")
            yield Edge(name, "max_length", both, text(14), text(15), "too_long")


def beyond(number: int | str, sign: int) -> Decimal:
    """The number that lies the smallest step off: 38 digits are kept, where a thread's own context ends at 28."""
    return Context(prec=40).add(Decimal(number), sign * Decimal("1e-30"))


def of_numbers() -> Iterator[Edge]:
    for field_type in registry:
        if isinstance(field_type, NumberType):
            name = field_type.name
            for least in (5, 0, -5):
                yield Edge(name, "min", {"min": least}, least, beyond(least, -1), "too_small")
                yield Edge(name, "max", {"max": least}, least, beyond(least, +1), "too_large")
            yield Edge(name, "min", {"min": 1, "max": 1}, Decimal("1.0"), Decimal("0.9"), "too_small")
            yield Edge(name, "max", {"max": 0.1}, Decimal("0.1"), beyond("0.1", +1), "too_large")
            for places in (0, 2, 30):
                at, finer = Decimal(3).scaleb(-places), Decimal(3).scaleb(-places - 1)
                yield Edge(name, "decimal_places", {"decimal_places": places}, at, finer, "too_many_decimals")
            if "strict" in field_type.limits.values():
                yield Edge(name, "strict", {"strict": True}, 10**30, beyond(5, +1), "not_integer")


def of_others() -> Iterator[Edge]:
    one, two, three = (option.value for option in EXAMPLE_OPTIONS[:3])
    yield Edge("multi_select", "max_choices", {"max_choices": 2}, [one, two], [one, two, three], "too_many_choices")
    yield Edge("multi_select", "max_choices", {"max_choices": 1}, [one], [one, two], "too_many_choices")
    yield Edge("multi_select", "min_choices", {"min_choices": 2}, [one, two], [one], "too_few_choices")
    yield Edge("multi_select", "min_choices", {"min_choices": 3}, [three, two, one], [one, two], "too_few_choices")
    yield Edge("user_field", "multiple", {"multiple": False}, [{"uid": 1}], [{"uid": 1}, {"uid": 2}], "too_many")
    yield Edge("department_field", "multiple", {"multiple": False}, [{"did": 1}], [{"did": 1}, {"did": 3}], "too_many")
    top, below, leaf = (option.value for option in registry.get("nested_select").example_options)
    for taken in ({"level_0": top, "level_1": below}, {"level_0": leaf}):
        yield Edge("nested_select", "leaf_required", {"leaf_required": True}, taken, {"level_0": top}, "not_a_leaf")
    for length in (1, 6, 1000):
        at, over = {"detail_address": "路" * length}, {"detail_address": "路" * (length + 1)}
        yield Edge("address_select", "max_length", {"max_length": length}, at, over, "detail_too_long")
    levels = ("country_id", "province_id", "city_id", "district_id")
    for place, level in enumerate(levels):
        given = {name: str(number) for number, name in enumerate(levels[: place + 1], 1)}
        above = {"detail_address": "x"} | {name: given[name] for name in levels[:place]}
        yield Edge("address_select", "down_to", {"down_to": level}, given, above, "level_required")


def of_files() -> Iterator[Edge]:
    for most in (1, 2):
        yield Edge("file_field", "max_files", {"max_files": most}, file() * most, file() * (most + 1), "too_many_files")
    for size in (1, 10, 2**40):
        at, over = file(file_file_size=size), file(file_file_size=size + 1)
        yield Edge("file_field", "max_bytes", {"max_bytes": size}, at, over, "file_too_large")
    # The last part alone is the suffix, its case aside; a letter of another script or a Turkish i is another letter.
    for allowed, taken, other in (
        ("jpg", "PHOTO.JPG", "PHOTO.JPG.EXE"),
        ("jpg", "photo.jpg", "photo.jpeg"),
        ("JPG", "photo.jpg", "photojpg"),
        ("JPG", "PHOTO.JpG", "jpg"),
        ("jpg", "照片.JPG", "照片.ＪＰＧ"),
        ("jpg", "İ.İ.JPG", "photo.jpg "),
        ("ini", "SETUP.INI", "SETUP.İNİ"),
        ("ini", "setup.ini", "setup.ını"),
        ("7Z", "a.b.7z", "a.7z.b"),
    ):
        values = {"extensions": [allowed]}
        yield Edge("file_field", "extensions", values, file(name=taken), file(name=other), "wrong_file_type")


EDGES = [*of_texts(), *of_numbers(), *of_others(), *of_files()]

OF_EACH_FAULT = list({edge.code: edge for edge in reversed(EDGES)}.values())
"""One edge of each fault: what is tried at every entrance by which values come in."""
