"""The domain as a Django app."""

from django.apps import AppConfig


class FormsAppConfig(AppConfig):
    """Forms, records, formulas and flows; knows no HTTP."""

    name = "forms_app"
    default_auto_field = "django.db.models.BigAutoField"
