"""The domain as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class FormsAppConfig(AppConfig):
    """Forms, records, formulas and flows; knows no HTTP."""

    name = "forms_app"
    verbose_name = _("Forms and records")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from forms_app.audit import recording  # models must be loaded first
        from forms_app.caching import tags  # likewise
        from forms_app.records.changes import partitions  # likewise
        from forms_app.webhooks import restoring  # likewise

        tags.connect()
        recording.connect()
        post_migrate.connect(partitions.after_migrate, sender=self)
        post_migrate.connect(restoring.after_migrate, sender=self)
