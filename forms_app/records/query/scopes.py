"""Whose records: the tabs that every form has beside its own, and the rows that an actor may reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from forms_app.caching.tagged import Tagged
from forms_app.models import Rows
from forms_app.operators.in_ import OneOf
from forms_app.operators.lookups import Condition
from forms_app.people.actor import Actor
from forms_app.people.directory import OrganizationDirectory, directory_of
from forms_app.people.rights import TAB_ROWS
from forms_app.records.query.conditions import conditions
from forms_app.records.query.parsing import tab_terms
from forms_app.records.query.terms import AllFilters, AnyFilter, Filter, Term, Terms
from forms_app.schema.form_schema import FormSchema

Scope = Callable[[FormSchema, Actor, OrganizationDirectory], Terms]


def everything(schema: FormSchema, actor: Actor, directory: OrganizationDirectory) -> Terms:
    return Terms()


def mine(schema: FormSchema, actor: Actor, directory: OrganizationDirectory) -> Terms:
    """Whose owner the actor is."""
    return Terms((Filter(schema.columns["user"], OneOf.name, {"user_ids": (actor.uid,)}),))


def department(schema: FormSchema, actor: Actor, directory: OrganizationDirectory) -> Terms:
    """Whose owner stands in one of the actor's departments, or below."""
    dids = tuple(directory.departments_of(actor.uid))
    return Terms((Filter(schema.columns["user"], OneOf.name, {"department_ids": dids}),))


def department_alone(schema: FormSchema, actor: Actor, directory: OrganizationDirectory) -> Terms:
    """Whose owner stands in one of the actor's departments itself."""
    uids = {uid for did in directory.departments_of(actor.uid) for uid in directory.members.get(did, ())}
    return Terms((Filter(schema.columns["user"], OneOf.name, {"user_ids": tuple(sorted(uids))}),))


SCOPES: Mapping[str, Scope] = {"all": everything, "mine": mine, "department": department}
ROWS: Mapping[str, Scope] = {
    Rows.ALL: everything,
    Rows.DEPARTMENT_BELOW: department,
    Rows.DEPARTMENT: department_alone,
    Rows.OWN: mine,
}


class Reach(NamedTuple):
    """What a record must satisfy for an actor to reach it, as terms and as SQL; nothing where they reach every one."""

    terms: tuple[Term, ...]
    condition: Condition


EVERY = Reach((), ("", []))
_reaches: Tagged[dict[tuple[FormSchema, Actor], Reach]] = Tagged(
    "which records of a form each actor reaches", dict, tag="people", most=20_000
)


def reach_of(schema: FormSchema, actor: Actor) -> Reach:
    """Part of every query and write of the actor's."""
    if schema.rights(actor).all_rows:
        return EVERY
    known = _reaches.current()
    reached = known.get((schema.whole, actor))
    if reached is None:
        directory = directory_of(actor.organization_id)
        ways = (_rows(schema.whole, name, actor, directory) for name in sorted(schema.rights(actor).rows))
        term = AnyFilter(tuple(AllFilters(way.filters) for way in ways if way is not None))
        reached = known[schema.whole, actor] = Reach((term,), conditions(Terms((term,)), directory))
    return reached


def reach(schema: FormSchema, actor: Actor) -> Condition:
    """The SQL of what the actor reaches, to stand behind `AND`."""
    return reach_of(schema, actor).condition


def _rows(schema: FormSchema, name: str, actor: Actor, directory: OrganizationDirectory) -> Terms | None:
    """The terms of these rows; None for a tab that is gone, or that can't be read any more: it opens nothing."""
    if not name.startswith(TAB_ROWS):
        return ROWS[name](schema, actor, directory)
    tab = schema.tabs.get(name.removeprefix(TAB_ROWS))
    if tab is None:
        return None
    terms, wrong = tab_terms(schema, tab.filters, ())
    return None if wrong else terms
