"""Refusing what an actor may not do."""

from __future__ import annotations

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Forbidden, NotFound
from forms_app.models import Verb
from forms_app.people.actor import Actor
from forms_app.people.rights import READING, Rights
from forms_app.people.roles import has_rights


def permit(actor: Actor, rights: Rights, verb: str) -> None:
    """Nothing where the verb is among the actor's rights on a form. Raises Forbidden where it is not, NotFound where
    there is none: for them the form does not exist."""
    if verb in rights.verbs:
        return
    if actor.verbs is not None and verb not in actor.verbs:
        raise Forbidden([_token_fault(actor.verbs, verb)])
    if not rights.verbs:
        raise NotFound([Fault("unknown_form", _("There is no such form."), field="custom_form_id")])
    message = _("No role allows this: {verb}.").format(verb=Verb(verb).label)
    raise Forbidden([Fault("missing_verb", message, got=str(verb), allowed=sorted(rights.verbs))])


def permit_look_up(actor: Actor) -> None:
    """Nothing where a role gives the actor anything in the organization: who fills in or reads forms needs its people
    by name. Raises Forbidden."""
    if not has_rights(actor):
        raise Forbidden([Fault("missing_verb", _("No role gives any right in this organization."))])


def may_write(actor: Actor) -> None:
    """Raises Forbidden for a token that may only read."""
    if actor.verbs is not None and actor.verbs <= READING:
        raise Forbidden([_token_fault(actor.verbs, Verb.UPDATE)])


def _token_fault(verbs: frozenset[str], verb: str) -> Fault:
    if verbs <= READING and verb not in READING:
        return Fault("read_only_token", _("This token may only read."))
    message = _("This token may not do this: {verb}.").format(verb=Verb(verb).label)
    return Fault("missing_verb", message, got=str(verb), allowed=sorted(verbs))
