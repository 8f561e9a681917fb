"""What the calls on people, roles and tokens take (docs/contract.md §4)."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext_lazy

from apaas.requests.readers import (
    ID_SCHEMA,
    IDS_SCHEMA,
    Parameter,
    anything,
    boolean,
    identifier,
    identifiers,
    integer,
    moment,
    nullable,
    objects,
    one_of,
    text,
    texts,
)
from forms_app.models import Verb
from forms_app.people.networks import MOST as MOST_NETWORKS
from forms_app.people.tokens import LONGEST_OVERLAP

PARTIAL = Parameter(
    "partial",
    boolean,
    gettext_lazy("Write what is right, and refuse the other rows one by one."),
    default=False,
    schema={"type": "boolean"},
)
PAGING = (
    Parameter(
        "page",
        integer(1, lambda: settings.MAX_PAGE),
        gettext_lazy("Page number from 1."),
        default=1,
        schema={"type": "integer", "minimum": 1, "maximum": settings.MAX_PAGE},
    ),
    Parameter(
        "per_page",
        integer(1, lambda: settings.MAX_PER_PAGE),
        gettext_lazy("Records a page, 1 to 1000."),
        schema={"type": "integer", "minimum": 1, "maximum": settings.MAX_PER_PAGE},
    ),
)

UID = Parameter("uid", identifier, gettext_lazy("A member's uid."), schema=ID_SCHEMA)
NAME = Parameter("name", text, gettext_lazy("Its name."), required=True, schema={"type": "string", "maxLength": 100})
LIST = {"type": "array", "items": ID_SCHEMA}
TEXTS = {"type": "array", "items": {"type": "string"}}

ROLE = (
    NAME,
    Parameter(
        "everyone",
        anything,
        gettext_lazy("Whether each member of the organization has it."),
        schema={"type": "boolean"},
    ),
    Parameter("members", anything, gettext_lazy("The uids of members who have it."), schema=LIST),
    Parameter(
        "departments",
        anything,
        gettext_lazy("The dids of departments whose people have it, with those below."),
        schema=LIST,
    ),
    Parameter(
        "grants",
        anything,
        gettext_lazy(
            "What it gives: custom_form_id or custom_app_id or neither (all forms), verbs, rows, hidden and read_only."
        ),
        schema={"type": "array", "items": {"type": "object"}},
    ),
)
"""Read by the domain, which names each fault by its place."""

NUMBER = {"type": ["integer", "null"], "minimum": 1}
TOKEN = (
    NAME,
    Parameter(
        "verbs",
        nullable(texts(2 * len(Verb.values))),
        gettext_lazy("What it may do of what its member may; null: all of it."),
        schema={"type": ["array", "null"], "items": {"type": "string", "enum": Verb.values}},
    ),
    Parameter(
        "custom_form_ids",
        nullable(identifiers),
        gettext_lazy("The forms that it is limited to; null: none."),
        schema={**IDS_SCHEMA, "type": ["array", "null"]},
    ),
    Parameter(
        "networks",
        nullable(texts(MOST_NETWORKS)),
        gettext_lazy("From where it may be used, as CIDR; none: from everywhere."),
        schema={"type": ["array", "null"], "items": {"type": "string"}},
    ),
    Parameter(
        "expires_at",
        nullable(moment),
        gettext_lazy("When it ends; null: never."),
        schema={"type": ["string", "null"]},
    ),
    Parameter(
        "calls_per_minute",
        nullable(integer(1, lambda: MOST_CALLS)),
        gettext_lazy("How often it may call; null: as often as the server allows."),
        schema=NUMBER,
    ),
    Parameter(
        "calls_at_once",
        nullable(integer(1, lambda: MOST_CALLS)),
        gettext_lazy("How many of its calls are answered at a time; null: as many as the server allows."),
        schema=NUMBER,
    ),
)
MOST_CALLS = 1_000_000


def changing(rows: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The same for a change, of which only what is sent counts."""
    return tuple(replace(row, required=False) for row in rows)


PEOPLE_CALLS: dict[str, tuple[Parameter, ...]] = {
    "roles": PAGING,
    "role": (),
    "role_create": ROLE,
    "role_update": changing(ROLE),
    "role_delete": (),
    "tokens": (UID, *PAGING),
    "token_create": (replace(UID, required=True, explains=gettext_lazy("Whom it acts as.")), *TOKEN),
    "token_update": changing(TOKEN),
    "token_revoke": (),
    "token_rotate": (
        Parameter(
            "hours",
            integer(0, lambda: LONGEST_OVERLAP),
            gettext_lazy("How long the old token works on beside its successor."),
            default=24,
            schema={"type": "integer", "minimum": 0, "maximum": LONGEST_OVERLAP},
        ),
    ),
    "rights": (
        Parameter("custom_form_id", identifier, gettext_lazy("The form."), required=True, schema=ID_SCHEMA),
        replace(UID, explains=gettext_lazy("Whose rights; one's own without the verb people.")),
    ),
    "user_list": (
        Parameter("name", text, gettext_lazy("A part of the name."), schema={"type": "string"}),
        Parameter(
            "department_id",
            identifier,
            gettext_lazy("A department's did: who stands in it or below."),
            schema=ID_SCHEMA,
        ),
        Parameter("user_id", identifier, gettext_lazy("A member's uid."), schema=ID_SCHEMA),
        Parameter("phone", text, gettext_lazy("The phone, exactly."), schema={"type": "string"}),
        Parameter(
            "sort",
            one_of(("uid", "id", "name", "phone")),
            gettext_lazy("By what they are sorted."),
            default="uid",
            schema={"type": "string", "enum": ["uid", "id", "name", "phone"]},
        ),
        Parameter(
            "order",
            one_of(("asc", "desc")),
            gettext_lazy("asc or desc."),
            default="asc",
            schema={"type": "string", "enum": ["asc", "desc"]},
        ),
        *PAGING,
    ),
    "departments": (),
    "users_upsert": (
        Parameter(
            "users",
            objects(lambda: settings.MAX_MASS_IDS),
            gettext_lazy("1 to 1000 members, each with its third_userid and what it shall be."),
            required=True,
            schema={"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": settings.MAX_MASS_IDS},
        ),
        PARTIAL,
    ),
    "departments_upsert": (
        Parameter(
            "departments",
            objects(lambda: settings.MAX_MASS_IDS),
            gettext_lazy("1 to 1000 departments, each with its third_dept_id and what it shall be."),
            required=True,
            schema={"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": settings.MAX_MASS_IDS},
        ),
        PARTIAL,
    ),
}
