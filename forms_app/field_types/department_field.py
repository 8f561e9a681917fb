"""部门: departments of the organization."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.field_types._references import PeopleValue, assignee, id_of, named_by
from forms_app.field_types._spelling import Names, is_json, named_ids, shown_ids, written_ids
from forms_app.field_types._values import Text
from forms_app.field_types.base import Column, Directory, FieldType, Labels, Ref, SettingSerializer, registry
from forms_app.formula import NUMBER, FormulaType, list_of
from forms_app.operators.families import Exact, Listed
from forms_app.operators.index_kinds import CONTAINMENT
from forms_app.operators.lookups import Containing


class DepartmentValue(PeopleValue):
    asked_by = ("department_ids",)
    empties = ([],)
    spelt_as_json = True
    expected = _('a list of {"did": id}')
    echoes = {"name": {"type": ["string", "null"]}, "third_dept_id": {"type": ["string", "null"]}}

    def parse(self, raw: Any, current: Any = None) -> list[int]:
        return self.id_list(raw, "did")

    def written_schema(self) -> dict[str, Any]:
        return self.list_schema("did", self.id_schema())

    def shown_schema(self) -> dict[str, Any]:
        return self.list_schema("did", {"type": "integer"})


class DepartmentSetting(SettingSerializer):
    begins = {"multiple": False}
    multiple = serializers.BooleanField(default=True, label=_("Several departments"))


@registry.register
class DepartmentField(FieldType):
    """Departments by did; a filter finds them and those below."""

    name = "department_field"
    label = _("Department")
    prefix = "dept"
    refers = True
    names_people = True
    group = _("People and relations")
    control = "departments"
    further_limits = {"too_many": "multiple"}
    Field = DepartmentValue
    Setting = DepartmentSetting
    families = (Exact(Containing()), Listed(Containing()))
    indexes = (CONTAINMENT,)
    accepts = (
        (
            [{"did": 1, "name": "an echo", "third_dept_id": None}],
            [{"did": 1, "name": "department 1", "third_dept_id": None}],
        ),
        (
            [{"did": "4"}, {"did": 3}],
            [
                {"did": 4, "name": "department 4", "third_dept_id": None},
                {"did": 3, "name": "department 3", "third_dept_id": None},
            ],
        ),
        ([], None),
    )
    rejects = (
        ([{"did": 999}], "unknown_department"),
        ([{"uid": 1}], "missing_key"),
        ([{"did": -1}], "wrong_id"),
        ([{"did": 3}, {"did": 3}], "repeated"),
        ({"did": 1}, "wrong_type"),
        (1, "wrong_type"),
    )
    operands = {
        Exact: (3, {"department_ids": [3]}),
        Listed: ({"department_ids": [1]}, {"department_ids": [3, 4]}),
    }

    def resolved(self, operand: Any, directory: Directory) -> Any:
        return tuple([did] for did in sorted(directory.departments_below(operand["department_ids"])))

    def references(self, column: Column, stored: Any) -> Iterable[Ref]:
        return [Ref("department", did) for did in stored or ()]

    def keys(self, column: Column) -> Any:
        return ((column.name, lambda value, labels: [labels.department(did) for did in value]),)

    def as_sent(self, column: Column, stored: Any) -> Any:
        return [{"did": did} for did in stored]

    def as_text(self, column: Column, stored: Any) -> str:
        return written_ids(stored)

    def as_shown(self, column: Column, stored: Any, labels: Labels, names: Names) -> str:
        return shown_ids(stored, lambda did: labels.department(did)["name"], names.departments)

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        """Numbers, or names of departments, with their numbers behind them where several are called so."""
        return Text(text) if is_json(text) else [{"did": did} for did in named_ids(text, names.departments)]

    def control_data(self, column: Column) -> dict[str, Any]:
        return {"lookup": "departments", "multiple": column.setting.get("multiple", True)}

    def control_text(self, shown: Any) -> str:
        return super().control_text([{"did": str(item["did"]), "name": item["name"]} for item in shown or ()] or None)

    def from_ticket(self, column: Column, raw: Any) -> Any:
        """`{"group": did, "user": uid}`, which the original's samples send for both, names one."""
        number = assignee(raw, "group")
        return [{"did": number}] if number else raw

    def compared(self, posted: Sequence[str], several: bool) -> Any:
        return named_by("department_ids", posted, "did")

    def assigned(self, column: Column, value: Any) -> Any:
        """A number or several."""
        if value is None:
            return None
        return [{"did": id_of(number)} for number in (value if isinstance(value, tuple) else (value,))]

    def formula_type(self, column: Column) -> FormulaType | None:
        return list_of(NUMBER)

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else tuple(stored)
