"""Style sheets, scripts and pictures of the pages."""

from __future__ import annotations

from config.settings.environment import env

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", "") or None
# Without a place of their own they are served from where the packages were installed: nobody has to run collectstatic
# first, and browsers ask again after a minute.
STATIC_STORAGE = (
    "config.static_files.HashedFiles" if STATIC_ROOT else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
WHITENOISE_USE_FINDERS = not STATIC_ROOT
WHITENOISE_AUTOREFRESH = False
