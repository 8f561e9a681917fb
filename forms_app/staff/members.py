"""Members, created and changed by their number in another system: what its directory says, many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from forms_app.audit.recording import related_told
from forms_app.caching import tags
from forms_app.models import Department, Member, Organization
from forms_app.people.actor import Actor
from forms_app.people.administrators import administration, last_fault, lock_people
from forms_app.people.delegation import require_people
from forms_app.people.directory import directory_of
from forms_app.staff import leaving
from forms_app.staff.moves import Move, beyond_moves
from forms_app.staff.rows import Row, flag, listed, number, or_none, read_rows, refuse, said_of, text

READERS = {
    "third_userid": or_none(text(64)),
    "name": text(100),
    "phone": or_none(text(40)),
    "path_uid": or_none(text(255)),
    "departments": listed(number),
    "third_dept_ids": listed(text(64)),
    "is_active": flag,
    "successor_uid": or_none(number),
}
OF_SHEETS = {**READERS, "uid": or_none(number)}
"""A sheet of our own names members by their uid too, and new ones by nothing."""
PLAIN = ("name", "phone", "path_uid", "is_active", "third_userid")
"""The columns of a member's own row."""
NUMBERS = ("third_userid", "path_uid")
AT_ONCE = 1_000
"""Rows of one statement."""
Links: Any = Member.departments.through


@transaction.atomic
def member_mass_upsert(
    *,
    organization_id: int,
    rows: Sequence[Mapping[str, Any]],
    actor: Actor,
    partial: bool = False,
    sheet: bool = False,
) -> list[Row]:
    """Create or change members by `third_userid`; keys that are left out stay as they are. `departments` (dids) or
    `third_dept_ids` are all that the member shall stand in. One that is no longer active leaves: their tokens, codes
    and sessions end, and what is theirs goes to `successor_uid`. Without `partial` all rows or none. A fixed number of
    statements for each thousand. In a `sheet` rows may name a `uid`, or be new without a number. Raises Refused with
    every fault, Forbidden for what is more than the actor has."""
    require_people(actor, organization_id)
    # One call at a time: numbers are given, and rights judged, by what is stored.
    organization = lock_people(organization_id)
    keys = ("uid", "third_userid") if sheet else ("third_userid",)
    read = read_rows(rows, OF_SHEETS if sheet else READERS, keys, nameless=sheet)
    _find(organization, read)
    _find_departments(organization_id, read)
    _find_successors(organization_id, read)
    _check_rights(actor, read)
    _keep_administrator(actor, read)
    right = refuse(read, partial)
    _write(organization_id, right)
    return read


def _find(organization: Organization, rows: Sequence[Row]) -> None:
    """The member of each row, a new one where there is none."""
    thirds = [row.values["third_userid"] for row in rows if row.values.get("third_userid")]
    uids = [row.values["uid"] for row in rows if row.values.get("uid")]
    known: dict[tuple[str, Any], list[Member]] = defaultdict(list)
    named = Q(third_userid__in=thirds) | Q(uid__in=uids)
    for member in Member.objects.filter(named, organization=organization).order_by("pk"):
        known["third_userid", member.third_userid].append(member)
        known["uid", member.uid].append(member)
    for row in rows:
        value = row.values.get(row.key)
        found = known.get((row.key, value), [])
        third = row.values.get("third_userid")
        others = known.get(("third_userid", third), []) if row.key == "uid" and third else found
        if len(found) > 1 or any(other not in found for other in others):
            row.fault("not_unique", _("Several members have this number; correct that first."), "third_userid", value)
        elif found:
            row.target = found[0]
        elif row.key == "uid" and value:
            message = _("There is no member with uid {id}.").format(id=value)
            row.fault("unknown_member", message, "uid", value)
        elif value or not row.key:
            row.target, row.status = Member(organization=organization, third_userid=value), "created"
            if "name" not in row.values and not any(fault.field == "name" for fault in row.faults):
                row.fault("required", _("A new member needs a name."), "name")


def _find_departments(organization_id: int, rows: Sequence[Row]) -> None:
    """The departments that each row names, as `row.values["wanted"]`: by did their keys."""
    dids = {did for row in rows for did in row.values.get("departments", ())}
    thirds = {third for row in rows for third in row.values.get("third_dept_ids", ())}
    by_did: dict[int, int] = {}
    by_third: Mapping[str, list[int]] = defaultdict(list)
    named = Q(did__in=dids) | Q(third_dept_id__in=thirds)
    known = Department.objects.filter(named, organization_id=organization_id)
    for pk, did, third in known.values_list("pk", "did", "third_dept_id"):
        by_did[did] = pk
        by_third[third or ""].append(did)
    for row in rows:
        if "departments" in row.values and "third_dept_ids" in row.values:
            row.fault("one_of_two", _("Name the departments in one way, not in two."), "third_dept_ids")
            continue
        wanted: dict[int, int] = {}
        for name in ("departments", "third_dept_ids"):
            for each in row.values.get(name, ()):
                found = [each] if name == "departments" and each in by_did else by_third.get(each, ())
                if len(found) != 1:
                    row.fault("unknown_department", _("There is no such department."), name, each)
                else:
                    wanted[found[0]] = by_did[found[0]]
            if name in row.values:
                row.values["wanted"] = wanted


def _find_successors(organization_id: int, rows: Sequence[Row]) -> None:
    uids = {row.values["successor_uid"] for row in rows if row.values.get("successor_uid")}
    known = {member.uid: member for member in Member.objects.filter(organization_id=organization_id, uid__in=uids)}
    leaving_uids = {row.target.uid for row in rows if row.target and row.values.get("is_active") is False}
    for row in rows:
        uid = row.values.get("successor_uid")
        if uid is None:
            continue
        if row.values.get("is_active") is not False:
            message = _("Only who leaves has a successor: send is_active false too.")
            row.fault("no_leaver", message, "successor_uid", uid)
        elif row.target and (fault := leaving.successor_fault(row.target.uid, uid, known.get(uid))):
            row.faults += said_of([fault], row.index)
        elif uid in leaving_uids:
            row.fault("unknown_member", _("The successor leaves by this call too."), "successor_uid", uid)


def _check_rights(actor: Actor, rows: Sequence[Row]) -> None:
    """Notes what would give, or hand over, more than the actor has."""
    directory = directory_of(actor.organization_id)
    moves = {}
    for row in rows:
        if row.faults or row.target is None:
            continue
        before = frozenset(directory.departments_of(row.target.uid)) if row.target.pk else frozenset[int]()
        after = frozenset(row.values.get("wanted", before))
        # By these numbers other systems, and the company's sign-in, know who somebody is.
        renumbered = any(row.values.get(name, old := getattr(row.target, name)) != old for name in NUMBERS)
        whole = row.target.pk is not None and (renumbered or bool(row.values.get("successor_uid")))
        row.values["moved"] = after != before
        if whole or after - before:
            moves[row.index] = Move(row.target.pk, before, after, whole)
    for row in rows:
        row.values.setdefault("moved", False)
    for index in beyond_moves(actor, moves):
        message = _("This would give, or hand over, more than you have yourself.")
        rows[index].fault("beyond_own_rights", message, _what(rows[index], moves[index]))


def _keep_administrator(actor: Actor, rows: Sequence[Row]) -> None:
    """Notes the rows that together would take the last administrator away."""
    changing = [row for row in rows if not row.faults and row.target is not None]
    if actor.system or not any(row.values["moved"] or row.values.get("is_active") is False for row in changing):
        return
    held = administration(actor.organization_id)
    named = [row.target.pk for row in changing if row.target.pk]
    stands: dict[int, set[int]] = defaultdict(set)
    links = Links.objects.filter(member__in=named)
    for member_id, did in links.values_list("member_id", "department__did"):
        stands[member_id].add(did)
    taken = []
    for row in changing:
        before = stands[row.target.pk or 0]
        after = row.values.get("wanted", before)
        if row.values.get("is_active", row.target.is_active) and held.includes(row.target.pk, after):
            return
        if row.target.is_active and held.includes(row.target.pk, before):
            taken.append(row)
    if taken and not held.active().exclude(pk__in=named).exists():
        for row in taken:
            row.faults += said_of([last_fault().named(_taking(row))], row.index)


def _taking(row: Row) -> str:
    return "is_active" if row.values.get("is_active") is False else "departments"


def _what(row: Row, move: Move) -> str:
    if not move.whole:
        return "departments"
    return "successor_uid" if row.values.get("successor_uid") else row.key


def _write(organization_id: int, rows: Sequence[Row]) -> None:
    leavers: dict[int, Member] = {}
    for row in rows:
        changed = [name for name in PLAIN if name in row.values and getattr(row.target, name) != row.values[name]]
        for name in changed:
            setattr(row.target, name, row.values[name])
        if row.status != "created" and (changed or row.values["moved"]):
            row.status = "updated"
        if row.target.pk and row.values.get("is_active") is False:
            leavers[row.target.uid] = row.target
    new = [row.target for row in rows if row.status == "created"]
    _number(organization_id, new)
    Member.objects.bulk_create(new, batch_size=AT_ONCE)
    updated = [row.target for row in rows if row.status == "updated"]
    # Not `bulk_update`, whose CASE for each column took six seconds for a thousand rows; these all exist.
    Member.objects.bulk_create(updated, AT_ONCE, update_conflicts=True, unique_fields=["pk"], update_fields=PLAIN)
    _link([row for row in rows if row.values["moved"]])
    if any(row.status != "unchanged" for row in rows):
        tags.bump("people", "tokens")
    if leavers:
        successors = {row.target.uid: row.values["successor_uid"] for row in rows if row.values.get("successor_uid")}
        leaving.end(leavers, {uid: to for uid, to in successors.items() if uid in leavers}, organization_id)


def _number(organization_id: int, members: Iterable[Member]) -> None:
    """Gives each the next uid of the organization."""
    highest = Member.objects.filter(organization_id=organization_id).aggregate(most=Max("uid"))["most"] or 0
    for uid, member in enumerate(members, highest + 1):
        member.uid = uid


def _link(rows: Sequence[Row]) -> None:
    """Puts the members where they shall stand. Without signals: the caller bumps the tags."""
    moved = Links.objects.filter(member__in=[row.target.pk for row in rows if row.status != "created"])
    before: Mapping[int, set[int]] = defaultdict(set)
    for member_id, department_id in moved.values_list("member_id", "department_id"):
        before[member_id].add(department_id)
    moved.delete()
    links = [Links(member_id=row.target.pk, department_id=pk) for row in rows for pk in row.values["wanted"].values()]
    Links.objects.bulk_create(links, batch_size=AT_ONCE)
    after = {row.target.pk: {*row.values["wanted"].values()} for row in rows}
    added = {pk: keys - before[pk] for pk, keys in after.items()}
    related_told(Member, "departments", added, {pk: before[pk] - keys for pk, keys in after.items()})
