"""`python -m benchmarks.ordinary TOKEN USERS`: tables, one form, users and a token in the database of DATABASE_URL."""

import sys

import django


def main(token: str, users: int) -> None:
    """Make all that the records hang on; the token is the first user's."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from rest_framework.authtoken.models import Token

    from benchmarks.ordinary.models import Form

    call_command("migrate", interactive=False, verbosity=0)
    Form.objects.create(pk=1, name="Form 1")
    made = User.objects.bulk_create([User(pk=number, username=f"成员 {number}") for number in range(1, users + 1)])
    Token.objects.create(key=token, user=made[0])


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
