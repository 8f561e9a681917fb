"""How the rows of a mass write are checked, before the database is asked: those of a call, or of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column
from forms_app.records.cleaning import Values, checked_changes, checked_new
from forms_app.records.mass_rows import MassRow
from forms_app.schema.form_schema import FormSchema


def key_column(schema: FormSchema, key: str) -> Column:
    """The unique field of that name. Raises Refused."""
    column = next((column for column in schema.unique if column.name == key), None)
    if column is None:
        message = _("Expected the name of a field that is unique.")
        allowed = sorted(column.name for column in schema.unique)
        raise Refused([Fault("unknown_key_field", message, field="key", got=key, allowed=allowed)])
    return column


class RowChecks:
    """The checks of rows whose values came as a client sends them. A reader of files has its own."""

    def __init__(self, schema: FormSchema) -> None:
        """`schema` is the form as the actor sees it."""
        self.schema = schema

    def key(self, row: MassRow, column: Column) -> Any:
        """The value of the key, None where the row has none. Raises Refused."""
        return column.clean(row.raw.get(column.name))

    def new(self, row: MassRow) -> tuple[Values, list[Fault]]:
        """The values of a new record, and what is wrong with them."""
        return checked_new(self.schema, row.raw)

    def changes(self, row: MassRow, stored: Mapping[str, Any]) -> tuple[Values, list[Fault]]:
        """The values that the row changes in a record that holds `stored`, and what is wrong with them."""
        return checked_changes(self.schema, row.raw, stored)
