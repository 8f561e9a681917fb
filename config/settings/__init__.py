"""All settings, read from the environment. docs/settings.md says what each one means.

Importing this starts nothing and needs no secret: makemigrations, mypy and every test process do it.
What is wrong with a value is told by the system checks in config/checks.py.
What belongs together lies in a module beside this one.
"""

from config.data_dir import stored_secret_key
from config.database import database_settings
from config.logs import logging_settings
from config.replicas import replica_settings
from config.settings.cross_origin import *
from config.settings.environment import BASE_DIR, env
from config.settings.frameworks import *
from config.settings.https import *
from config.settings.keeping import *
from config.settings.limits import *
from config.settings.mail import *
from config.settings.pages import *
from config.settings.passwords import *
from config.settings.replicas import *
from config.settings.sign_in import *
from config.settings.static_files import *
from config.settings.watching import *
from config.zones import zone

# --- Where it runs ---------------------------------------------------------------------------------------
DATA_DIR = BASE_DIR / env.str("DATA_DIR", ".data")
SECRET_KEY = env.str("SECRET_KEY", "") or stored_secret_key(DATA_DIR)
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
CORS_ORIGINS: list[str] = env.list("CORS_ORIGINS", [])
PUBLIC_URL = env.str("PUBLIC_URL", "").rstrip("/")
COMPRESS_ANSWERS = env.bool("COMPRESS_ANSWERS", False)

# --- The database ----------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", "")
DIRECT_DATABASE_URL = env.str("DIRECT_DATABASE_URL", "")
DB_POOLER: bool | None = env.bool("DB_POOLER", None)
CONN_MAX_AGE = env.int("CONN_MAX_AGE", 60)
EMBEDDED_FSYNC = env.bool("EMBEDDED_FSYNC", True)
DATABASES = {
    "default": database_settings(
        DATABASE_URL,
        data_dir=DATA_DIR,
        conn_max_age=CONN_MAX_AGE,
        embedded_fsync=EMBEDDED_FSYNC,
    )
}
for place, url in enumerate(REPLICA_URLS, 1):
    DATABASES[f"replica_{place}"] = replica_settings(
        database_settings(
            url,
            data_dir=DATA_DIR,
            conn_max_age=CONN_MAX_AGE,
            embedded_fsync=EMBEDDED_FSYNC,
            name="REPLICA_URLS",
        )
    )
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
if COMPRESS_ANSWERS:
    MIDDLEWARE.insert(0, "config.middleware.compression.CompressionMiddleware")
if CORS_ORIGINS:
    CORS_ALLOW_ALL_ORIGINS = "*" in CORS_ORIGINS
    CORS_ALLOWED_ORIGINS = [origin for origin in CORS_ORIGINS if origin != "*"]
    INSTALLED_APPS.append("corsheaders")
    # Before all others: it answers what a browser asks first, which carries no token.
    MIDDLEWARE.insert(0, "corsheaders.middleware.CorsMiddleware")
if REPLICA_URLS:
    # Behind the one that gives the envelope, before those of pages: it sees what both answer.
    ENVELOPE = MIDDLEWARE.index("apaas.middleware.EnvelopeMiddleware")
    MIDDLEWARE.insert(ENVELOPE + 1, "apaas.read_after.ReadAfterMiddleware")
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
# For so long a file's address works without a token; 0: not at all.
FILE_URL_SECONDS = env.int("FILE_URL_SECONDS", 0)
FILE_STORAGE = env.str("FILE_STORAGE", "")
FILE_STORAGE_OPTIONS = env.json("FILE_STORAGE_OPTIONS", {})
OWN_STORAGE = {"location": DATA_DIR / "files", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
STORAGES = {
    "default": {
        "BACKEND": FILE_STORAGE or "django.core.files.storage.FileSystemStorage",
        "OPTIONS": FILE_STORAGE_OPTIONS if FILE_STORAGE else OWN_STORAGE,
    },
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}

# --- Logging ---------------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()
LOG_FORMAT = env.str("LOG_FORMAT", "plain")
LOGGING = logging_settings(level=LOG_LEVEL, form=LOG_FORMAT)
