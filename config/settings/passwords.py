"""What a password must be, how it is kept, and what wrong ones lead to: settings of Django and django-axes."""

from __future__ import annotations

from django.conf import global_settings

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = ["apaas.password_hasher.PBKDF2PasswordHasher", *global_settings.PASSWORD_HASHERS[1:]]
# Wrong passwords (apaas/sign_in.py).
AXES_HANDLER = "apaas.sign_in.Attempts"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = "apaas.sign_in.failure_limit"
AXES_COOLOFF_TIME = "apaas.sign_in.lock_time"
AXES_LOCKOUT_CALLABLE = "apaas.sign_in.locked"
AXES_CLIENT_IP_CALLABLE = "apaas.client_address.household"
AXES_CLIENT_STR_CALLABLE = "apaas.sign_in.logged"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
