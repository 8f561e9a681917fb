"""级联选择: a path down a tree of options."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from forms_app.exceptions import Fault, Refused
from forms_app.field_types._choices import ChoiceType, ChoiceValue
from forms_app.field_types._spelling import Names, is_json
from forms_app.field_types._values import Text, spelt_json
from forms_app.field_types.base import Column, Option, SettingSerializer, registry
from forms_app.formula import TEXT, FormulaType, list_of
from forms_app.operators.families import Exact
from forms_app.operators.index_kinds import CONTAINMENT
from forms_app.operators.lookups import Containing

_BELOW = re.compile(r"[/>]")
"""What stands between the levels of a path in a cell."""
_LEVEL = re.compile(r"level_(0|[1-9]\d?)", re.ASCII)


class CascadeValue(ChoiceValue):
    default_error_messages = {
        "wrong_parent": _("The option {label} does not stand below the option above it."),
        "missing_level": _("The levels must follow one another from level_0 on."),
        "not_a_leaf": _("The choice must go down to the last level."),
    }
    spelt_as_json = True
    expected = _('an object such as {"level_0": token, "level_1": token}')

    def levels(self, raw: Any) -> list[Any]:
        """The values of level_0, level_1 … without a hole. Raises Refused."""
        if not isinstance(raw, Mapping):
            self.wrong_type(raw)
        unknown = [key for key in raw if not isinstance(key, str) or not _LEVEL.fullmatch(key)]
        if unknown:
            raise Refused(
                self.fault("unknown_key", got=key, key=key, allowed=["level_0", "level_1"]) for key in unknown
            )
        if not raw:
            self.refuse("empty_shape", got=raw)
        if set(raw) != {f"level_{level}" for level in range(len(raw))}:
            self.refuse("missing_level", got=raw)
        return [raw[f"level_{level}"] for level in range(len(raw))]

    def parse(self, raw: Any, current: Any = None) -> dict[str, str]:
        kept = tuple(current.values()) if isinstance(current, Mapping) else ()
        tokens = self.each(self.levels(raw), lambda item: self.option(item, kept))
        if tuple(tokens) == kept:  # options may have moved since
            return dict(current)
        faults: list[Fault] = []
        for level, token in enumerate(tokens):
            option = self.column.options[token]
            if option.parent != (tokens[level - 1] if level else None):
                faults.append(self.fault("wrong_parent", got=token, index=level, label=option.label))
        if not faults and self.column.setting.get("leaf_required"):
            below = any(option.parent == tokens[-1] and option.enabled for option in self.column.options.values())
            if below:
                faults.append(self.fault("not_a_leaf", got=tokens[-1], index=len(tokens) - 1))
        if faults:
            raise Refused(faults)
        return {f"level_{level}": token for level, token in enumerate(tokens)}

    def written_schema(self) -> dict[str, Any]:
        return self.levels_schema(self.enabled())

    def shown_schema(self) -> dict[str, Any]:
        return self.levels_schema(self.column.options.values())

    def levels_schema(self, options: Iterable[Option]) -> dict[str, Any]:
        """An object with a property for each level, each with the tokens that stand there."""
        levels: list[list[Option]] = []
        rest = list(options)
        above: set[str | None] = {None}
        while level := [option for option in rest if option.parent in above]:
            levels.append(level)
            above = {option.value for option in level}
        properties = {f"level_{place}": self.token_schema(level) for place, level in enumerate(levels)}
        return {"type": "object", "properties": properties, "required": ["level_0"], "additionalProperties": False}

    def item(self, raw: Any) -> dict[str, str]:
        tokens = self.each(self.levels(raw), self.token)
        return {f"level_{level}": token for level, token in enumerate(tokens)}


class CascadeSetting(SettingSerializer):
    leaf_required = serializers.BooleanField(default=False, label=_("Down to the last level"))


@registry.register
class NestedSelect(ChoiceType):
    """Options with parents: each level is a child of the one above."""

    name = "nested_select"
    label = _("Cascading choice")
    prefix = "nest"
    cascades = True
    control = compared_by = "cascade"
    further_limits = {**ChoiceType.further_limits, "wrong_parent": "", "not_a_leaf": "leaf_required"}
    Field = CascadeValue
    Setting = CascadeSetting
    families = (Exact(Containing()),)
    indexes = (CONTAINMENT,)
    example_options = (
        Option("60943MKVMq0Erpe9dUdV7w==", "华东"),
        Option("WkFg1hVKiht2xdOjfhlpqQ==", "上海", parent="60943MKVMq0Erpe9dUdV7w=="),
        Option("H6Qq/ojoIFNyICUXzx3UOw==", "华北"),
    )
    accepts = (
        (
            {"level_0": "60943MKVMq0Erpe9dUdV7w==", "level_1": "WkFg1hVKiht2xdOjfhlpqQ=="},
            {"level_0": "60943MKVMq0Erpe9dUdV7w==", "level_1": "WkFg1hVKiht2xdOjfhlpqQ=="},
        ),
        ({"level_0": "H6Qq/ojoIFNyICUXzx3UOw=="}, {"level_0": "H6Qq/ojoIFNyICUXzx3UOw=="}),
    )
    rejects = (
        ({"level_0": "H6Qq/ojoIFNyICUXzx3UOw==", "level_1": "WkFg1hVKiht2xdOjfhlpqQ=="}, "wrong_parent"),
        ({"level_0": "WkFg1hVKiht2xdOjfhlpqQ=="}, "wrong_parent"),
        ({"level_1": "WkFg1hVKiht2xdOjfhlpqQ=="}, "missing_level"),
        ({"level_0": "qxjjDA3ECTzu2olh+sPR9A=="}, "unknown_option"),
        ({"level_0": "60943MKVMq0Erpe9dUdV7w==", "x": 1}, "unknown_key"),
        ({}, "empty_shape"),
        ("60943MKVMq0Erpe9dUdV7w==", "wrong_type"),
        ([], "wrong_type"),
    )
    operands = {
        Exact: (
            {"level_0": "60943MKVMq0Erpe9dUdV7w=="},
            {"level_0": "60943MKVMq0Erpe9dUdV7w==", "level_1": "WkFg1hVKiht2xdOjfhlpqQ=="},
        ),
    }

    def keys(self, column: Column) -> Any:
        return (
            (column.name, None),
            (
                f"{column.name}_display",
                lambda value, labels: [self.label_of(column, value[f"level_{level}"]) for level in range(len(value))],
            ),
        )

    def labelled(self, column: Column, stored: Any) -> str | None:
        labels = [self.label_of(column, stored[f"level_{level}"]) for level in range(len(stored))]
        return None if None in labels else "/".join(map(str, labels))

    def from_text(self, column: Column, text: str, names: Names) -> Any:
        """Labels or tokens from the top on with / or > between them, or JSON. A label of the first level that holds
        such a sign is found as a whole."""
        if is_json(text):
            return Text(text)
        top = [option for option in column.options.values() if option.parent is None]
        whole = text.strip()
        if any(whole in (option.label, option.value) for option in top):
            return self.from_ticket(column, [whole])
        return self.from_ticket(column, [part.strip() for part in _BELOW.split(text)])

    def from_ticket(self, column: Column, raw: Any) -> Any:
        """The label or token of each level, as an object, a list from the top on, or the first level alone."""
        sent = spelt_json(raw) if isinstance(raw, Text) else raw
        if isinstance(sent, str) and sent:
            sent = [sent]
        levels = {f"level_{place}": item for place, item in enumerate(sent)} if isinstance(sent, list) else sent
        if not isinstance(levels, Mapping):
            return raw
        read: dict[str, Any] = {}
        above: Any = None
        for key in sorted(levels, key=lambda name: (len(str(name)), str(name))):
            below = [option for option in column.options.values() if option.parent == above]
            read[key] = above = self.by_label(column, levels[key], below)
        return read

    def compared(self, posted: Sequence[str], several: bool) -> Any:
        """The path that the control posts, as far as it goes."""
        return spelt_json(Text(next(iter(posted), "")))

    def assigned(self, column: Column, value: Any) -> Any:
        """A label for each level; each is looked for below the one above, first among the enabled options."""
        levels: dict[str, str] = {}
        above: str | None = None
        for level, label in enumerate((value,) if isinstance(value, str) else value or ()):
            below = [o for o in column.options.values() if o.parent == above and o.label == label]
            option = next((o for o in below if o.enabled), next(iter(below), None))
            levels[f"level_{level}"] = above = option.value if option else label
        return levels or None

    def formula_type(self, column: Column) -> FormulaType | None:
        return list_of(TEXT)

    def formula_value(self, column: Column, stored: Any) -> Any:
        if stored is None:
            return None
        return tuple(self.label_of(column, stored[f"level_{level}"]) for level in range(len(stored)))
