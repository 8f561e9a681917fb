"""What `export` takes beside the terms of a list."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apaas.requests.readers import Parameter, one_of
from forms_app.exporting.export import FORMATS, HEADINGS, VALUES

EXPORT = (
    Parameter(
        "format",
        one_of(list(FORMATS)),
        _("The kind of file: csv, xlsx, or jsonl (a line of JSON for each record)."),
        default="csv",
        schema={"type": "string", "enum": list(FORMATS), "default": "csv"},
    ),
    Parameter(
        "headings",
        one_of(HEADINGS),
        _("Fields by label or by name; default: label, in jsonl name."),
        schema={"type": "string", "enum": list(HEADINGS)},
    ),
    Parameter(
        "values",
        one_of(VALUES),
        _("Choices, people and records by name (shown), or as they are stored; default: shown, in jsonl stored."),
        schema={"type": "string", "enum": list(VALUES)},
    ),
)
