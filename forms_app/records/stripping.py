"""Taking the values of a field that is none any more out of the form's records."""

from __future__ import annotations

from django.db import transaction

from forms_app.database.retry import retried
from forms_app.models import CustomField
from forms_app.records import statements
from forms_app.records.changes.entries import Deed
from forms_app.schema.form_schema import FormSchema


@retried
def strip_batch(form_id: int, name: str, *, after: int, most: int, deed: Deed) -> int | None:
    """Take the values named `name` out of up to `most` records behind id `after`, in one transaction: the last one's
    id, None where there is none left. A name that is a field's again keeps its values."""
    with transaction.atomic():
        if CustomField.objects.filter(custom_form=form_id, name=name).exists():
            return None
        schema = FormSchema.find(form_id)
        return None if schema is None else strip(schema, name, after=after, most=most, deed=deed)


def strip(schema: FormSchema, name: str, *, after: int, most: int, deed: Deed) -> int | None:
    """The same in the caller's transaction, whoever has the name. Whoever counts sees a change of the form."""
    ids = statements.strip(schema, name, after, most, deed)
    if not ids:
        return None
    statements.count({schema.id: (0, len(ids))})
    return ids[-1]
