"""Accounts: what Django asks about whoever is signed in, answered from the roles of their member (docs/contract.md §4).

An account that is linked to a member is that member and nothing besides, whatever its row in Django's table says. One
that is linked to none may everything if it is a superuser, which is an operator of the platform, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from forms_app.models import Member, Verb
from forms_app.people.actor import Actor
from forms_app.people.roles import given_to, may_manage_people

ACTIONS = ("view", "add", "change", "delete")
DESIGNED = (
    *("customapp", "customform", "customfield", "fieldgroup", "fieldoption", "fieldindex", "formtab"),
    *("flow", "webhook"),
)
TICKETS = ("view_ticket", "push_any_ticket", "resume_ticket")
MANAGED = ("department", "member", "role", "accesstoken")
NOTED = ("view_accessevent", "view_apicall")
ACCOUNTS = ("view_user", "change_user")
READ = ("view_auditentry",)
VERBS: dict[str, Verb] = {
    **{f"forms_app.{action}_{model}": Verb.DESIGN for model in DESIGNED for action in ACTIONS},
    **{f"forms_app.{codename}": Verb.DESIGN for codename in TICKETS},
    **{f"forms_app.{action}_{model}": Verb.PEOPLE for model in MANAGED for action in ACTIONS},
    **{f"forms_app.{codename}": Verb.PEOPLE for codename in NOTED},
    **{f"auth.{codename}": Verb.PEOPLE for codename in ACCOUNTS},
    **{f"forms_app.{codename}": Verb.PEOPLE for codename in READ},
}
"""The verb that gives each of Django's permissions; what is not here, only an operator has."""


def linked_member(user: Any) -> Member | None:
    """The member that the account is linked to, active or not: one statement, since the account remembers it."""
    member: Member | None = getattr(user, "member", None)
    return member


def caller_of(user: Any) -> int:
    """By what number an account's writes are known (forms_app/replicas): its member's, else its own below zero; 0 where
    nobody is signed in."""
    member = linked_member(user)
    return member.pk if member is not None else -(getattr(user, "pk", None) or 0)


def is_operator(user: Any) -> bool:
    """Whether the account is one of the platform's: a superuser that belongs to no organization. It sees all."""
    return bool(user.is_active and user.is_superuser and linked_member(user) is None)


def may_enter(user: Any) -> bool:
    """Whether the account may use the pages at all: an active member's, or an operator's."""
    member = linked_member(user)
    return bool(user.is_active and (member.is_active if member else user.is_superuser))


def language_of(user: Any) -> str:
    """The language that the account chose, "" where it chose none or the product has it no more."""
    member = linked_member(user)
    return member.language if member is not None and member.language in dict(settings.LANGUAGES) else ""


def acting(member: Member) -> Actor:
    """The member as who reads and writes."""
    return Actor(organization_id=member.organization_id, member_id=member.pk, uid=member.uid)


def has_verb(actor: Actor, verb: str) -> bool:
    """Whether a role gives the actor the verb anywhere."""
    if verb == Verb.PEOPLE:
        return may_manage_people(actor)
    return bool(actor.system) or any(verb in grant.verbs for grant in given_to(actor))


def makes_apps(actor: Actor) -> bool:
    """Whether the actor may design all forms of the organization, and so new apps."""
    return any(
        Verb.DESIGN in grant.verbs and grant.form_id is None and grant.app_id is None for grant in given_to(actor)
    )


def makes_forms(actor: Actor) -> bool:
    """Whether the actor may design all forms of some app, and so new ones."""
    return any(Verb.DESIGN in grant.verbs and grant.form_id is None for grant in given_to(actor))


NEEDS: dict[str, Callable[[Actor], bool]] = {
    "forms_app.add_customapp": makes_apps,
    "forms_app.add_customform": makes_forms,
}
"""What more it takes than the verb somewhere."""


def has_permission(user: Any, permission: str, _object: Any = None) -> bool:
    """Django's `has_perm`: whether there is anything on which the account has it. On which, its pages know."""
    if not may_enter(user):
        return False
    member, verb = linked_member(user), VERBS.get(permission)
    if member is None:
        return True
    if verb is None:
        return False
    actor = acting(member)
    needed = NEEDS.get(permission)
    return has_verb(actor, verb) and (needed is None or needed(actor))


def has_module(user: Any, app_label: str) -> bool:
    """Django's `has_module_perms`."""
    if is_operator(user):
        return True
    member = linked_member(user)
    if member is None or not may_enter(user):
        return False
    # Each page asks this for each kind of thing: what the roles give is looked up once, not for each permission.
    actor = acting(member)
    given = {verb for grant in given_to(actor) for verb in grant.verbs}
    own = (permission for permission, verb in VERBS.items() if permission.startswith(f"{app_label}.") and verb in given)
    return any(permission not in NEEDS or NEEDS[permission](actor) for permission in own)


def by_roles(user: Any) -> Any:
    """The account with its questions led here, so that neither its rows of permissions nor being superuser answers
    them; nobody in place of one that may not enter."""
    if not user.is_authenticated:
        return user
    if not may_enter(user) and linked_member(user) is not None:
        return AnonymousUser()
    user.has_perm = partial(has_permission, user)
    user.has_module_perms = partial(has_module, user)
    return user


class RoleBackend(ModelBackend):
    """Signs in by name and password whoever may enter; permissions come from roles, none from Django's tables."""

    def user_can_authenticate(self, user: Any) -> bool:
        member = linked_member(user) if user is not None else None
        return super().user_can_authenticate(user) and (member is None or member.is_active)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return user_obj.is_active and has_permission(user_obj, perm)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return user_obj.is_active and has_module(user_obj, app_label)

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()
