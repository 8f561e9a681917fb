"""System checks of the settings, and the check of every new database connection.

The ids and what to do about them: docs/settings.md
"""

import math
import re
import stat
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.db.backends.base.base import BaseDatabaseWrapper

from apaas.client_address import trusted
from apaas.rates import rate
from config.data_dir import SECRET_KEY_FILE
from config.logs import FORMATS, LEVELS
from config.static_files import HashedFiles
from config.zones import is_known

SETTINGS_TAG = "settings"

OLDEST_SERVER = 150000

SMALLEST = {
    "MAX_BODY_BYTES": 1024,
    "MAX_DRAIN_BYTES": 0,
    "MAX_JSON_DEPTH": 4,
    "MAX_FILTERS": 1,
    "MAX_FILTER_VALUES": 1,
    "MAX_SORT_ITEMS": 1,
    "MAX_ONLY_FIELD_NAMES": 1,
    "MAX_QUERY_LENGTH": 1,
    "MAX_PAGE": 1,
    "MAX_PER_PAGE": 1,
    "DEFAULT_PER_PAGE": 1,
    "MAX_TEXT_LENGTH": 1,
    "MAX_TEXT_AREA_LENGTH": 1,
    "MAX_REFERENCE_LENGTH": 1,
    "MAX_IDS": 1,
    "MAX_MASS_IDS": 1,
    "MAX_LIST_ITEMS": 1,
    "MAX_FILE_BYTES": 1,
    "MAX_UPLOAD_BYTES": 1,
    "MAX_TICKET_FILES": 1,
    "FILE_URL_SECONDS": 0,
    "SECURITY_CODE_IDLE_SECONDS": 1,
    "EXPORT_PAGE_RECORDS": 0,
    "EXPORT_HOURS": 1,
    "MAX_EXPORTS": 1,
    "STATEMENT_SECONDS": 0,
    "MAX_SCANNED_VALUES": 1,
    "SERVER_THREADS": 1,
    "TOKEN_THREADS": 1,
    "TOKEN_CONCURRENCY": 1,
    "ORGANIZATION_THREADS": 1,
    "ORGANIZATION_CONCURRENCY": 1,
    "PASSWORD_THREADS": 1,
    "REMEMBERED_ANSWERS": 0,
    "REPLICA_WAIT_MILLISECONDS": 0,
    "RECOMPUTE_INLINE": 0,
    "AUTO_NUMBER_BLOCK": 1,
    "INDEX_THRESHOLD": 0,
    "MAX_FIELD_INDEXES": 0,
    "MAX_INDEXES_TOGETHER": 0,
    "MAX_PARTITION_INDEXES": 0,
    "CONN_MAX_AGE": 0,
    "HSTS_SECONDS": 0,
    "SIGN_IN_FAILURES": 1,
    "OIDC_ORGANIZATION": 0,
    "SIGN_IN_LOCK_SECONDS": 1,
    "INVITATION_DAYS": 1,
    "AUDIT_DAYS": 0,
    "EMAIL_PORT": 1,
    "ACCESS_EVENT_DAYS": 0,
    "CALL_LOG_DAYS": 1,
    "IDEMPOTENCY_HOURS": 1,
    "HISTORY_DAYS": 1,
    "TRASH_DAYS": 1,
    "UNUSED_FILE_DAYS": 1,
    "WEBHOOK_SECONDS": 1,
    "WEBHOOK_DELIVERY_DAYS": 1,
    "CALL_LOG_PER_SECOND": 1,
}
"""The least that a numeric setting can be and still mean something."""

DEEPEST_JSON = 200
"""Below what Python's own recursion limit leaves to a parser."""

MOST_PARTITIONS = 1024

SHORTEST_TOKEN = 20
"""Characters of a token that nobody guesses."""

NEAR = ("localhost", "127.0.0.1", "::1")
"""Hosts to which nothing crosses a network."""

CONTENT_TYPE = r"!?(\*|[a-z0-9.+-]+/(\*|[a-z0-9.+*-]+))"
"""One item of FILE_TYPES."""


def check_settings(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Every fault of the settings, each with its id. Touches no database."""
    return [
        *_limits(),
        *_relations(),
        *_database(),
        *_storage(),
        *_choices(),
        *_secrets(),
        *_https(),
        *_company_sign_in(),
    ]


def _limits() -> Iterator[CheckMessage]:
    for name, least in SMALLEST.items():
        value = getattr(settings, name)
        if not (math.isfinite(value) and value >= least):
            yield Error(f"{name} is {value}; it must be {least} or more.", id="config.E001")


def _relations() -> Iterator[CheckMessage]:
    for smaller, larger in (
        ("DEFAULT_PER_PAGE", "MAX_PER_PAGE"),
        ("MAX_BODY_BYTES", "MAX_DRAIN_BYTES"),
        ("MAX_FILE_BYTES", "MAX_UPLOAD_BYTES"),
        ("TOKEN_THREADS", "SERVER_THREADS"),
        ("ORGANIZATION_THREADS", "SERVER_THREADS"),
        ("PASSWORD_THREADS", "SERVER_THREADS"),
    ):
        if getattr(settings, smaller) > getattr(settings, larger):
            yield Error(
                f"{smaller} is {getattr(settings, smaller)}, more than {larger}, {getattr(settings, larger)}.",
                id="config.E002",
            )
    if settings.MAX_JSON_DEPTH > DEEPEST_JSON:
        yield Error(
            f"MAX_JSON_DEPTH is {settings.MAX_JSON_DEPTH}; it can be {DEEPEST_JSON} at most.",
            id="config.E002",
        )


def _database() -> Iterator[CheckMessage]:
    if settings.DIRECT_DATABASE_URL and not settings.DATABASE_URL:
        yield Error(
            "DIRECT_DATABASE_URL is set and DATABASE_URL is not: commands would have another database than servers.",
            id="config.E018",
        )


def _storage() -> Iterator[CheckMessage]:
    if not 1 <= settings.ENTITY_PARTITIONS <= MOST_PARTITIONS:
        yield Error(
            f"ENTITY_PARTITIONS is {settings.ENTITY_PARTITIONS}; it must be 1 to {MOST_PARTITIONS}.",
            id="config.E003",
        )
    seconds = settings.VERSION_CHECK_SECONDS
    if not (math.isfinite(seconds) and 0 <= seconds <= 1):
        yield Error(
            f"VERSION_CHECK_SECONDS is {seconds}; it must be 0 to 1.",
            hint="Every worker must see a changed form or a revoked token within one second.",
            id="config.E004",
        )
    wrong = [item for item in settings.FILE_TYPES if not re.fullmatch(CONTENT_TYPE, item.strip())]
    if wrong:
        yield Error(
            f"FILE_TYPES holds {', '.join(map(repr, wrong))}; an item looks like image/png, image/*, * or !text/html.",
            id="config.E010",
        )
    fault = _unusable(settings.STORAGES["default"])
    if fault:
        yield Error(f"FILE_STORAGE or FILE_STORAGE_OPTIONS can't be used: {fault}", id="config.E011")
    if settings.STATIC_ROOT and not (Path(settings.STATIC_ROOT) / HashedFiles.manifest_name).exists():
        yield Error(
            f"STATIC_ROOT, {settings.STATIC_ROOT}, holds no static files of this release.",
            hint="Run manage.py collectstatic, or leave STATIC_ROOT empty.",
            id="config.E015",
        )
    if settings.DATA_DIR.exists() and not settings.DATA_DIR.is_dir():
        yield Error(f"DATA_DIR, {settings.DATA_DIR}, is not a folder.", id="config.E005")


def _unusable(storage: Any) -> str:
    """Why files can't be kept there; "" if they can, as far as that shows without trying."""
    if not isinstance(storage["OPTIONS"], dict):
        return "the options are no JSON object."
    try:
        storages.create_storage(storage)
    except Exception as error:  # noqa: BLE001 - whatever the backend finds wrong with its options
        return f"{type(error).__name__}: {error}"
    return ""


def _choices() -> Iterator[CheckMessage]:
    text = settings.THROTTLE_RATE
    if text and rate(text) is None:
        yield Error(f"THROTTLE_RATE is {text!r}; it looks like 100/min or 10/10s.", id="config.E006")
    if settings.LOG_LEVEL not in LEVELS:
        yield Error(f"LOG_LEVEL is {settings.LOG_LEVEL!r}; it is one of {', '.join(LEVELS)}.", id="config.E007")
    if settings.LOG_FORMAT not in FORMATS:
        yield Error(f"LOG_FORMAT is {settings.LOG_FORMAT!r}; it is one of {', '.join(FORMATS)}.", id="config.E007")
    if not is_known(settings.WANTED_TIME_ZONE):
        yield Error(f"TIME_ZONE is {settings.WANTED_TIME_ZONE!r}, which this machine doesn't know.", id="config.E008")


def _secrets() -> Iterator[CheckMessage]:
    file = settings.DATA_DIR / SECRET_KEY_FILE
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return
    if mode & 0o077:
        yield Warning(f"{file} can be read by other users.", hint=f"chmod 600 {file}", id="config.W001")


def _https() -> Iterator[CheckMessage]:
    if settings.PROXY_SSL_HEADER and not re.fullmatch(r"[A-Za-z0-9-]+", settings.PROXY_SSL_HEADER):
        yield Error(
            f"PROXY_SSL_HEADER is {settings.PROXY_SSL_HEADER!r}; it is a header's name, like X-Forwarded-Proto.",
            id="config.E009",
        )
    if settings.PUBLIC_URL and not re.fullmatch(r"https?://[^\s/?#@]+", settings.PUBLIC_URL):
        yield Error(
            f"PUBLIC_URL is {settings.PUBLIC_URL!r}; it is a scheme and a host, like https://forms.example.org.",
            id="config.E016",
        )
    try:
        trusted(tuple(settings.TRUSTED_PROXIES))
    except ValueError as error:
        yield Error(
            f"TRUSTED_PROXIES: {error}; an item is an address or a network, like 10.0.0.5 or 10.0.0.0/8.",
            id="config.E012",
        )
    for name in ("WEBHOOK_NETWORKS", "METRICS_NETWORKS"):
        try:
            [ip_network(network) for network in getattr(settings, name)]
        except ValueError as error:
            yield Error(
                f"{name}: {error}; an item is an address or a network, like 10.0.0.5 or 10.0.0.0/8.", id="config.E014"
            )
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < SHORTEST_TOKEN:
        yield Error(f"METRICS_TOKEN is shorter than {SHORTEST_TOKEN} characters.", id="config.E017")
    if settings.HTTPS and not settings.PROXY_SSL_HEADER:
        yield Warning(
            "HTTPS is on and PROXY_SSL_HEADER is empty: addresses in answers will begin with http://.",
            hint="Let the proxy set a header, dropping what a client sent in it, and name it here.",
            id="config.W002",
        )


def _company_sign_in() -> Iterator[CheckMessage]:
    wrong = []
    if settings.OIDC_CREATE_MEMBERS and not settings.OIDC_ORGANIZATION:
        wrong.append("OIDC_CREATE_MEMBERS needs OIDC_ORGANIZATION, the organization that they become members of.")
    if settings.OIDC_ISSUER:
        address = urlsplit(settings.OIDC_ISSUER)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in NEAR):
            wrong.append(f"OIDC_ISSUER is {settings.OIDC_ISSUER!r}; it is an address that begins with https://.")
        if not settings.OIDC_CLIENT_ID:
            wrong.append("OIDC_ISSUER needs OIDC_CLIENT_ID, by which the provider knows this product.")
        if find_spec("mozilla_django_oidc") is None:
            wrong.append("OIDC_ISSUER needs a package that is not installed: pip install mozilla-django-oidc==5.0.2")
    for message in wrong:
        yield Error(message, id="config.E013")


def refuse_unfit_server(connection: BaseDatabaseWrapper, **options: Any) -> None:
    """Close a new connection to a server that would answer wrongly. Raises ImproperlyConfigured.

    What is asked came with the server's greeting: it costs no round trip.
    """
    if connection.vendor != "postgresql":
        return
    info = connection.connection.info
    encoding = info.parameter_status("server_encoding")
    if encoding != "UTF8":
        fault = (
            f"The database's encoding is {encoding}, and must be UTF8: in another one text is cut or compared "
            "wrongly. Create it with ENCODING 'UTF8' TEMPLATE template0."
        )
    elif info.server_version < OLDEST_SERVER:
        fault = f"The database is PostgreSQL {info.server_version // 10000}; 15 or newer is needed."
    else:
        return
    connection.close()
    raise ImproperlyConfigured(fault)
