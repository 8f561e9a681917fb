"""Whether what a write names exists: one statement for people and departments not known yet, one for files, one for
each related form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from forms_app.database.cursor import fetch
from forms_app.exceptions import Fault
from forms_app.field_types import Column, Ref
from forms_app.models import StoredFile, Verb
from forms_app.people import names
from forms_app.people.actor import Actor
from forms_app.records.held_files import may_hold
from forms_app.records.query.scopes import reach
from forms_app.schema.form_schema import FormSchema

EXISTING = """
SELECT 'member', uid::text FROM forms_app_member
WHERE organization_id = %s AND uid = ANY(%s::bigint[]) AND is_active
UNION ALL
SELECT 'department', did::text FROM forms_app_department WHERE organization_id = %s AND did = ANY(%s::bigint[])
"""


def reference_faults(
    columns: Iterable[tuple[Column, Any]], actor: Actor, stored: Mapping[str, Any] | None = None
) -> list[Fault]:
    """A fault for each reference of these (column, stored value) pairs that does not exist for the actor, or is a file
    of ours that its field does not take. What the record holds already (`stored`) stays, as an echo of a record that
    was read may send it back."""
    named = named_references(columns, stored)
    return faults_among(named, existing({reference.ref for reference in named}, actor)) if named else []


class Named(NamedTuple):
    """A reference, and where a record names it."""

    column: Column
    place: int
    ref: Ref


def named_references(columns: Iterable[tuple[Column, Any]], stored: Mapping[str, Any] | None = None) -> list[Named]:
    """What these values of a record name, without what it holds already."""
    named: list[Named] = []
    for column, value in columns:
        kept = set(column.type.must_exist(column, stored.get(column.name))) if stored else set()
        for place, ref in enumerate(column.type.must_exist(column, value)):
            if ref.id and ref not in kept:
                named.append(Named(column, place, ref))
    return named


def faults_among(named: Iterable[Named], known: Known) -> list[Fault]:
    """A fault for each reference that is not among those found, and for each file of ours that is not what its field
    takes, whatever was said of it."""
    faults: list[Fault] = []
    for column, place, ref in named:
        if ref not in known:
            faults.append(_unknown(column, place, ref))
        elif stored := known[ref]:
            wrong = column.value_field.kept_faults(stored.size, stored.name, place)
            faults += [fault.named(column.name, column.label) for fault in wrong]
    return faults


def _unknown(column: Column, place: int, ref: Ref) -> Fault:
    return Fault(
        code=f"unknown_{ref.kind}",
        message=messages()[ref.kind].format(id=ref.id),
        field=column.name,
        label=column.label,
        index=place,
        got=ref.id,
    )


def messages() -> dict[str, str]:
    return {
        "member": _("There is no active member with uid {id}."),
        "department": _("There is no department with did {id}."),
        "record": _("The related form has no record {id}."),
        "file": _("There is no uploaded file {id}."),
    }


Known = Mapping[Ref, StoredFile | None]
"""References that exist; of a file of ours what is known of it."""


def existing(refs: set[Ref], actor: Actor) -> Known:
    """Those of `refs` that exist for the actor."""
    wanted: dict[str, list[Any]] = {"member": [], "department": [], "file": []}
    records: dict[int, list[int]] = {}
    for ref in refs:
        if ref.kind == "record":
            records.setdefault(ref.form_id, []).append(ref.id)
        else:
            wanted[ref.kind].append(ref.id)
    known: dict[Ref, StoredFile | None] = dict.fromkeys(_known(wanted, actor.organization_id))
    if wanted["file"]:
        files = StoredFile.objects.filter(organization_id=actor.organization_id, token__in=wanted["file"])
        known |= {Ref("file", stored.token): stored for stored in files if may_hold(stored, actor)}
    for form_id, ids in records.items():
        schema = FormSchema.find(form_id)
        if schema is None or not schema.rights(actor).may(Verb.READ):
            continue
        condition, values = reach(schema, actor)
        sql = f"SELECT id FROM form_entity WHERE custom_form_id = {int(form_id)} AND id = ANY(%s::bigint[])"
        rows = fetch(f"{sql} AND {condition}" if condition else sql, [ids, *values])
        known |= dict.fromkeys(Ref("record", row[0], form_id) for row in rows)
    return known


def _known(wanted: dict[str, list[Any]], organization_id: int) -> set[Ref]:
    """Those of these members and departments that the organization has. Who was there under the tag of now still is;
    all others are asked for."""
    known = names.known.current()
    refs = set()
    for kind in ("member", "department"):
        there = {key for key in wanted[kind] if (organization_id, f"existing {kind}", key) in known}
        refs |= {Ref(kind, key) for key in there}
        wanted[kind] = [key for key in wanted[kind] if key not in there]
    members, departments = wanted["member"], wanted["department"]
    if members or departments:
        for kind, key in fetch(EXISTING, [organization_id, members, organization_id, departments]):
            refs.add(Ref(kind, int(key)))
            known[organization_id, f"existing {kind}", int(key)] = True
    return refs
