"""What a password must be, and how it is kept."""

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
