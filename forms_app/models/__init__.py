"""The models: people, definitions, records, flows, tickets."""

from forms_app.models.audit import AuditEntry
from forms_app.models.chosen_columns import ChosenColumns
from forms_app.models.custom_form import (
    CustomApp,
    CustomField,
    CustomForm,
    FieldGroup,
    FieldOption,
    FormTab,
    FormulaReference,
    Status,
)
from forms_app.models.demo_part import DemoPart
from forms_app.models.entity import (
    DestroyedEntity,
    EntityChange,
    FieldIndex,
    FieldUse,
    FormCounter,
    FormEntity,
    NumberSequence,
    RememberedAnswer,
)
from forms_app.models.export_job import ExportJob
from forms_app.models.file_load import FileLoad
from forms_app.models.flow import Flow, FlowCounter, FlowVersion
from forms_app.models.idempotency_key import IdempotencyKey
from forms_app.models.index_lease import IndexLease
from forms_app.models.journal import AccessEvent, ApiCall
from forms_app.models.people import Department, Member, Organization
from forms_app.models.region import Region
from forms_app.models.role import Grant, Role, Rows, Verb
from forms_app.models.scheduled_run import ScheduledRun
from forms_app.models.stored_file import FileUse, StoredFile
from forms_app.models.ticket import SecurityCode, Ticket, TicketAttachment, TicketStep, TicketToken
from forms_app.models.token import AccessToken, CallWindow, TokenCallWindow
from forms_app.models.version import CacheVersion, ReadPosition
from forms_app.models.webhook import Webhook, WebhookDelivery, WebhookState, WebhookStuck

__all__ = [
    "AccessEvent",
    "AccessToken",
    "ApiCall",
    "AuditEntry",
    "CacheVersion",
    "CallWindow",
    "ChosenColumns",
    "CustomApp",
    "CustomField",
    "CustomForm",
    "DemoPart",
    "Department",
    "DestroyedEntity",
    "EntityChange",
    "ExportJob",
    "FieldGroup",
    "FieldIndex",
    "FieldOption",
    "FieldUse",
    "FileLoad",
    "FileUse",
    "Flow",
    "FlowCounter",
    "FlowVersion",
    "FormCounter",
    "FormEntity",
    "FormTab",
    "FormulaReference",
    "Grant",
    "IdempotencyKey",
    "IndexLease",
    "Member",
    "NumberSequence",
    "Organization",
    "ReadPosition",
    "Region",
    "RememberedAnswer",
    "Role",
    "Rows",
    "ScheduledRun",
    "SecurityCode",
    "Status",
    "StoredFile",
    "Ticket",
    "TicketAttachment",
    "TicketStep",
    "TicketToken",
    "TokenCallWindow",
    "Verb",
    "Webhook",
    "WebhookDelivery",
    "WebhookState",
    "WebhookStuck",
]
