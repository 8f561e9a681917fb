"""The settings of the test run: the project's own, on an embedded database that nobody has to keep."""

import os

os.environ.setdefault("DATA_DIR", ".data/test")
if os.environ.get("CITUS_URL"):  # tests/citus.py
    os.environ["DATABASE_URL"] = os.environ["CITUS_URL"]
os.environ.setdefault("EMBEDDED_FSYNC", "0")
os.environ.setdefault("ENTITY_PARTITIONS", "4")
os.environ.setdefault("VERSION_CHECK_SECONDS", "0")
os.environ.setdefault("LOG_LEVEL", "WARNING")
# Nothing is noted of callers but where a test asks for it: the servers that tests start inherit it.
os.environ.setdefault("ACCESS_EVENT_DAYS", "0")
os.environ.setdefault("CALL_LOG", "0")

from config.data_dir import read_or_make_secret_key
from config.settings import *  # noqa: F403
from config.settings import DATA_DIR, DATABASES, SECRET_KEY
from tests.runs import database_name

SECRET_KEY = SECRET_KEY or read_or_make_secret_key(DATA_DIR)
DATABASES["default"]["TEST"] = {"NAME": database_name(DATA_DIR)}
# Accounts are made in most tests, and no test's safety depends on how slowly a password is hashed.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Files are looked for when they are asked for: each client of a test would read them all first, a tenth of a second.
WHITENOISE_AUTOREFRESH = True
