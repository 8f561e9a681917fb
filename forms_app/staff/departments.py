"""Departments, created and changed by their number in another system, many at once; and their tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.caching import tags
from forms_app.models import Department, Organization
from forms_app.people.actor import Actor
from forms_app.people.administrators import administration, last_fault, lock_people
from forms_app.people.delegation import require_people
from forms_app.people.permission import permit_look_up
from forms_app.staff.moves import beyond_regroupings
from forms_app.staff.rows import Row, number, or_none, read_rows, refuse, said_of, text

READERS = {
    "third_dept_id": or_none(text(64)),
    "name": text(100),
    "parent_did": or_none(number),
    "third_parent_id": or_none(text(64)),
}
OF_SHEETS = {**READERS, "did": or_none(number)}
"""A sheet of our own names departments by their did too, and new ones by nothing."""
AT_ONCE = 1_000
"""Rows of one statement."""
Tree = Mapping[int, int | None]
"""By did the did of the department above, None at the top."""


@transaction.atomic
def department_mass_upsert(
    *,
    organization_id: int,
    rows: Sequence[Mapping[str, Any]],
    actor: Actor,
    partial: bool = False,
    sheet: bool = False,
) -> list[Row]:
    """Create or change departments by `third_dept_id`; keys that are left out stay as they are. What stands above is
    named by `parent_did` or `third_parent_id`, which may be another row; null: it stands at the top. Without `partial`
    all rows or none. A fixed number of statements for each thousand. In a `sheet` rows may name a `did`, or be new
    without a number. Raises Refused with every fault, Forbidden for what is more than the actor has."""
    require_people(actor, organization_id)
    organization = lock_people(organization_id)
    known = {each.did: each for each in Department.objects.filter(organization=organization).order_by("did")}
    dids = {each.pk: did for did, each in known.items()}
    before: Tree = {did: dids.get(each.parent_id or 0) for did, each in known.items()}
    keys = ("did", "third_dept_id") if sheet else ("third_dept_id",)
    read = read_rows(rows, OF_SHEETS if sheet else READERS, keys, nameless=sheet)
    _find(organization, read, known)
    _find_parents(read, known)
    after = {**before, **{row.target.did: row.values["above"] for row in read if "above" in row.values}}
    _check_circles(read, after)
    _check_rights(actor, read, before, after)
    _refuse_below_refused(read, known)
    _keep_administrator(actor, read, before)
    right = refuse(read, partial)
    _write(right, before, {**known, **{row.target.did: row.target for row in right}})
    return read


def department_tree(actor: Actor) -> list[dict[str, Any]]:
    """The departments of the actor's organization, each with those below it; in the order of their dids. One
    statement. Raises Forbidden for who has no right there."""
    permit_look_up(actor)
    known = list(Department.objects.filter(organization_id=actor.organization_id).order_by("did"))
    dids = {each.pk: each.did for each in known}
    shown: dict[int, dict[str, Any]] = {
        each.pk: {
            "id": each.did,
            "did": each.did,
            "name": each.name,
            "parent_id": dids.get(each.parent_id or 0),
            "third_dept_id": each.third_dept_id,
            "children": [],
        }
        for each in known
    }
    top: list[dict[str, Any]] = []
    for each in known:
        siblings: Any = shown[each.parent_id]["children"] if each.parent_id in shown else top
        siblings.append(shown[each.pk])
    return top


def _find(organization: Organization, rows: Sequence[Row], known: Mapping[int, Department]) -> None:
    """The department of each row; a new one has its did already, though nothing is written yet."""
    named: dict[tuple[str, Any], list[Department]] = defaultdict(list)
    for each in known.values():
        named["third_dept_id", each.third_dept_id].append(each)
        named["did", each.did].append(each)
    highest = max(known, default=0)
    for row in rows:
        value = row.values.get(row.key)
        found = named.get((row.key, value), []) if value else []
        third = row.values.get("third_dept_id")
        others = named.get(("third_dept_id", third), []) if row.key == "did" and third else found
        if len(found) > 1 or any(other not in found for other in others):
            message = _("Several departments have this number; correct that first.")
            row.fault("not_unique", message, "third_dept_id", value)
        elif found:
            row.target = found[0]
        elif row.key == "did" and value:
            row.fault("unknown_department", _("There is no such department."), "did", value)
        elif value or not row.key:
            if "name" not in row.values and not any(fault.field == "name" for fault in row.faults):
                row.fault("required", _("A new department needs a name."), "name")
            if not row.faults:
                highest += 1
            row.target = Department(organization=organization, did=highest, third_dept_id=value)
            row.status = "created"


def _find_parents(rows: Sequence[Row], known: Mapping[int, Department]) -> None:
    """The did of what shall stand above each row, as `row.values["above"]`."""
    by_third: Mapping[str, set[int]] = defaultdict(set)
    for each in known.values():
        by_third[each.third_dept_id or ""].add(each.did)
    for row in rows:
        if row.target is not None and not row.faults and row.values.get("third_dept_id"):
            by_third[row.values["third_dept_id"]].add(row.target.did)
    for row in rows:
        if "parent_did" in row.values and "third_parent_id" in row.values:
            row.fault("one_of_two", _("Name the department above in one way, not in two."), "third_parent_id")
        elif row.target is not None and not row.faults:
            for name in ("parent_did", "third_parent_id"):
                if name not in row.values:
                    continue
                value = row.values[name]
                found = {value} & known.keys() if name == "parent_did" else by_third.get(value, set())
                if value is not None and len(found) != 1:
                    row.fault("unknown_department", _("There is no such department."), name, value)
                else:
                    row.values["above"] = next(iter(found)) if value is not None else None
            if row.status == "created":
                row.values.setdefault("above", None)


def _chain(did: int | None, tree: Tree) -> list[int]:
    """The department and all above it, as far as they are no circle."""
    chain: list[int] = []
    while did is not None and did not in chain:
        chain.append(did)
        did = tree.get(did)
    return chain


def _check_circles(rows: Sequence[Row], after: Tree) -> None:
    for row in rows:
        above = row.values.get("above")
        if not row.faults and above is not None and row.target.did in _chain(above, after):
            row.fault("below_itself", _("A department can't stand below itself."), "third_parent_id", above)


def _check_rights(actor: Actor, rows: Sequence[Row], before: Tree, after: Tree) -> None:
    moved = {
        row.target.did: (_chain(row.target.did, before), _chain(row.values["above"], after))
        for row in rows
        if not row.faults and row.status != "created" and "above" in row.values
        if row.values["above"] != before[row.target.did]
    }
    refused = beyond_regroupings(actor, moved)
    for row in rows:
        if not row.faults and row.target.did in refused:
            message = _("The roles of those above would give more than you have yourself.")
            row.fault("beyond_own_rights", message, "parent_did" if "parent_did" in row.values else "third_parent_id")


def _keep_administrator(actor: Actor, rows: Sequence[Row], before: Tree) -> None:
    """Notes the rows that would take the last administrator out from below the department of their role."""
    right = [row for row in rows if not row.faults and "above" in row.values]
    after = {**before, **{row.target.did: row.values["above"] for row in right}}
    moved = [row for row in right if row.target.did in before and row.values["above"] != before[row.target.did]]
    if actor.system or not moved or administration(actor.organization_id, after).active().exists():
        return
    for row in moved:
        fault = last_fault().named("parent_did" if "parent_did" in row.values else "third_parent_id")
        row.faults += said_of([fault], row.index)


def _refuse_below_refused(rows: Sequence[Row], known: Mapping[int, Department]) -> None:
    """What shall stand below a new department that is refused is refused too."""
    there = {*known, *(row.target.did for row in rows if row.target is not None and not row.faults)}
    found = True
    while found:
        found = False
        for row in rows:
            above = row.values.get("above")
            if not row.faults and above is not None and above not in there:
                row.fault("unknown_department", _("There is no such department."), "third_parent_id", above)
                there.discard(row.target.did)
                found = True


def _write(rows: Sequence[Row], before: Tree, known: Mapping[int, Department]) -> None:
    new = [row.target for row in rows if row.status == "created"]
    for row in rows:
        name = row.values.get("name")
        renamed = name is not None and name != row.target.name
        third = row.values.get("third_dept_id", row.target.third_dept_id)
        numbered, row.target.third_dept_id = third != row.target.third_dept_id, third
        moved = "above" in row.values and row.values["above"] != before.get(row.target.did)
        if renamed:
            row.target.name = name
        if row.status != "created" and (renamed or moved or numbered):
            row.status = "updated"
    Department.objects.bulk_create(new, batch_size=AT_ONCE)
    for row in rows:
        if "above" in row.values:
            row.target.parent = known.get(row.values["above"])
    written = [row.target for row in rows if row.status == "updated" or (row.status == "created" and row.target.parent)]
    columns = ["name", "parent", "third_dept_id"]
    Department.objects.bulk_create(written, AT_ONCE, update_conflicts=True, unique_fields=["pk"], update_fields=columns)
    if any(row.status != "unchanged" for row in rows):
        tags.bump("people", "tokens")
