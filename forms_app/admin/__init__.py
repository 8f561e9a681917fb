"""The administration: definitions, people, tokens, and records to browse."""

from django.contrib import admin

from forms_app.admin import audit, scheduled
from forms_app.admin.flows import flow_admin
from forms_app.admin.forms import custom_apps, custom_forms
from forms_app.admin.people import access_events, accounts, api_calls, data, organizations, roles, tokens
from forms_app.admin.tickets import ticket_admin
from forms_app.admin.webhooks import webhook_admin

__all__ = [
    "access_events",
    "accounts",
    "api_calls",
    "audit",
    "custom_apps",
    "custom_forms",
    "data",
    "flow_admin",
    "organizations",
    "roles",
    "scheduled",
    "ticket_admin",
    "tokens",
    "webhook_admin",
]

admin.site.index_template = "admin/forms_app/start.html"
admin.site.login_template = "admin/forms_app/sign_in.html"
