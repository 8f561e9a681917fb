"""The project as an app: its settings' checks, its commands, and what every connection must be."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.core import checks
from django.db.backends.signals import connection_created

from config import direct, thread_connections
from config.checks import SETTINGS_TAG, check_settings, refuse_unfit_server
from config.logs import configure_structlog
from forms_app.database import pooler


class ProjectConfig(AppConfig):
    """Registered first, so that its commands are found before Django's of the same name."""

    name = "config"

    def ready(self) -> None:
        configure_structlog()
        checks.register(check_settings, SETTINGS_TAG)
        direct.take()
        thread_connections.connect()
        pooler.connect()
        connection_created.connect(refuse_unfit_server, dispatch_uid="config.refuse_unfit_server")


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's admin, on a site of our own."""

    default = False
    default_site = "config.site.AdministrationSite"
