"""The tabs of a form's API page: the nine calls on its records."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apaas.errors import CONFLICT, ERRORS, FORBIDDEN, VERSION_MISMATCH
from apaas.reference.browsable import parameter_rows
from apaas.reference.calls import BY_NAME, endpoints, preferred
from apaas.reference.examples import FormExamples
from apaas.reference.pages.answers import sample_answer
from apaas.reference.pages.refusals import refusals_of
from apaas.reference.pages.tabs import Tab
from apaas.reference.samples import sample, sample_id, sample_request

NAMES = ("list", "ids", "simple", "create", "update", "evaluate", "detail", "transfer", "mass_destroy")
"""In the order of the tabs."""
ON_RECORDS = ("update", "detail", "transfer", "mass_destroy")
"""Their samples name a record."""
ONLY_OF = {
    FORBIDDEN.code: ("create", "update", "evaluate", "transfer", "mass_destroy"),
    CONFLICT.code: ("create", "update", "mass_destroy"),
    VERSION_MISMATCH.code: (),
}
"""Errors that not every call answers, and which do."""


def form_tabs(examples: FormExamples, origin: str) -> list[Tab]:
    """A tab for each call, with samples that are sent to `origin`."""
    return [form_tab(name, examples, origin) for name in NAMES]


def form_tab(name: str, examples: FormExamples, origin: str) -> Tab:
    call, endpoint = BY_NAME[name], preferred(name)
    note = why_no_sample(name, examples)
    sent = sample(name, examples)
    number = sample_id(name, examples)
    path = endpoint.path.replace("{id}", str(number))
    request = None if note else sample_request(origin, name, endpoint, path, sent, get_language() or "")
    return Tab(
        name=name,
        title=call.title,
        explains=call.explains,
        endpoints=endpoints()[name],
        parameters=[*path_row(number), *parameter_rows(name, examples)],
        request=request,
        answer=None if note else sample_answer(name, examples, sent),
        errors=[row for row in ERRORS if name in ONLY_OF.get(row.code, NAMES)],
        refusals=refusals_of(name, examples),
        note=note,
        warning="" if note else warning_of(name, examples),
    )


def path_row(number: int | None) -> list[dict[str, Any]]:
    if number is None:
        return []
    return [{"name": "id", "required": True, "type": "integer ≥ 1", "default": "", "explains": _("In the path.")}]


def why_no_sample(name: str, examples: FormExamples) -> str:
    """What the form lacks for a sample of this call that works; "" for nothing."""
    schema = examples.schema
    if name == "evaluate" and not schema.formulas:
        return _("This form has no formula field: there is nothing to evaluate.")
    if name in ON_RECORDS and examples.record_id is None:
        return _("This form has no record yet. Send the sample of “Create” first, then load this page again.")
    if name == "mass_destroy" and examples.destroyable_id is None:
        return _("The tickets of all recent records are running, and such records are not destroyed.")
    if name == "transfer" and not examples.actor.uid:
        return _("The organization has no active member who could own a record.")
    if name == "create":
        missing = [column.label for column in schema.required if column.name not in examples.form_entity]
        missing = [label for label in missing if label not in {schema.by_field[n].label for n in schema.defaults}]
        if missing:
            return _("No example can be made: there is nothing to choose from yet for {fields}.").format(
                fields=", ".join(map(str, missing))
            )
    return ""


def warning_of(name: str, examples: FormExamples) -> str:
    """What the sample does to real data."""
    if name in ("update", "transfer"):
        return _("The sample changes record {id}, the one changed last.").format(id=examples.record_id)
    if name == "mass_destroy":
        return _("The sample destroys record {id}.").format(id=examples.destroyable_id)
    return ""
