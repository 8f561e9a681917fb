"""The administration: definitions, people, tokens, and records to browse."""

from django.contrib import admin

from forms_app.admin import accounts, custom_apps, custom_forms, data, flows, people, tickets, tokens

__all__ = ["accounts", "custom_apps", "custom_forms", "data", "flows", "people", "tickets", "tokens"]

admin.site.index_template = "admin/forms_app/start.html"
