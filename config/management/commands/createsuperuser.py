"""`createsuperuser`, which holds the password of the environment to the rules too."""

import os
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError


class Command(createsuperuser.Command):
    """Django checks only what is typed in, and not DJANGO_SUPERUSER_PASSWORD of `--noinput`."""

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("DJANGO_SUPERUSER_PASSWORD")
        if password is not None and not options["interactive"]:
            username = options.get("username") or os.environ.get("DJANGO_SUPERUSER_USERNAME") or ""
            try:
                validate_password(password, User(username=username))
            except ValidationError as error:
                raise CommandError("DJANGO_SUPERUSER_PASSWORD: " + " ".join(error.messages)) from error
        super().handle(*args, **options)
