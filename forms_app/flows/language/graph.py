"""Whether a flow's lines make sense: every way begins at the start and reaches an end, branches meet as they parted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from .components import Collection, Condition, End, HumanInput, Parallel, Start
from .definition import Definition
from .faults import FlowFault, fault

AUTOMATIC_CHOICE = (HumanInput, Condition)
"""A circle through one of these can end: somebody is asked, or something is decided."""


def check_graph(definition: Definition) -> list[FlowFault]:
    """Everything that is wrong with names and lines, each with its component."""
    faults = [*_names(definition), *_ends(definition), *_lines(definition)]
    if faults:
        return faults  # what follows needs lines that hold
    faults = [*_ways(definition), *_circles(definition)]
    return faults or [*_branches(definition)]


def reached(start: Iterable[str], following: Callable[[str], Iterable[str]], without: str = "") -> set[str]:
    """All that can be reached from `start`, which counts too, on ways that avoid one component."""
    passed: set[str] = set()
    waiting = [component for component in start if component != without]
    while waiting:
        component = waiting.pop()
        if component not in passed:
            passed.add(component)
            waiting += [other for other in following(component) if other != without]
    return passed


def _names(definition: Definition) -> Iterable[FlowFault]:
    counts = Counter(component.name for component in definition.components.values())
    for component in definition.components.values():
        if not 0 < len(component.name) <= 100:
            yield fault("name_needed", component.id)
        elif counts[component.name] > 1:
            yield fault("repeated_name", component.id, name=component.name)


def _ends(definition: Definition) -> Iterable[FlowFault]:
    starts = definition.of_type(Start)
    if len(starts) != 1:
        yield from [fault("one_start", start.id) for start in starts[1:]] or [fault("one_start")]
    if not definition.of_type(End):
        yield fault("no_end")


def _lines(definition: Definition) -> Iterable[FlowFault]:
    components = definition.components
    for line in definition.lines:
        if line.source not in components or line.target not in components:
            yield fault("loose_line", line.source if line.source in components else line.target)
        elif isinstance(components[line.target], Start):
            yield fault("line_to_start", line.source)
        if (line.rule or line.default) and not isinstance(components.get(line.source), Condition):
            yield fault("rule_not_here", line.source)
    for component in components.values():
        lines = definition.outgoing.get(component.id, ())
        match component:
            case End():
                if lines:
                    yield fault("line_from_end", component.id)
            case Condition():
                if sum(line.default for line in lines) != 1:
                    yield fault("default_needed", component.id)
                if any(bool(line.rule) == line.default for line in lines) or len(lines) < 2:
                    yield fault("rule_needed", component.id)
            case Parallel():
                if len(lines) < 2:
                    yield fault("two_lines", component.id)
                for target, count in Counter(line.target for line in lines).items():
                    if count > 1 and target in components:
                        yield fault("repeated_line", component.id, name=components[target].name)
            case _:
                if len(lines) != 1:
                    yield fault("one_line", component.id)


def _ways(definition: Definition) -> Iterable[FlowFault]:
    from_start = reached([definition.start.id], definition.next_ids)
    back = _backwards(definition)
    to_end = reached([end.id for end in definition.of_type(End)], lambda target: back.get(target, ()))
    for component in definition.components:
        if component not in from_start:
            yield fault("unreachable", component)
        if component not in to_end:
            yield fault("no_way_to_end", component)


def _backwards(definition: Definition) -> Mapping[str, list[str]]:
    sources: dict[str, list[str]] = {}
    for line in definition.lines:
        sources.setdefault(line.target, []).append(line.source)
    return sources


def _circles(definition: Definition) -> Iterable[FlowFault]:
    """Circles in which nobody is asked and nothing decided."""
    components = definition.components

    def automatic(source: str) -> list[str]:
        return [
            other
            for other in definition.next_ids(source)
            if not isinstance(definition.components[other], AUTOMATIC_CHOICE)
        ]

    for component in components.values():
        if not isinstance(component, AUTOMATIC_CHOICE) and component.id in reached(automatic(component.id), automatic):
            yield fault("endless", component.id)


def _branches(definition: Definition) -> Iterable[FlowFault]:
    """A collection waits for the branches of one parallel: each of them must come, and nobody else. A fault stands at
    the branch that is to blame."""
    met = _met(definition)
    names = {component.id: component.name for component in definition.components.values()}
    for collection in definition.of_type(Collection):
        if collection.id not in met.values():
            yield from _unmet(definition, collection.id, met)
    for parallel in definition.of_type(Parallel):
        if parallel.id not in met:
            below = reached(definition.next_ids(parallel.id), definition.next_ids)
            for source in _sources(definition, {parallel.id}, below):
                yield fault("branch_returns", source, name=parallel.name)
    for owner, collection_id in met.items():
        region = _region(definition, owner, collection_id)
        escapes = {one for one in region if isinstance(definition.components[one], End) or one == owner}
        for source in _sources(definition, escapes, {owner, *region}):
            yield fault("branch_escapes", source, name=names[owner], other=names[collection_id])
        if escapes:
            continue  # what lies behind them is on the branches, too, and would be told again
        for line in definition.lines:
            if line.target in region and line.source not in region and line.source != owner:
                yield fault("branch_entered", line.target, name=names[owner], other=names[line.source])
        for other in sorted(region):
            if isinstance(definition.components[other], Parallel) and met.get(other) not in region:
                yield fault("uncollected_inside", other, name=names[owner])


def _sources(definition: Definition, targets: set[str], among: set[str]) -> list[str]:
    """Those from which a line leads to one of the targets."""
    return sorted({line.source for line in definition.lines if line.target in targets and line.source in among})


def _unmet(definition: Definition, collection_id: str, met: Mapping[str, str]) -> Iterable[FlowFault]:
    """A collection that no parallel's branches all come to: the branches of the nearest one that do not; where they all
    come, what else does."""
    near = []
    for parallel in definition.of_type(Parallel):
        branches = definition.next_ids(parallel.id)
        come = {branch for branch in branches if collection_id in reached([branch], definition.next_ids)}
        if come and parallel.id not in met:
            near.append((len(_region(definition, parallel.id, collection_id)), parallel, set(branches) - come))
    if not near:
        yield fault("no_parallel", collection_id)
        return
    _size, parallel, missing = min(near, key=lambda found: found[0])
    collection = definition.components[collection_id]
    for branch in sorted(missing):
        yield fault("branch_misses", branch, name=parallel.name, other=collection.name)
    if not missing:
        others = reached([definition.start.id], definition.next_ids, without=parallel.id)
        for source in _sources(definition, {collection_id}, others):
            yield fault("branch_joined", source, name=parallel.name, other=collection.name)


def _met(definition: Definition) -> dict[str, str]:
    """Where the branches of each parallel meet: the nearest pairs first, each collection and each parallel once."""
    pairs = []
    for parallel in definition.of_type(Parallel):
        branches = definition.next_ids(parallel.id)
        others = reached([definition.start.id], definition.next_ids, without=parallel.id)
        for collection in definition.of_type(Collection):
            comes = all(collection.id in reached([branch], definition.next_ids) for branch in branches)
            # Who comes without passing the parallel belongs to another one's branches.
            if comes and collection.id not in others:
                pairs.append((len(_region(definition, parallel.id, collection.id)), parallel.id, collection.id))
    met: dict[str, str] = {}
    for _size, parallel_id, collection_id in sorted(pairs):
        if parallel_id not in met and collection_id not in met.values():
            met[parallel_id] = collection_id
    return met


def _region(definition: Definition, parallel: str, collection_id: str) -> set[str]:
    """What lies on the branches: all that can be reached from them without passing the collection."""
    return reached(definition.next_ids(parallel), definition.next_ids, without=collection_id)
