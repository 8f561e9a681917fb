"""What the tests of fields and options share: options that stand in a tree, a field by its name."""

from __future__ import annotations

from forms_app.field_types import Option
from forms_app.models import CustomField, CustomForm

A, B, C, D = (
    "H6Qq/ojoIFNyICUXzx3UOw==",
    "qxjjDA3ECTzu2olh+sPR9A==",
    "QpbX0pPJ6koOUsZBXwtclg==",
    "AAAAAAAAAAAAAAAAAAAAAA==",
)
TREE = (Option(A, "华东"), Option(B, "上海", parent=A), Option(C, "华北"))


def field(form: CustomForm, name: str) -> CustomField:
    return form.custom_fields.get(name=name)
