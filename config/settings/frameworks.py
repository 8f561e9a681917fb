"""How the frameworks are told of the product's parts: settings of procrastinate, REST framework and drf-spectacular."""

from __future__ import annotations

# A worker does four jobs at once, of which at most one builds an index; what went well is not kept.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
ROOMS_WITH_JOBS = (
    *("records", "indexes", "tickets", "staff", "files", "journal", "audit", "idempotency"),
    *("exporting", "admin.records", "webhooks"),
)
PROCRASTINATE_IMPORT_PATHS = ["forms_app.database.queue", *(f"forms_app.{room}.jobs" for room in ROOMS_WITH_JOBS)]
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": 4, "delete_jobs": "successful"}

# The views name their renderers, authentication and negotiation themselves (apaas/viewsets/base.py).
REST_FRAMEWORK: dict[str, object] = {
    "EXCEPTION_HANDLER": "apaas.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "apaas.reference.openapi.CallSchema",
}
# The document is made by apaas/reference/openapi.py; drf-spectacular walks the URL table and puts it together.
SPECTACULAR_SETTINGS: dict[str, object] = {
    "TITLE": "Form-entity API",
    "VERSION": "v2",
    "OAS_VERSION": "3.1.0",
    "PREPROCESSING_HOOKS": ["apaas.reference.openapi.documented"],
    "POSTPROCESSING_HOOKS": ["apaas.reference.openapi.completed"],
    "SORT_OPERATIONS": False,
}
