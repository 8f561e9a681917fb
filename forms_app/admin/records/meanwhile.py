"""What became of a record since its page was opened: two people may have it open, or one person twice.

A page posts each value with the text that it showed at first. What differs from the record's text now was changed by
somebody else; where the page changed the same field too, the person who saves chooses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from forms_app.admin.enumerated import enumerated
from forms_app.admin.records.entry import WAS, EntryField, as_text, entry_fields
from forms_app.models import Member
from forms_app.people.actor import Actor
from forms_app.records.query.entity_query import LastChange
from forms_app.schema.form_schema import FormSchema

ASKED, KEEP = ":asked", ":keep"
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Meanwhile:
    """`now` are the fields as the record holds them, `values` what is still to be written, `choices` the names
    of fields about which the person has to choose, `elsewhere` the labels of others that somebody changed."""

    now: Mapping[str, EntryField]
    values: Mapping[str, Any]
    choices: frozenset[str]
    elsewhere: list[str] = field(default_factory=list)


def compared(
    schema: FormSchema, data: Mapping[str, Any], actor: Actor, changed: Mapping[str, Any], post: QueryDict
) -> Meanwhile:
    """What the page changed, held against what the record holds now. `data`: its stored values by field name."""
    now = {each.name: each for each in entry_fields(schema, data=data, actor=actor) if not each.read_only}
    moved = {
        name
        for name, each in now.items()
        if name + WAS in post and _line_breaks(as_text(each.column, str(post[name + WAS]))) != _held(each)
    }
    values = {name: text for name, text in changed.items() if text != _held(now[name]) or name not in moved}
    values = {name: text for name, text in values.items() if post.get(name + KEEP) != THEIRS}
    unanswered = {name for name in values if name + ASKED in post and post.get(name + KEEP) != MINE}
    choices = frozenset((moved | unanswered) & values.keys())
    elsewhere = [each.label for name, each in now.items() if name in moved - changed.keys()]
    return Meanwhile(now, values, choices, elsewhere)


def to_choose(fields: list[EntryField], found: Meanwhile) -> list[EntryField]:
    """The page's fields, those to choose about with the value that the record holds now."""
    return [replace(each, now=found.now[each.name].shown) if each.name in found.choices else each for each in fields]


def shown_again(posted: Mapping[str, str], found: Meanwhile) -> dict[str, str]:
    """What was posted, to be shown once more: what this page did not change is as the record holds it now, and what it
    did is compared with that from now on."""
    kept = {name: text for name, text in posted.items() if name.removesuffix(WAS) in found.values}
    return {**kept, **{name + WAS: found.now[name].value for name in found.values}}


def sentences(schema: FormSchema, found: Meanwhile, last: LastChange) -> list[str]:
    """Who changed the record, and what of it beside that which is to be chosen about."""
    name = _name(schema, last.by_uid)
    said = [_("{name} changed this record while you did. Choose for each marked field.").format(name=name)]
    if found.elsewhere:
        said.append(_("Changed as well, and kept: {fields}.").format(fields=enumerated(found.elsewhere)))
    return said


def merged(schema: FormSchema, found: Meanwhile, last: LastChange) -> str:
    """The sentence for a record of which somebody else changed other fields."""
    message = _("{name} changed it meanwhile: {fields}. Both changes are kept.")
    return message.format(name=_name(schema, last.by_uid), fields=enumerated(found.elsewhere))


def _held(each: EntryField) -> str:
    """The text of what the record holds, as a browser posts it when nobody touched it."""
    return _line_breaks(as_text(each.column, each.value))


def _line_breaks(text: str) -> str:
    """A browser knows one kind of line break; a record that came by the API may hold others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _name(schema: FormSchema, uid: int | None) -> str:
    members = Member.objects.filter(organization_id=schema.organization_id, uid=uid or 0)
    return members.values_list("name", flat=True).first() or _("The system")
