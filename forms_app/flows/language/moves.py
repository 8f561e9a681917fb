"""Moves: how a ticket goes on, as a pure function of its tokens, its flow and what the world answers.

A token stands where something is waited for: a person, another flow's ticket, the other branches of a parallel, or an
administrator's help. A move takes one token away (or begins a ticket) and follows the lines until everything stands
again. It writes down each step, with the tokens that it closed and opened: folding the steps of a ticket from its
beginning gives the tokens that are open.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .components import (
    CallFlow,
    Collection,
    Component,
    Condition,
    End,
    HumanInput,
    Line,
    Parallel,
    SetField,
)
from .definition import Definition
from .words import _

MOST_STEPS = 1_000
"""Components passed in one move: a circle that never comes to a person is stopped here."""
ENDLESS = _("The ticket passed 1,000 components without coming to a person.")

WAITING, CALLING, JOINING, STOPPED = "waiting", "calling", "joining", "stopped"
"""The states of an open token, as the rows keep them."""

ASSIGNEES = "@assignees"
"""Stands for who may push among the changes of a step."""

Branch = tuple[int, int, int]
"""(run, number of the branch, branches of the run)."""
Changes = Mapping[str, tuple[Any, Any]]
"""Field, $variable or @assignees → (before, after)."""


class Failed(Exception):
    """A component that can't do its work. Its text says why, to the administrator."""


@dataclass(frozen=True)
class Token:
    """A place where a ticket stands; `detail` is what the world said of it when it came (who may push)."""

    id: int
    component: str
    state: str
    branches: tuple[Branch, ...] = ()
    message: str = ""
    detail: Any = None


@dataclass(frozen=True)
class Step:
    """What happened at a component."""

    action: str
    component: str
    closed: tuple[int, ...] = ()
    opened: tuple[Token, ...] = ()
    changed: Changes = field(default_factory=dict)
    message: str = ""


class World(Protocol):
    """What a move asks of the world. Each may raise Failed, `new_id` aside."""

    def new_id(self) -> int:
        """An id that nothing else has."""

    def holds(self, line: Line) -> bool:
        """Whether the rule of a line out of a condition is true."""

    def write(self, component: SetField) -> Changes:
        """Do what the component sets."""

    def assignees(self, component: HumanInput) -> Any:
        """Who may push, as the record says now."""

    def call(self, component: CallFlow, token_id: int) -> None:
        """Have the other flow's ticket opened; `token_id` waits for its end."""


class Move:
    """One move of a ticket. `tokens` are its open tokens by id, and afterwards those that are open then; `steps` is
    what happened, in order."""

    def __init__(self, definition: Definition, world: World, tokens: Iterable[Token] = ()) -> None:
        self.definition = definition
        self.world = world
        self.tokens = {token.id: token for token in tokens}
        self.steps: list[Step] = []
        self._waiting: deque[tuple[str, tuple[Branch, ...]]] = deque()

    @property
    def ended(self) -> bool:
        """Whether nothing is open any more."""
        return not self.tokens

    @property
    def opened(self) -> list[Token]:
        """What this move opened and left open."""
        return [token for step in self.steps for token in step.opened if token.id in self.tokens]

    @property
    def closed(self) -> list[int]:
        """The tokens that this move closed, those aside that it opened itself."""
        mine = {token.id for step in self.steps for token in step.opened}
        return [token_id for step in self.steps for token_id in step.closed if token_id not in mine]

    def begin(self, changed: Changes) -> None:
        """Start the ticket."""
        start = self.definition.start
        self._note("open", start, changed=changed)
        self._follow(start, ())
        self._run()

    def push(self, token_id: int, changed: Changes, message: str = "") -> None:
        """Go on from a stage; `changed` is what the person wrote there."""
        self._leave(token_id, "push", changed, message)

    def returned(self, token_id: int, changed: Changes, message: str = "") -> None:
        """Go on from a component whose called ticket has ended."""
        self._leave(token_id, "return", changed, message)

    def resume(self, token_id: int, changed: Changes) -> None:
        """Let the component where the token was stopped try again."""
        token = self.tokens.pop(token_id)
        component = self.definition.components[token.component]
        self._note("resume", component, closed=(token_id,), changed=changed)
        self._waiting.append((token.component, token.branches))
        self._run()

    def stop(self, token_id: int, message: str) -> None:
        """Stop a token where it stands: what it waited for has failed."""
        token = self.tokens.pop(token_id)
        component = self.definition.components[token.component]
        self._rest("stop", component, STOPPED, token.branches, message, closed=(token_id,))

    def assign(self, token_id: int, before: Any, detail: Any, message: str) -> int:
        """Let a stage wait for others; `before` and `detail` say who may push, as the world does. Gives the token that
        waits from now on."""
        token = self.tokens.pop(token_id)
        component = self.definition.components[token.component]
        opened = Token(self.world.new_id(), component.id, WAITING, token.branches, detail=detail)
        self.tokens[opened.id] = opened
        self._note("assign", component, (token_id,), (opened,), {ASSIGNEES: (before, detail)}, message)
        return opened.id

    def close(self, message: str) -> None:
        """Close everything that is open: the ticket is given up."""
        start = self.definition.start
        self._note("close", start, closed=tuple(sorted(self.tokens)), message=message)
        self.tokens.clear()

    def _leave(self, token_id: int, action: str, changed: Changes, message: str) -> None:
        token = self.tokens.pop(token_id)
        component = self.definition.components[token.component]
        self._note(action, component, closed=(token_id,), changed=changed, message=message)
        self._follow(component, token.branches)
        self._run()

    def _run(self) -> None:
        passed = 0
        while self._waiting:
            component_id, branches = self._waiting.popleft()
            component = self.definition.components[component_id]
            passed += 1
            try:
                if passed > MOST_STEPS:
                    raise Failed(ENDLESS)
                self._visit(component, branches)
            except Failed as failed:
                self._rest("stop", component, STOPPED, branches, str(failed))

    def _visit(self, component: Component, branches: tuple[Branch, ...]) -> None:
        match component:
            case HumanInput():
                detail = self.world.assignees(component)
                self._rest("arrive", component, WAITING, branches, detail=detail)
            case Condition():
                line = self._chosen(component)
                self._note("decide", component, message=self.definition.components[line.target].name)
                self._waiting.append((line.target, branches))
            case Parallel():
                lines = self.definition.outgoing[component.id]
                run = self.world.new_id()
                self._note("fork", component)
                for place, line in enumerate(lines):
                    self._waiting.append((line.target, (*branches, (run, place, len(lines)))))
            case Collection():
                self._collect(component, branches)
            case SetField():
                self._note("set", component, changed=self.world.write(component))
                self._follow(component, branches)
            case CallFlow():
                token_id = self.world.new_id()
                self.world.call(component, token_id)
                self._rest("call", component, CALLING, branches, token_id=token_id)
            case End():
                self._note("end", component)
            case _:
                raise TypeError(type(component).__name__)

    def _chosen(self, condition: Condition) -> Line:
        """The line of the first or of the last rule that is true; the default line where none is."""
        lines = self.definition.outgoing[condition.id]
        rules = [line for line in lines if not line.default]
        for line in rules if condition.match == "first" else reversed(rules):
            if self.world.holds(line):
                return line
        return next(line for line in lines if line.default)

    def _collect(self, collection: Collection, branches: tuple[Branch, ...]) -> None:
        run, _place, count = branches[-1]
        here = tuple(
            token.id
            for token in self.tokens.values()
            if token.component == collection.id and token.state == JOINING and token.branches[-1][0] == run
        )
        if len(here) + 1 < count:
            self._rest("join", collection, JOINING, branches)
            return
        for token_id in here:
            del self.tokens[token_id]
        self._note("join", collection, closed=here)
        self._follow(collection, branches[:-1])

    def _follow(self, component: Component, branches: tuple[Branch, ...]) -> None:
        self._waiting += [(line.target, branches) for line in self.definition.outgoing[component.id]]

    def _rest(
        self,
        action: str,
        component: Component,
        state: str,
        branches: tuple[Branch, ...],
        message: str = "",
        detail: Any = None,
        closed: tuple[int, ...] = (),
        token_id: int = 0,
    ) -> None:
        token = Token(token_id or self.world.new_id(), component.id, state, branches, message, detail)
        self.tokens[token.id] = token
        self._note(action, component, closed=closed, opened=(token,), message=message)

    def _note(
        self,
        action: str,
        component: Component,
        closed: tuple[int, ...] = (),
        opened: tuple[Token, ...] = (),
        changed: Changes | None = None,
        message: str = "",
    ) -> None:
        self.steps.append(Step(action, component.id, closed, opened, changed or {}, message))


def replayed(steps: Iterable[tuple[Sequence[int], Sequence[int]]]) -> set[int]:
    """The open tokens after these (closed, opened) of a ticket's history. Raises ValueError where a token is closed
    that is not open, or opened twice."""
    tokens: set[int] = set()
    for closed, opened in steps:
        if not tokens.issuperset(closed) or not tokens.isdisjoint(opened):
            raise ValueError(f"{closed} {opened}")
        tokens.difference_update(closed)
        tokens.update(opened)
    return tokens
