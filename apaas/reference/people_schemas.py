"""The schemas of the calls on people, roles and tokens."""

from __future__ import annotations

from collections.abc import Mapping

from apaas.reference.openapi_schemas import COUNTS, ID, NATURAL, ROW_STATUS, TEXT_OR_NULL, TIME, paged, success
from apaas.reference.term_schemas import TEXT, Schema, ref, thing
from forms_app.models import Rows, Verb

VERBS: Schema = {"type": "array", "items": {"type": "string", "enum": Verb.values}}
NAMES: Schema = {"type": "array", "items": TEXT}
IDS: Schema = {"type": "array", "items": ID}
TIME_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
NUMBER_OR_NULL: Schema = {**ID, "type": ["integer", "null"]}
FLAG: Schema = {"type": "boolean"}
ROWS: Schema = {
    "anyOf": [
        {"type": "string", "enum": [rows for rows in Rows.values if rows != Rows.TAB]},
        thing({"tab": TEXT}, ["tab"]),
    ]
}
GIVEN: Schema = {"verbs": VERBS, "rows": ROWS, "hidden": NAMES, "read_only": NAMES}
TOKEN: Schema = {
    "id": ID,
    "uid": ID,
    "name": TEXT,
    "hint": TEXT,
    "state": {"type": "string", "enum": ["valid", "revoked", "expired"]},
    "verbs": {"anyOf": [VERBS, {"type": "null"}]},
    "custom_form_ids": {"anyOf": [IDS, {"type": "null"}]},
    "networks": NAMES,
    "expires_at": TIME_OR_NULL,
    "calls_per_minute": NUMBER_OR_NULL,
    "calls_at_once": NUMBER_OR_NULL,
    "successor_id": NUMBER_OR_NULL,
    "last_used_at": TIME_OR_NULL,
    "created_at": TIME,
}
RIGHTS: Schema = {
    "custom_form_id": ID,
    "uid": ID,
    **GIVEN,
    "rows": {"type": "array", "items": ROWS},
    "people": FLAG,
    "roles": {"type": "array", "items": thing({"id": ID, "name": TEXT, **GIVEN})},
}
RESULT: Schema = {
    "index": {"type": "integer", "minimum": 0},
    "status": ROW_STATUS,
    "id": NUMBER_OR_NULL,
    "uid": NUMBER_OR_NULL,
    "did": NUMBER_OR_NULL,
    "errors": {"type": "array", "items": ref("Fault")},
}
USER: Schema = {
    "id": ID,
    "uid": ID,
    "name": TEXT,
    **dict.fromkeys(("phone", "email", "path_uid", "third_userid"), TEXT_OR_NULL),
    "organization_id": ID,
    "organization_name": TEXT,
    "department_id": NUMBER_OR_NULL,
    "department_name": TEXT_OR_NULL,
    "assist_departments": {"type": "array", "items": thing({"id": ID, "name": TEXT})},
}
DEPARTMENT: Schema = {
    "id": ID,
    "did": ID,
    "name": TEXT,
    "parent_id": NUMBER_OR_NULL,
    "third_dept_id": TEXT_OR_NULL,
    "children": {"type": "array", "items": ref("Department")},
}
PEOPLE_SCHEMAS: Mapping[str, Schema] = {
    "Role": thing(
        {
            "id": ID,
            "name": TEXT,
            "everyone": FLAG,
            "members": IDS,
            "departments": IDS,
            "grants": {"type": "array", "items": thing({"custom_form_id": ID, "custom_app_id": ID, **GIVEN})},
        }
    ),
    "AccessToken": thing(TOKEN, ["id", "uid", "name"]),
    "Department": thing(DEPARTMENT),
    "RolesAnswer": success(paged(ref("Role"))),
    "RoleAnswer": success(ref("Role")),
    "TokensAnswer": success(paged(ref("AccessToken"))),
    "TokenAnswer": success(ref("AccessToken")),
    "NewTokenAnswer": success(thing({**TOKEN, "token": TEXT}, ["id", "token"])),
    "RightsAnswer": success(thing(RIGHTS, list(RIGHTS))),
    "UsersAnswer": success(
        thing(
            {
                "users": {"type": "array", "items": thing(USER, list(USER))},
                **dict.fromkeys(("page", "per_page", "total_count"), NATURAL),
            },
            ["users", "page", "per_page", "total_count"],
        )
    ),
    "DepartmentsAnswer": success(
        thing({"departments": {"type": "array", "items": ref("Department")}}, ["departments"])
    ),
    "UpsertAnswer": success(
        thing(
            {**COUNTS, "results": {"type": "array", "items": thing(RESULT, ["index", "status"])}},
            [*COUNTS, "results"],
        )
    ),
}
PEOPLE_ANSWERS: Mapping[str, str] = {
    "roles": "RolesAnswer",
    "role": "RoleAnswer",
    "role_create": "RoleAnswer",
    "role_update": "RoleAnswer",
    "role_delete": "DoneAnswer",
    "tokens": "TokensAnswer",
    "token_create": "NewTokenAnswer",
    "token_update": "TokenAnswer",
    "token_revoke": "DoneAnswer",
    "token_rotate": "NewTokenAnswer",
    "rights": "RightsAnswer",
    "user_list": "UsersAnswer",
    "departments": "DepartmentsAnswer",
    "users_upsert": "UpsertAnswer",
    "departments_upsert": "UpsertAnswer",
}
