"""Where each table lies when Citus spreads the database over several machines. It is said here and nowhere else; a test
holds that every table is in one of the three groups (docs/scaling.md).

`DISTRIBUTED`: the rows of a form are on one node, those of all its tables together. `REFERENCE`: what these are joined
with, whole on every node. `LOCAL`: the rest, on the coordinator alone, joined with no distributed table.
"""

from __future__ import annotations

SCOPE = "custom_form_id"
"""The column that tables are distributed by: the first of each of their keys."""

DISTRIBUTED = (
    "form_entity",
    "form_entity_trash",
    "form_entity_change",
    "form_counter",
    "form_number_sequence",
    "form_remembered",
    "form_field_index",
    "form_field_use",
    "form_file_use",
    "form_file_load",
    "form_export",
    "form_idempotency_key",
    "flow_counter",
    "ticket",
    "ticket_token",
    "ticket_step",
    "ticket_attachment",
)
_OF_FORM = "FOREIGN KEY (custom_form_id) REFERENCES forms_app_customform(id)"
_OF_TICKET = "FOREIGN KEY (custom_form_id, ticket_id) REFERENCES ticket(custom_form_id, id) ON DELETE CASCADE"
_OF_FILE = "FOREIGN KEY (stored_file_id) REFERENCES forms_app_storedfile(id)"
FOREIGN_KEYS = {
    "form_entity": {"form_entity_custom_form_id_fkey": _OF_FORM},
    "form_file_use": {
        "form_file_use_stored_file_id_a08ab413_fk_forms_app": f"{_OF_FILE} DEFERRABLE INITIALLY DEFERRED"
    },
    "ticket": {
        "ticket_custom_form_id_fkey": _OF_FORM,
        "ticket_flow_id_fkey": "FOREIGN KEY (flow_id) REFERENCES forms_app_flow(id)",
        "ticket_flow_version_id_fkey": "FOREIGN KEY (flow_version_id) REFERENCES forms_app_flowversion(id)",
    },
    "ticket_token": {
        "ticket_token_custom_form_id_fkey": _OF_FORM,
        "ticket_token_custom_form_id_ticket_id_fkey": _OF_TICKET,
    },
    "ticket_step": {
        "ticket_step_custom_form_id_fkey": _OF_FORM,
        "ticket_step_custom_form_id_ticket_id_fkey": _OF_TICKET,
    },
    "ticket_attachment": {
        "ticket_attachment_custom_form_id_fkey": _OF_FORM,
        "ticket_attachment_custom_form_id_ticket_id_fkey": _OF_TICKET,
        "ticket_attachment_stored_file_id_fkey": _OF_FILE,
    },
}
"""Foreign keys of distributed tables: they are taken off while tables move, and lead to tables that are distributed by
the same column or whole on every node."""
REFERENCE = (
    "forms_app_organization",
    "forms_app_member",
    "forms_app_department",
    "forms_app_member_departments",
    "forms_app_role",
    "forms_app_role_members",
    "forms_app_role_departments",
    "forms_app_customapp",
    "forms_app_customform",
    "forms_app_fieldgroup",
    "forms_app_customfield",
    "forms_app_fieldoption",
    "forms_app_formtab",
    "forms_app_formulareference",
    "forms_app_grant",
    "forms_app_flow",
    "forms_app_flowversion",
    "forms_app_storedfile",
    "forms_app_accesstoken",
    "forms_app_accesstoken_custom_forms",
    "forms_app_region",
)
LOCAL = (
    "audit_entry",
    "form_index_lease",
    "read_position",
    "scheduled_run",
    "forms_app_accessevent",
    "forms_app_apicall",
    "forms_app_cacheversion",
    "forms_app_callwindow",
    "forms_app_tokencallwindow",
    "forms_app_chosencolumns",
    "forms_app_demopart",
    "forms_app_securitycode",
    "forms_app_webhook",
    "forms_app_webhookstate",
    "forms_app_webhookstuck",
    "forms_app_webhookdelivery",
)
LOCAL_PREFIXES = ("auth_", "axes_", "django_", "procrastinate_")
"""Tables of Django's and of others' packages: sign-in, sessions, the queue of background work."""


def is_local(table: str) -> bool:
    """Whether the table is on the coordinator alone."""
    return table in LOCAL or table.startswith(LOCAL_PREFIXES)
