"""What a form's calls answer to their samples: the records are made of the examples, by what makes the real ones."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.conf import settings
from django.utils import timezone

from apaas.envelope import NO_DATA, envelope
from apaas.pagination import paged
from apaas.reference.examples import FormExamples
from apaas.reference.samples import FIRST_ID
from forms_app.exact_json import dumps
from forms_app.exceptions import DomainError
from forms_app.people.actor import Actor
from forms_app.records.computing import compute, related_of, relations_of
from forms_app.records.evaluation import field_evaluate, related_forms
from forms_app.records.presentation import Projection, labelled, present
from forms_app.records.query.entity_query import EntityRow


def nobody() -> Actor:
    """A reader who sees no names of people, departments and records."""
    return Actor(organization_id=0, member_id=0, uid=0)


def sample_answer(name: str, examples: FormExamples, sent: dict[str, Any]) -> dict[str, Any]:
    """The body that answers the call's sample, whose parameters are `sent`."""
    projected = sent.get("only_field_names")
    number = examples.record_id or FIRST_ID
    if name in ("create", "update", "detail"):
        return envelope(record(examples, number + (name == "create"), projected))
    if name == "list":
        return envelope(paged([record(examples, number, projected)], 1, settings.DEFAULT_PER_PAGE, total=1))
    if name == "ids":
        return envelope({"ids": [number]})
    if name == "simple":
        primary = [examples.schema.primary.name] if examples.schema.primary else []
        model = labelled(record(examples, number, ["id", "primary_field_value", *primary]))
        return envelope(paged([model], 1, settings.DEFAULT_PER_PAGE, total=None))
    if name == "evaluate":
        return envelope({"value": evaluated(examples, sent)})
    return envelope(NO_DATA)


def record(examples: FormExamples, number: int, names: list[str] | None) -> dict[str, Any]:
    """A record that holds the examples of all fields."""
    now = timezone.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    data = dumps(stored(examples)).decode()
    row = EntityRow(number, examples.actor.uid, now, now, data)
    return present(Projection.of(examples.schema, names), [row], examples.reader)[0]


def stored(examples: FormExamples) -> dict[str, Any]:
    """The examples as they would be stored, with the number and the formulas' results that the server adds."""
    schema = examples.schema
    values = dict(schema.defaults)
    values |= {f.column.name: f.column.clean(f.written) for f in examples.fields if f.written is not None}
    values |= {c.name: c.type.numbered_text(c, timezone.localtime(), 1) for c in schema.numbered}
    formulas = schema.stored_formulas
    sees = examples.reader.organization_id == schema.organization_id
    related = related_of(schema, relations_of(formulas.values()), [values])[0] if sees else {}
    values |= compute(schema, formulas, values, related)
    return {name: value for name, value in values.items() if value is not None}


def evaluated(examples: FormExamples, sent: dict[str, Any]) -> Any:
    """The formula's value; of no real record's where the reader may not see records."""
    schema, own = examples.schema, sent.get("form_entity", {})
    if examples.reader.organization_id != schema.organization_id:
        own = {name: value for name, value in own.items() if not schema.by_field[name].type.refers}
    objects = {name: sent[name] for name, _form in related_forms(schema, examples.actor) if name in sent}
    try:
        return field_evaluate(
            schema=schema,
            field_name=sent["field_name"],
            values=own,
            record_id=None,
            objects=objects,
            actor=examples.actor,
        ).value
    except DomainError:
        return None
