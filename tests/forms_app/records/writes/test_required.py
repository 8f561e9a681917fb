"""What fills a required field: something that one can see."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

import pytest

from forms_app.exceptions import Refused
from forms_app.field_types import registry
from forms_app.field_types._text import TextType, is_blank
from forms_app.models import CustomField, CustomForm, Member
from forms_app.records.writes import entity_create
from tests.factories import actor_of, make_entity, make_form, schema_of
from tests.forms_app.records.writes.writes import codes, update
from tests.forms_app.worlds import stored_of

BLANKS = [
    " ",
    "\t\r\n",
    "\u3000",  # the space of Chinese
    "\u00a0",  # no-break
    "\u200b",  # zero width
    "\ufeff",  # byte order mark
    "\u2028\u2029",
    "\u2060\u00ad",
    "\u1680\u2003\u202f\u205f",
    "\u3164\uffa0\u115f\u2800",
    " \u3000\u200b\n",
    "\u034f",  # a joiner of marks
    "\ufe0f \U000e0100",  # selectors of a variation that nothing stands before
    "\u180b\u17b5",
]
SEEN = ["0", "　a　", "\u200ba", ".", "一", "👩\u200d💻", "-", "❤\ufe0f", "\u0301", "葛\U000e0100"]


@pytest.fixture
def form(custom_app: Any) -> CustomForm:
    return make_form(
        custom_app, {"title": ("text_field", {"required": True}), "story": ("text_area", {"required": True})}
    )


@pytest.mark.parametrize("blank", BLANKS)
def test_blanks_of_any_script_fill_nothing(form: CustomForm, alice: Member, blank: str) -> None:
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, title=blank, story="a")
    assert codes(refused.value) == [("required", "title", None)]
    record_id = make_entity(form, alice, title="a", story="b")
    with pytest.raises(Refused) as refused:
        update(form, alice, record_id, title="new", story=blank)
    assert codes(refused.value) == [("required", "story", None)]
    assert stored_of(form, record_id) == {"title": "a", "story": "b"}


@pytest.mark.parametrize("text", SEEN)
def test_what_one_can_see_does_and_is_stored_as_sent(form: CustomForm, alice: Member, text: str) -> None:
    assert stored_of(form, make_entity(form, alice, title=text, story=text)) == {"title": text, "story": text}


def test_blanks_may_be_stored_where_nothing_is_required(custom_app: Any, alice: Member) -> None:
    form = make_form(custom_app, {"title": "text_field"})
    assert stored_of(form, make_entity(form, alice, title=" ")) == {"title": " "}


def test_blanks_that_a_record_holds_already_are_no_fault_when_they_are_sent_back(
    custom_app: Any, alice: Member
) -> None:
    form = make_form(custom_app, {"title": "text_field", "number": "integer_field"})
    record_id = make_entity(form, alice, title=" ")
    CustomField.objects.filter(custom_form=form, name="title").update(setting={"required": True})
    form.save()  # a new tag
    update(form, alice, record_id, title=" ", number=1)
    assert stored_of(form, record_id) == {"title": " ", "number": 1}
    with pytest.raises(Refused):
        update(form, alice, record_id, title="  ")


def test_every_type_of_text_is_held_to_it(custom_app: Any, alice: Member) -> None:
    for kind in registry:
        if not isinstance(kind, TextType) or kind.computed:
            continue
        form = make_form(custom_app, {"value": (kind.name, {"required": True})}, name=kind.name)
        with pytest.raises(Refused):
            entity_create(schema=schema_of(form), values={"value": "\u3000"}, actor=actor_of(alice))


@pytest.mark.parametrize("detail", ["\u3000", "\u200b\ufe0f", " \n"])
def test_an_address_of_blanks_is_none(custom_app: Any, alice: Member, detail: str) -> None:
    form = make_form(custom_app, {"place": ("address_select", {"required": True})})
    with pytest.raises(Refused) as refused:
        make_entity(form, alice, place={"detail_address": detail})
    assert codes(refused.value) == [("required", "place", None)]
    place = {"province_id": "9", "detail_address": detail}
    assert stored_of(form, make_entity(form, alice, place=place)) == {"place": place}


def test_no_letter_digit_or_mark_is_blank_but_those_drawn_as_nothing() -> None:
    blank = {chr(n) for n in range(sys.maxunicode) if is_blank(chr(n))}
    seen_as_nothing = {c for c in blank if unicodedata.category(c)[0] in "LNPS"}
    assert seen_as_nothing == set("\u115f\u1160\u2800\u3164\uffa0")
    marks = {c for c in blank if unicodedata.category(c)[0] == "M"}
    assert all("VARIATION SELECTOR" in unicodedata.name(c) for c in marks - set("\u034f\u17b4\u17b5"))
    assert len(marks) == 3 + 4 + 16 + 240
    assert {c for c in map(chr, range(0x11000)) if c.isspace()} <= blank
