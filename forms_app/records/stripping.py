"""Taking the values of a field that is none any more out of the form's records."""

from __future__ import annotations

from django.db import transaction

from forms_app.database.retry import retried
from forms_app.models import CustomField
from forms_app.records import statements


@retried
def strip_batch(form_id: int, name: str, *, after: int, most: int) -> int | None:
    """Take the values named `name` out of up to `most` records behind id `after`, in one transaction: the last one's
    id, None where there is none left. A name that is a field's again keeps its values."""
    with transaction.atomic():
        if CustomField.objects.filter(custom_form=form_id, name=name).exists():
            return None
        return strip(form_id, name, after=after, most=most)


def strip(form_id: int, name: str, *, after: int, most: int) -> int | None:
    """The same in the caller's transaction, whoever has the name. Whoever counts sees a change of the form."""
    ids = statements.strip(form_id, name, after, most)
    if not ids:
        return None
    statements.count({form_id: (0, len(ids))})
    return ids[-1]
