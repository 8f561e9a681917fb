"""Components: what a flow is made of, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

ACTIONS = ("action1", "action2")
"""What `quick_action` may say: the first and the second of a stage's quick actions."""
MATCHES = ("first", "last")
KINDS = ("text", "number", "boolean", "date", "datetime")
RESERVED = ("creator",)
"""Variables that every flow has."""


@dataclass(frozen=True)
class Rule:
    """A validation: the formula must give true, else `message` says why not."""

    formula: str
    message: str


@dataclass(frozen=True)
class Assignment:
    """Sets a field, or a variable (`$name`): to what a formula gives, or to a value as a client would send it."""

    target: str
    formula: str = ""
    value: Any = None
    literal: bool = False

    @property
    def variable(self) -> str:
        """The variable's name; "" for a field."""
        return self.target[1:] if self.target.startswith("$") else ""


@dataclass(frozen=True)
class StageField:
    """A field as a stage shows it. What a stage doesn't list is hidden there."""

    name: str
    writable: bool = True
    required: bool = False


@dataclass(frozen=True)
class Variable:
    """A variable that a flow begins with: sent by whoever opens the ticket, or else what the formula gives."""

    name: str
    kind: str = "text"
    required: bool = False
    formula: str = ""


@dataclass(frozen=True)
class Assignees:
    """Who may push: everyone of the organization when nobody is named."""

    members: tuple[int, ...] = ()
    departments: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()
    creator: bool = False

    @property
    def anyone(self) -> bool:
        return not (self.members or self.departments or self.fields or self.creator)


@dataclass(frozen=True)
class QuickAction:
    """A stage's button: values that are set instead of sent ones."""

    name: str
    values: tuple[Assignment, ...] = ()


@dataclass(frozen=True)
class Component:
    """Base of all: `type` is the name in the definition."""

    type: ClassVar[str]
    id: str
    name: str


@dataclass(frozen=True)
class Stage(Component):
    """Base of those with a form view; `fields` None: all of the form's."""

    fields: tuple[StageField, ...] | None = None
    validation: Rule | None = None

    def field(self, name: str) -> StageField | None:
        """How the stage shows the field; None where it does not."""
        if self.fields is None:
            return StageField(name)
        return next((field for field in self.fields if field.name == name), None)

    def required(self) -> Iterable[str]:
        return [field.name for field in self.fields or () if field.required]


@dataclass(frozen=True)
class Start(Stage):
    """開始: where tickets begin."""

    type = "start"
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True)
class HumanInput(Stage):
    """人工輸入: waits until one of the assignees pushes."""

    type = "human_input"
    assignees: Assignees = Assignees()
    actions: tuple[QuickAction, ...] = ()

    def action(self, name: str) -> QuickAction | None:
        """The quick action that a client calls `action1` or `action2`."""
        listed = dict(zip(ACTIONS, self.actions, strict=False))
        return listed.get(name)


@dataclass(frozen=True)
class Condition(Component):
    """條件判斷: goes on along the line of the last (or the first) rule that is true, else along the default line."""

    type = "condition"
    match: str = "last"


@dataclass(frozen=True)
class Parallel(Component):
    """並行: goes on along all lines at once."""

    type = "parallel"


@dataclass(frozen=True)
class Collection(Component):
    """匯集: waits for all branches of one parallel, then goes on once."""

    type = "collection"


@dataclass(frozen=True)
class SetField(Component):
    """欄位設定: writes fields and variables."""

    type = "set_field"
    values: tuple[Assignment, ...] = ()


@dataclass(frozen=True)
class CallFlow(Component):
    """呼叫流程: opens a ticket of another flow and waits for its end."""

    type = "call_flow"
    flow: str = ""
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()


@dataclass(frozen=True)
class End(Component):
    """結束."""

    type = "end"


@dataclass(frozen=True)
class Line:
    """Leads from one component to the next; out of a condition with a rule, or as the default."""

    source: str
    target: str
    rule: str = ""
    default: bool = False


COMPONENTS: Sequence[type[Component]] = (
    Start,
    HumanInput,
    Condition,
    Parallel,
    Collection,
    SetField,
    CallFlow,
    End,
)
