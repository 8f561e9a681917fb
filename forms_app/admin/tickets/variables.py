"""A flow's variables as inputs, in the look of a form's fields, and what a page posts of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from forms_app.admin.records.entry import TEMPLATE, WAS
from forms_app.exact_json import dumps
from forms_app.exceptions import Fault
from forms_app.field_types._times import local_text, shown
from forms_app.flows.language import Variable

PREFIX = "variable:"
"""Before a variable's name in a post: a field of the form may have the same name, but no field's name has a colon."""
CONTROLS = {"text": "text", "number": "number", "boolean": "yes_no", "date": "date", "datetime": "datetime"}


@dataclass(frozen=True)
class VariableField:
    """A variable as a page shows it: what the templates ask of a field (`EntryField`)."""

    label: str
    kind: str
    value: str
    was: str
    required: bool
    faults: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    read_only: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return PREFIX + self.label

    @property
    def control(self) -> str:
        return "textarea" if "\n" in self.value else CONTROLS[self.kind]

    @property
    def template(self) -> str:
        return TEMPLATE.format(control=self.control)


def variable_fields(
    variables: Iterable[Variable],
    *,
    values: Mapping[str, Any],
    faults: Mapping[str, Sequence[str]],
    post: QueryDict | None = None,
    mending: bool = False,
) -> list[VariableField]:
    """The variables with their stored `values`, or what was posted of them; `mending`: of a ticket that runs."""
    fields = []
    for variable in variables:
        text = variable_text(variable.kind, values.get(variable.name))
        name = PREFIX + variable.name
        fields.append(
            VariableField(
                label=variable.name,
                kind=variable.kind,
                value=text if post is None else str(post.get(name, text)),
                was=text if post is None else str(post.get(name + WAS, text)),
                required=variable.required and not variable.formula and not mending,
                faults=[*faults.get(variable.name, ())],
                hints=[_("Left empty, it is computed.")] if variable.formula and not mending else [],
            )
        )
    return fields


def variable_text(kind: str, stored: Any) -> str:
    """What the input of a variable with this stored value posts while nobody touches it."""
    if stored is None:
        return ""
    if kind == "datetime":
        return local_text(shown(stored))
    return stored if isinstance(stored, str) else dumps(stored).decode()


def posted_variables(variables: Iterable[Variable], post: QueryDict) -> dict[str, str]:
    """The posted texts of the variables that differ from what the page showed at first."""
    texts = {}
    for variable in variables:
        name = PREFIX + variable.name
        text = str(post.get(name, "")).replace("\r\n", "\n")
        if name in post and text != str(post.get(name + WAS, "")).replace("\r\n", "\n"):
            texts[variable.name] = text if variable.kind == "text" else text.strip()
    return texts


def variable_faults(variables: Iterable[Variable], faults: Iterable[Fault]) -> tuple[dict[str, list[str]], list[Fault]]:
    """(the sentences that stand beside each variable, the other faults). A field's fault has a label, a variable's has
    none; of a required variable that is missing only the sentence tells which."""
    missing = {
        _("The required variable {name} is missing.").format(name=variable.name): variable.name
        for variable in variables
    }
    names = set(missing.values())
    beside: dict[str, list[str]] = {}
    others = []
    for fault in faults:
        name = missing.get(fault.message, "") if fault.code == "required_variable" else fault.field
        if name not in names or fault.label:
            others.append(fault)
        elif name not in beside:  # what was refused is not said to be missing besides
            beside[name] = [fault.message]
    return beside, others
