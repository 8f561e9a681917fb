"""`manage.py migrate`: Django's own, which does not go through a pooler."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from forms_app.database.pooler import refuse_pooler


class Command(Migrate):
    """Its statements belong together, some of them outside of a transaction."""

    by_a_person = False

    def run_from_argv(self, argv: list[str]) -> None:
        """Called by a person; what makes a database of its own, as tests do, knows how it is reached."""
        self.by_a_person = True
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> Any:
        if self.by_a_person:
            refuse_pooler("migrations")
        return super().handle(*args, **options)
