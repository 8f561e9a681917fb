"""Today's names of what a whole page of records refers to: one statement for people, departments and regions that are
not known yet, one for each related form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from forms_app.database.cursor import fetch
from forms_app.exact_json import reads
from forms_app.field_types import Column, Ref
from forms_app.models import Verb
from forms_app.people.actor import Actor
from forms_app.people.names import KINDS, names
from forms_app.records.query.scopes import reach
from forms_app.schema.form_schema import FormSchema

NO_NAMES: dict[str, dict[Any, Any]] = {kind: {} for kind in KINDS}


class PageLabels:
    """Names for one page. Unknown people and departments have the name null, unknown regions and records the label
    null: what a record holds stays visible when what it names is gone."""

    def __init__(self) -> None:
        self._names: dict[str, dict[Any, Any]] = NO_NAMES
        self._records: dict[int, dict[int, str | None]] = {}
        self._sources: dict[int, dict[str, Any]] = {}

    def member(self, uid: int) -> dict[str, Any]:
        """A person in both of the document's shapes at once (docs/contract.md §2.3)."""
        person = self._names["member"].get(uid)
        return person or {"id": None, "uid": uid, "name": None, "phone": None, "path_uid": None, "third_userid": None}

    def department(self, did: int) -> dict[str, Any]:
        return self._names["department"].get(did) or {"did": did, "name": None, "third_dept_id": None}

    def region(self, region_id: str) -> str | None:
        return self._names["region"].get(region_id)

    def record(self, form_id: int, record_id: int) -> dict[str, Any]:
        """A relation's value as clients read it."""
        return {
            "value": record_id,
            "label": self._records.get(form_id, {}).get(record_id),
            "relation_source": self._sources.get(form_id),
        }

    @classmethod
    def load(cls, refs: Iterable[Ref], actor: Actor) -> PageLabels:
        """The labels of `refs`, as far as they exist for the actor."""
        labels = cls()
        wanted: dict[str, set[Any]] = {"member": set(), "department": set(), "region": set()}
        records: dict[int, set[int]] = {}
        for ref in refs:
            if ref.kind == "record":
                records.setdefault(ref.form_id, set()).add(ref.id)
            elif ref.kind in wanted:
                wanted[ref.kind].add(ref.id)
        if any(wanted.values()):
            labels._names = names(actor.organization_id, wanted)
        for form_id, ids in records.items():
            labels._load_records(form_id, ids, actor)
        return labels

    def _load_records(self, form_id: int, ids: set[int], actor: Actor) -> None:
        schema = FormSchema.find(form_id)
        if schema is None or schema.organization_id != actor.organization_id:
            return
        seen = schema.rights(actor).may(Verb.READ)
        # Of a form that does not exist for this actor only its id is told, which the field's own setting names.
        self._sources[form_id] = {
            "id": schema.id,
            "name": schema.data_table_name if seen else None,
            "label": schema.name if seen else None,
            "external_type": "",
        }
        if seen:
            self._records[form_id] = titles(schema, ids, actor)


def titles(schema: FormSchema, ids: Iterable[int], actor: Actor) -> dict[int, str | None]:
    """The primary field's value of these records as text; those that do not exist for the actor are left out. One
    statement."""
    schema = schema.seen_by(actor)
    value = schema.primary.expression.json if schema.primary else "NULL::jsonb"
    condition, values = reach(schema, actor)
    sql = (
        f"SELECT id, ({value})::text FROM form_entity "
        f"WHERE custom_form_id = {int(schema.id)} AND id = ANY(%s::bigint[])"
    )
    rows = fetch(f"{sql} AND {condition}" if condition else sql, [sorted(ids), *values])
    return {record_id: title(schema.primary, text) for record_id, text in rows}


def title(column: Column | None, text: str | None) -> str | None:
    """A primary field's JSON text as a label."""
    return None if column is None or text is None else column.type.title(column, reads(text))
