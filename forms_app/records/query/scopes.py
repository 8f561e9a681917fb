"""The tabs that every form has beside its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from forms_app.operators.in_ import OneOf
from forms_app.people.actor import Actor
from forms_app.people.directory import OrganizationDirectory
from forms_app.records.query.terms import Filter, Terms
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


SCOPES: Mapping[str, Scope] = {"all": everything, "mine": mine, "department": department}
