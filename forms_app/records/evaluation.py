"""Computing one formula field over values that are not saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from forms_app.exact_json import reads
from forms_app.exceptions import Fault, NotFound, Refused
from forms_app.field_types.base import excerpt
from forms_app.formula import ErrorValue
from forms_app.models import Verb
from forms_app.people.actor import Actor
from forms_app.people.permission import permit
from forms_app.records.cleaning import MAX_FAULTS
from forms_app.records.computing import Stored, compute, record_of, related_of, relations_of, with_needed
from forms_app.records.labels import PageLabels
from forms_app.records.query import EntityQuery
from forms_app.records.query.entity_query import EntityRow
from forms_app.records.recompute import affected
from forms_app.records.references import reference_faults
from forms_app.schema.form_schema import FormSchema


class Evaluation(NamedTuple):
    """What a computed field would show; for a null that an error gave, why."""

    value: Any
    reason: str = ""


def field_evaluate(
    *,
    schema: FormSchema,
    field_name: str,
    values: Mapping[str, Any],
    record_id: int | None,
    objects: Mapping[str, Mapping[str, Any]],
    actor: Actor,
) -> Evaluation:
    """The value that the computed field would have, as clients read it.

    `values` are the form's unsaved ones; what they lack is read from record `record_id`. `objects` hold one object per
    related form under its `data_table_name`: it stands in for the related record, whatever its id; what it lacks is
    read from the record in the relation's value. The same evaluation as a stored field's, so the same value: of what
    the actor may read, as a formula that reads more does not exist for them. Raises Refused with every fault, NotFound,
    Forbidden.
    """
    rights = schema.rights(actor)
    permit(actor, rights, Verb.READ if record_id is not None or not rights.may(Verb.CREATE) else Verb.CREATE)
    schema = schema.seen_by(actor)
    faults: list[Fault] = []
    column = schema.by_field.get(field_name)
    if column is None or field_name not in schema.formulas:
        computed = [c.name for c in schema.fields if c.type.computed]
        message = _("This field is not computed.") if column else _("The form has no such field.")
        faults.append(Fault("not_computed", message, field="field_name", got=field_name[:128], allowed=computed))
    row = None if record_id is None else _row(schema, record_id, actor)
    stored = {} if row is None else {name: v for name, v in reads(row.data).items() if name in schema.by_field}
    data = _cleaned(schema, values, faults, stored)
    stand_ins = {
        name: _cleaned(form, objects[name], faults, {}, echoes=("id",))
        for name, form in related_forms(schema, actor, objects)
    }
    faults += reference_faults(
        [(schema.by_field[name], v) for name, v in data.items() if v is not None and schema.by_field[name].type.refers],
        actor,
        stored,
    )
    if faults or column is None:
        raise Refused(faults)
    data = {name: value for name, value in {**stored, **data}.items() if value is not None}
    formulas = with_needed(schema, [field_name])
    related = _related(schema, relations_of(formulas.values()), data, stand_ins, actor)
    errors: dict[str, ErrorValue] = {}
    record = record_of(row) if row else None
    result = compute(schema, formulas, data, related, record=record, errors=errors)[field_name]
    if result is None:
        return Evaluation(None, errors[field_name].said(_) if field_name in errors else "")
    show = column.type.keys(column)[0][1]
    return Evaluation(result if show is None else show(result, PageLabels()))


def related_forms(
    schema: FormSchema, actor: Actor, names: Mapping[str, Any] | None = None
) -> list[tuple[str, FormSchema]]:
    """The forms that this form's fields relate to and that exist for the actor, by `data_table_name`; of `names` only,
    if given."""
    forms: dict[str, FormSchema] = {}
    for column in schema.fields:
        target = schema.related(column)
        if target is not None and target.rights(actor).may(Verb.READ):
            forms[target.data_table_name] = target.seen_by(actor)
    return [(name, form) for name, form in forms.items() if names is None or name in names]


def _cleaned(
    schema: FormSchema, raw: Mapping[str, Any], faults: list[Fault], stored: Stored, echoes: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Unsaved values, each parsed as its field's; what the record holds (`stored`) may stay, as in an update."""
    cleaned: dict[str, Any] = {}
    for key, value in raw.items():
        if len(faults) >= MAX_FAULTS:
            break
        if key in echoes:
            continue
        column = schema.by_field.get(key)
        if column is None:
            faults.append(schema.field_fault(excerpt(str(key), 128)))
            continue
        try:
            cleaned[key] = column.clean(value, stored.get(key))
        except Refused as refused:
            faults += refused.faults
    return cleaned


def _row(schema: FormSchema, record_id: int, actor: Actor) -> EntityRow:
    row = EntityQuery(schema, actor).get(record_id)
    if row is None:
        raise NotFound([Fault("unknown_record", _("There is no such record."), field="id", got=record_id)])
    return row


def _related(
    schema: FormSchema, relations: set[str], stored: Stored, stand_ins: Mapping[str, Mapping[str, Any]], actor: Actor
) -> dict[str, Stored]:
    """The related records, with what stands in for them laid over, and their own formulas computed anew."""
    columns = [schema.by_field[name] for name in sorted(relations)]
    related: dict[str, Stored] = dict(related_of(schema, relations, [stored])[0])
    for column in columns:
        target = schema.related(column)
        target = target.seen_by(actor) if target else None
        stand_in = stand_ins.get(target.data_table_name) if target else None
        if target is None or not stand_in:
            continue
        merged = {**related.get(column.name, {}), **stand_in}
        merged = {name: value for name, value in merged.items() if value is not None}
        formulas = affected(target, stand_in)
        if formulas:
            further = related_of(target, relations_of(formulas.values()), [merged])
            merged.update(compute(target, formulas, merged, further[0]))
        related[column.name] = merged
    return related
