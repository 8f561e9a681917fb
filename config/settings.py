"""All settings, read from the environment. docs/settings.md says what each one means.

Importing this starts nothing and needs no secret: makemigrations, mypy and every test process do it.
What is wrong with a value is told by the system checks in config/checks.py.
"""

from pathlib import Path

from environs import Env

from config.cross_origin import CORS_ALLOW_HEADERS, CORS_ALLOW_METHODS, CORS_EXPOSE_HEADERS, CORS_URLS_REGEX  # noqa: F401
from config.data_dir import stored_secret_key
from config.database import database_settings
from config.frameworks import (  # noqa: F401
    PROCRASTINATE_AUTODISCOVER_MODULE_NAME,
    PROCRASTINATE_IMPORT_PATHS,
    PROCRASTINATE_WORKER_DEFAULTS,
    REST_FRAMEWORK,
    SPECTACULAR_SETTINGS,
)
from config.logs import logging_settings
from config.pages import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from config.pages import UNFOLD as UNFOLD
from config.passwords import (  # noqa: F401
    AUTH_PASSWORD_VALIDATORS,
    AXES_CLIENT_IP_CALLABLE,
    AXES_CLIENT_STR_CALLABLE,
    AXES_COOLOFF_TIME,
    AXES_DISABLE_ACCESS_LOG,
    AXES_ENABLE_ADMIN,
    AXES_FAILURE_LIMIT,
    AXES_HANDLER,
    AXES_LOCKOUT_CALLABLE,
    AXES_LOCKOUT_PARAMETERS,
    AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT,
    AXES_RESET_ON_SUCCESS,
    AXES_VERBOSE,
    PASSWORD_HASHERS,
)
from config.zones import zone

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where it runs ---------------------------------------------------------------------------------------
DATA_DIR = BASE_DIR / env.str("DATA_DIR", ".data")
SECRET_KEY = env.str("SECRET_KEY", "") or stored_secret_key(DATA_DIR)
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
CORS_ORIGINS: list[str] = env.list("CORS_ORIGINS", [])

# --- The database ----------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", "")
DB_POOLER = env.bool("DB_POOLER", False)
CONN_MAX_AGE = env.int("CONN_MAX_AGE", 60)
EMBEDDED_FSYNC = env.bool("EMBEDDED_FSYNC", True)
DATABASES = {
    "default": database_settings(
        DATABASE_URL,
        data_dir=DATA_DIR,
        pooler=DB_POOLER,
        conn_max_age=CONN_MAX_AGE,
        embedded_fsync=EMBEDDED_FSYNC,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Language and time -----------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
# Of a browser that nobody has signed in with; who has, keeps it with their member.
LANGUAGE_COOKIE_AGE = 365 * 86_400
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
# Before those of Django and its parts: where both translate a word, ours is meant.
LOCALE_PATHS = [BASE_DIR / "forms_app" / "locale", BASE_DIR / "apaas" / "locale"]
WANTED_TIME_ZONE = env.str("TIME_ZONE", "Asia/Shanghai")
TIME_ZONE = zone(WANTED_TIME_ZONE)
USE_TZ = True

# --- Limits, each of them answered with an error that names it ------------------------------------------
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", 10_485_760)
MAX_DRAIN_BYTES = env.int("MAX_DRAIN_BYTES", 67_108_864)
MAX_JSON_DEPTH = env.int("MAX_JSON_DEPTH", 32)
MAX_FILTERS = env.int("MAX_FILTERS", 100)
MAX_FILTER_VALUES = env.int("MAX_FILTER_VALUES", 1_000)
MAX_SORT_ITEMS = env.int("MAX_SORT_ITEMS", 10)
MAX_ONLY_FIELD_NAMES = env.int("MAX_ONLY_FIELD_NAMES", 2_000)
MAX_QUERY_LENGTH = env.int("MAX_QUERY_LENGTH", 200)
MAX_PAGE = env.int("MAX_PAGE", 10_000_000)
MAX_PER_PAGE = env.int("MAX_PER_PAGE", 1_000)
DEFAULT_PER_PAGE = env.int("DEFAULT_PER_PAGE", 15)
MAX_TEXT_LENGTH = env.int("MAX_TEXT_LENGTH", 1_000)
MAX_TEXT_AREA_LENGTH = env.int("MAX_TEXT_AREA_LENGTH", 100_000)
MAX_REFERENCE_LENGTH = env.int("MAX_REFERENCE_LENGTH", 64)
MAX_IDS = env.int("MAX_IDS", 100_000)
MAX_MASS_IDS = env.int("MAX_MASS_IDS", 1_000)
MAX_LIST_ITEMS = env.int("MAX_LIST_ITEMS", 1_000)
MAX_FILE_BYTES = env.int("MAX_FILE_BYTES", 52_428_800)
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", max(104_857_600, MAX_FILE_BYTES))
MAX_TICKET_FILES = env.int("MAX_TICKET_FILES", 20)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
EXPORT_PAGE_RECORDS = env.int("EXPORT_PAGE_RECORDS", 50_000)
EXPORT_HOURS = env.int("EXPORT_HOURS", 24)
MAX_EXPORTS = env.int("MAX_EXPORTS", 10)
STATEMENT_SECONDS = env.float("STATEMENT_SECONDS", 10)
MAX_SCANNED_VALUES = env.int("MAX_SCANNED_VALUES", 5_000_000)

# --- How records are kept --------------------------------------------------------------------------------
ENTITY_PARTITIONS = env.int("ENTITY_PARTITIONS", 32)
VERSION_CHECK_SECONDS = env.float("VERSION_CHECK_SECONDS", 0.5)
REMEMBERED_ANSWERS = env.int("REMEMBERED_ANSWERS", 1_000)
RECOMPUTE_INLINE = env.int("RECOMPUTE_INLINE", 200)
AUTO_NUMBER_BLOCK = env.int("AUTO_NUMBER_BLOCK", 100)
INDEX_THRESHOLD = env.int("INDEX_THRESHOLD", 5_000)
MAX_FIELD_INDEXES = env.int("MAX_FIELD_INDEXES", 64)
MAX_PARTITION_INDEXES = env.int("MAX_PARTITION_INDEXES", 600)
SERVER_THREADS = env.int("SERVER_THREADS", 4)
TOKEN_THREADS = env.int("TOKEN_THREADS", 2)
TOKEN_CONCURRENCY = env.int("TOKEN_CONCURRENCY", 32)
ORGANIZATION_THREADS = env.int("ORGANIZATION_THREADS", 3)
ORGANIZATION_CONCURRENCY = env.int("ORGANIZATION_CONCURRENCY", 64)
PASSWORD_THREADS = env.int("PASSWORD_THREADS", 1)
THROTTLE_RATE = env.str("THROTTLE_RATE", "")
SECURITY_CODE_IDLE_SECONDS = env.int("SECURITY_CODE_IDLE_SECONDS", 300)

# --- The parts -------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    # Before the admin, whose templates it replaces.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "config.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "import_export",
    "axes",
    "forms_app",
    "apaas",
]
MIDDLEWARE = [
    "apaas.middleware.EnvelopeMiddleware",
    "config.middleware.short_chain.ShortChain",
    "config.middleware.pages.AuditMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.pages.ContentSecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.pages.CsrfViewMiddleware",
    "config.middleware.pages.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
if CORS_ORIGINS:
    CORS_ALLOW_ALL_ORIGINS = "*" in CORS_ORIGINS
    CORS_ALLOWED_ORIGINS = [origin for origin in CORS_ORIGINS if origin != "*"]
    INSTALLED_APPS.append("corsheaders")
    # Before all others: it answers what a browser asks first, which carries no token.
    MIDDLEWARE.insert(0, "corsheaders.middleware.CorsMiddleware")
# WSGI_APPLICATION is not set: runserver then serves the project without config.wsgi, which is for production
# and refuses to start without DATABASE_URL.
ROOT_URLCONF = "config.urls"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before unfold's, some of which are replaced.
        "DIRS": [BASE_DIR / "forms_app" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Files -----------------------------------------------------------------------------------------------
FILE_TYPES = env.list(
    "FILE_TYPES",
    [
        "*",
        "!application/vnd.microsoft.portable-executable",
        "!application/x-executable",
        "!application/x-mach-binary",
    ],
)
FILE_STORAGE = env.str("FILE_STORAGE", "")
FILE_STORAGE_OPTIONS = env.json("FILE_STORAGE_OPTIONS", {})
OWN_STORAGE = {"location": DATA_DIR / "files", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
STORAGES = {
    "default": {
        "BACKEND": FILE_STORAGE or "django.core.files.storage.FileSystemStorage",
        "OPTIONS": FILE_STORAGE_OPTIONS if FILE_STORAGE else OWN_STORAGE,
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", "") or None
WHITENOISE_USE_FINDERS = True  # from where the packages were installed; nobody has to run collectstatic first
WHITENOISE_AUTOREFRESH = False

# --- Signing in ------------------------------------------------------------------------------------------
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/admin/"
# What an account may do, its member's roles say.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "forms_app.people.accounts.RoleBackend"]
SIGN_IN_FAILURES = env.int("SIGN_IN_FAILURES", 10)
SIGN_IN_LOCK_SECONDS = env.int("SIGN_IN_LOCK_SECONDS", 900)
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", [])
# The company's own sign-in (apaas/company_sign_in/).
OIDC_ISSUER = env.str("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", "")
OIDC_SCOPES = env.str("OIDC_SCOPES", "openid email profile")
OIDC_SIGN_ALGORITHM = env.str("OIDC_SIGN_ALGORITHM", "RS256")
OIDC_MEMBER_CLAIM = env.str("OIDC_MEMBER_CLAIM", "sub")
OIDC_ORGANIZATION = env.int("OIDC_ORGANIZATION", 0)
OIDC_CREATE_MEMBERS = env.bool("OIDC_CREATE_MEMBERS", False)
if OIDC_ISSUER:
    AUTHENTICATION_BACKENDS.append("apaas.company_sign_in.backend.CompanyBackend")
# A link to set a password works once, and for so long.
INVITATION_DAYS = env.int("INVITATION_DAYS", 7)
PASSWORD_RESET_TIMEOUT = INVITATION_DAYS * 86_400
# The keys of writing calls, and what they were answered (docs/contract.md §5.2).
IDEMPOTENCY_HOURS = env.int("IDEMPOTENCY_HOURS", 24)
# The change log and the trash (docs/contract.md §5.4).
HISTORY_DAYS = env.int("HISTORY_DAYS", 400)
TRASH_DAYS = env.int("TRASH_DAYS", 30)
# Entries of the audit are kept for so long; 0: for ever.
AUDIT_DAYS = env.int("AUDIT_DAYS", 1_095)
# Webhooks (docs/contract.md §5.5).
WEBHOOK_NETWORKS: list[str] = env.list("WEBHOOK_NETWORKS", [])
WEBHOOK_SECONDS = env.int("WEBHOOK_SECONDS", 10)
WEBHOOK_DELIVERY_DAYS = env.int("WEBHOOK_DELIVERY_DAYS", 14)

# --- What is noted of callers ----------------------------------------------------------------------------
ACCESS_EVENT_DAYS = env.int("ACCESS_EVENT_DAYS", 180)
CALL_LOG = env.bool("CALL_LOG", True)
CALL_LOG_DAYS = env.int("CALL_LOG_DAYS", 30)
CALL_LOG_PER_SECOND = env.int("CALL_LOG_PER_SECOND", 10)

# --- Mail ------------------------------------------------------------------------------------------------
# Without a host nothing is mailed.
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "apaas@localhost")

# --- HTTPS -----------------------------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", False)
PROXY_SSL_HEADER = env.str("PROXY_SSL_HEADER", "")
HSTS_SECONDS = env.int("HSTS_SECONDS", 3_600 if HTTPS else 0)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = HSTS_SECONDS
if PROXY_SSL_HEADER:
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{PROXY_SSL_HEADER.upper().replace('-', '_')}", "https")
SILENCED_SYSTEM_CHECKS = [
    # It looks for Django's own middleware by name; config.middleware's is made of it.
    "security.W003",
    # Other names below the same domain, and browsers' preload lists, are not this product's to decide.
    "security.W005",
    "security.W021",
    # The proxy that ends HTTPS redirects; behind it a redirect of ours can only become a loop.
    "security.W008",
]

# --- Logging ---------------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()
LOG_FORMAT = env.str("LOG_FORMAT", "plain")
LOGGING = logging_settings(level=LOG_LEVEL, form=LOG_FORMAT)
