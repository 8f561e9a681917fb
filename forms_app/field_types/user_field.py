"""成员: people of the organization."""

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


class UserValue(PeopleValue):
    empties = ([],)
    spelt_as_json = True
    expected = _('a list of {"uid": id}')
    echoes = {"name": {"type": ["string", "null"]}, "third_userid": {"type": ["string", "null"]}}

    def parse(self, raw: Any, current: Any = None) -> list[int]:
        return self.id_list(raw, "uid")

    def written_schema(self) -> dict[str, Any]:
        return self.list_schema("uid", self.id_schema())

    def shown_schema(self) -> dict[str, Any]:
        return self.list_schema("uid", {"type": "integer"})


class UserSetting(SettingSerializer):
    begins = {"multiple": False}
    multiple = serializers.BooleanField(default=True, label=_("Several people"))


@registry.register
class UserField(FieldType):
    """Members by uid; names are today's."""

    name = "user_field"
    label = _("Member")
    prefix = "usr"
    refers = True
    names_people = True
    group = _("People and relations")
    control = "people"
    further_limits = {"too_many": "multiple"}
    Field = UserValue
    Setting = UserSetting
    families = (Exact(Containing()), Listed(Containing()))
    indexes = (CONTAINMENT,)
    accepts = (
        ([{"uid": 4, "name": "an echo", "third_userid": None}], [{"uid": 4, "name": "member 4", "third_userid": None}]),
        (
            [{"uid": 2}, {"uid": "1"}],
            [
                {"uid": 2, "name": "member 2", "third_userid": None},
                {"uid": 1, "name": "member 1", "third_userid": None},
            ],
        ),
        ([], None),
    )
    rejects = (
        ([{"uid": 999}], "unknown_member"),
        ([{"name": "李雷"}], "missing_key"),
        ([{"uid": 0}], "wrong_id"),
        ([{"uid": 1}, {"uid": 1}], "repeated"),
        ([4], "wrong_type"),
        ({"uid": 4}, "wrong_type"),
        ("", "wrong_type"),
    )
    operands = {
        Exact: (4, {"user_ids": [1]}),
        Listed: ({"user_ids": [4, 2]}, {"department_ids": [1]}, {"user_ids": ["1"], "department_ids": [3, 4]}),
    }

    def resolved(self, operand: Any, directory: Directory) -> Any:
        uids = set(operand.get("user_ids", ())) | set(directory.members_below(operand.get("department_ids", ())))
        return tuple([uid] for uid in sorted(uids))

    def references(self, column: Column, stored: Any) -> Iterable[Ref]:
        return [Ref("member", uid) for uid in stored or ()]

    def keys(self, column: Column) -> Any:
        def shown(value: Any, labels: Any) -> list[dict[str, Any]]:
            people = [labels.member(uid) for uid in value]
            return [{key: member[key] for key in ("uid", "name", "third_userid")} for member in people]

        return ((column.name, shown),)

    def as_sent(self, column: Column, stored: Any) -> Any:
        return [{"uid": uid} for uid in stored]

    def as_text(self, column: Column, stored: Any) -> str:
        return written_ids(stored)

    def as_shown(self, column: Column, stored: Any, labels: Labels, names: Names) -> str:
        return shown_ids(stored, lambda uid: labels.member(uid)["name"], names.members)

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        """Numbers, or names of members, with their numbers behind them where several are called so."""
        return Text(text) if is_json(text) else [{"uid": uid} for uid in named_ids(text, names.members)]

    def control_data(self, column: Column) -> dict[str, Any]:
        return {"lookup": "members", "multiple": column.setting.get("multiple", True)}

    def control_text(self, shown: Any) -> str:
        return super().control_text([{"uid": str(item["uid"]), "name": item["name"]} for item in shown or ()] or None)

    def from_ticket(self, column: Column, raw: Any) -> Any:
        """`{"group": did, "user": uid}`, which the original's samples send for both, names one."""
        number = assignee(raw, "user")
        return [{"uid": number}] if number else raw

    def compared(self, posted: Sequence[str], several: bool) -> Any:
        return named_by("user_ids", posted, "uid")

    def assigned(self, column: Column, value: Any) -> Any:
        """A number or several."""
        if value is None:
            return None
        return [{"uid": id_of(number)} for number in (value if isinstance(value, tuple) else (value,))]

    def formula_type(self, column: Column) -> FormulaType | None:
        return list_of(NUMBER)

    def formula_value(self, column: Column, stored: Any) -> Any:
        return None if stored is None else tuple(stored)
