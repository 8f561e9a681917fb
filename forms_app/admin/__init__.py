"""The administration: definitions, people, tokens, and records to browse."""

from django.contrib import admin

from forms_app.admin.flows import flows
from forms_app.admin.forms import custom_apps, custom_forms
from forms_app.admin.people import accounts, data, people, tokens
from forms_app.admin.tickets import tickets

__all__ = ["accounts", "custom_apps", "custom_forms", "data", "flows", "people", "tickets", "tokens"]

admin.site.index_template = "admin/forms_app/start.html"
