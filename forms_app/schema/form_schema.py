"""FormSchema: what a form's names mean. Frozen, built once per definition version, shared between requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from forms_app.caching import tags
from forms_app.caching.tagged import Tagged
from forms_app.database.partitions import PARTITION
from forms_app.exceptions import Fault, NotFound, Refused
from forms_app.field_types import Column, Option, registry
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.formula import Formula, FormulaRefused, Resolved, compile_formula, topological_order
from forms_app.models import CustomField, CustomForm, FieldIndex, FormTab, FormulaReference, Status
from forms_app.people.actor import Actor
from forms_app.people.rights import Rights
from forms_app.people.roles import rights_of
from forms_app.schema.columns import Dependent, Tab, column_of


@dataclass(frozen=True, eq=False)
class FormSchema:
    """A form: its columns by name, its fields in order, its formulas, its tabs."""

    id: int
    name: str
    data_table_name: str
    app_id: int
    organization_id: int
    enabled: bool
    fields: tuple[Column, ...]
    """The enabled fields in the form's order."""
    primary: Column | None
    tabs: Mapping[str, Tab]
    partition: str
    """The name of the partition that holds its records."""
    disabled: Mapping[str, str] = field(default_factory=dict)
    """Names of fields that are switched off → labels."""
    keeps_history: bool = True
    dependents: tuple[Dependent, ...] = ()
    ready_unique: frozenset[int] = frozenset()
    """Ids of the unique fields whose index is valid: the others are checked under an advisory lock."""
    read_only: frozenset[str] = frozenset()
    """Names of fields that the actor may not write."""
    hidden: frozenset[str] = frozenset()
    """Names of fields that are left out, since they do not exist for the actor."""
    whole: FormSchema = None  # type: ignore[assignment]
    """The form with nothing left out, which may be this."""
    columns: Mapping[str, Column] = field(init=False)
    """Enabled fields and system columns by name: all that may be filtered and sorted."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", {**SYSTEM_COLUMNS, **{column.name: column for column in self.fields}})
        object.__setattr__(self, "whole", self.whole or self)

    @cached_property
    def by_field(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.fields}

    @cached_property
    def by_number(self) -> Mapping[int, Column]:
        return {column.number: column for column in self.fields}

    @cached_property
    def formulas(self) -> Mapping[str, Formula]:
        """The compiled formulas by field name, each after those that it reads. A formula that no longer compiles
        (its reference was disabled) is left out: its field is empty."""
        if self.whole is not self:  # where fields are left out, a label might mean another one
            return {name: formula for name, formula in self.whole.formulas.items() if name in self.by_field}
        compiled: dict[str, Formula] = {}
        for column in self.fields:
            text = column.type.formula(column.setting)
            if text:
                try:
                    compiled[column.name] = compile_formula(text, self.resolve, stored=True)
                except FormulaRefused:
                    continue
        graph = {
            name: [path[0] for path in formula.references if len(path) == 1 and path[0] in compiled]
            for name, formula in compiled.items()
        }
        return {name: compiled[name] for name in topological_order(graph)}

    @cached_property
    def stored_formulas(self) -> Mapping[str, Formula]:
        return {name: f for name, f in self.formulas.items() if self.by_field[name].type.is_stored(self.by_field[name])}

    @cached_property
    def volatile_formulas(self) -> Mapping[str, Formula]:
        return {name: f for name, f in self.formulas.items() if name not in self.stored_formulas}

    @cached_property
    def numbered(self) -> tuple[Column, ...]:
        return tuple(c for c in self.fields if c.type.numbered)

    @cached_property
    def required(self) -> tuple[Column, ...]:
        """What must be filled in; what a role hides or holds back is not asked of the actor."""
        return tuple(c for c in self.fields if c.required and c.type.writable and c.name not in self.read_only)

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """The stored value of each field's default. One that its field takes no more (its option was disabled) is
        left out: else no record could be made."""
        defaults: dict[str, Any] = {}
        for column in self.fields:
            if column.type.writable:
                with suppress(Refused):
                    defaults[column.name] = column.type.default(column)
        return {name: value for name, value in defaults.items() if value is not None}

    @cached_property
    def unique(self) -> tuple[Column, ...]:
        return tuple(column for column in self.fields if column.unique and column.type.unique_expression)

    def related(self, column: Column) -> FormSchema | None:
        """The schema of the form whose records `column` holds."""
        form_id = column.type.related_form_id(column.setting)
        return FormSchema.find(form_id) if form_id else None

    def resolve(self, path: tuple[str, ...]) -> Resolved | None:
        """What a formula's reference means: ("field",) or ("relation field", "its form's field"), each by name, or by
        a label that only one field has. None where there is nothing that a formula can read."""
        column = self.named(path[0])
        if column is None:
            return None
        if len(path) == 1:
            formula_type = column.type.formula_type(column)
            return Resolved((column.name,), formula_type, column.labels) if formula_type else None
        target = self.related(column)
        if target is None or target.organization_id != self.organization_id:
            return None
        inner = target.named(path[1])
        # A value with TODAY or NOW is computed on read, with what its own form relates to: not through a relation.
        if inner is None or not inner.type.is_stored(inner):
            return None
        formula_type = inner.type.formula_type(inner)
        return Resolved((column.name, inner.name), formula_type, inner.labels) if formula_type else None

    def named(self, name: str) -> Column | None:
        """The enabled field of that name, or of that label if no other has it."""
        if name in self.by_field:
            return self.by_field[name]
        labelled = [column for column in self.fields if column.label == name]
        return labelled[0] if len(labelled) == 1 else None

    def field_fault(self, name: str) -> Fault:
        """The fault for a name that is none of the form's fields."""
        if name in self.disabled:
            return Fault("disabled_field", str(_("This field is disabled.")), field=name, label=self.disabled[name])
        return Fault("unknown_field", str(_("The form has no such field.")), field=name[:128], allowed=self.names(100))

    def names(self, most: int) -> list[str]:
        return [column.name for column in self.fields[:most]]

    @classmethod
    def of(cls, form_id: int, actor: Actor) -> FormSchema:
        """The form as the actor sees it. Raises NotFound where none exists for them, whether it is absent, another
        organization's, or one on which they have no right."""
        schema = cls.find(form_id)
        if schema is None or not schema.enabled or not schema.rights(actor).verbs:
            message = str(_("There is no such form."))
            raise NotFound([Fault("unknown_form", message, field="custom_form_id", got=form_id)])
        return schema.seen_by(actor)

    @classmethod
    def find(cls, form_id: int) -> FormSchema | None:
        """The schema of any form, or None. One statement a form after a change of definitions, four to build it."""
        versions, schemas = _versions.current(), _schemas.current()
        version = versions.get(form_id)
        if version is None:
            version = CustomForm.objects.filter(pk=form_id).values_list("definition_version", flat=True).first()
            if version is None:
                return None
            versions[form_id] = version
        built = schemas.get(form_id)
        if built is None or built[0] != version:
            built = schemas[form_id] = version, build_schema(form_id)
        return built[1]

    def rights(self, actor: Actor) -> Rights:
        """What the actor may do here."""
        return rights_of(actor, organization_id=self.organization_id, form_id=self.id, app_id=self.app_id)

    def seen_by(self, actor: Actor) -> FormSchema:
        """The form as the actor sees it: without the fields that are hidden from them, those that are computed of what
        they may not read, and the tabs that name such a field. The same object for all who see the same."""
        whole, known = self.whole, _seen.current()
        key = (whole, actor, tags.current().definitions)
        if (seen := known.get(key)) is None:
            hidden = frozenset(name for name in [*whole.by_field, *whole.disabled] if not whole.readable(name, actor))
            read_only = whole.rights(actor).read_only & whole.by_field.keys() - hidden
            seen = known[key] = whole._without(hidden, read_only)
        return seen

    def readable(self, name: str, actor: Actor, below: frozenset[tuple[int, str]] = frozenset()) -> bool:
        """Whether the actor may read a field and all that it is computed of, through a relation only where they may
        read every record. `below` is asked for already: forms may read each other."""
        if name in self.rights(actor).hidden:
            return False
        formula = self.formulas.get(name)
        if formula is None or (self.id, name) in below:
            return True
        below |= {(self.id, name)}
        for first, *rest in formula.references:
            if not self.readable(first, actor, below):
                return False
            target = self.related(self.by_field[first]) if rest else None
            if target and not (target.rights(actor).all_rows and target.readable(rest[0], actor, below)):
                return False
        return True

    def _without(self, hidden: frozenset[str], read_only: frozenset[str]) -> FormSchema:
        """The whole form without some fields."""
        if not hidden and not read_only:
            return self
        known, shown = _limited.current(), tuple(c for c in self.fields if c.name not in hidden)
        if (limited := known.get((self, hidden, read_only))) is None:
            limited = known[self, hidden, read_only] = replace(
                self,
                fields=shown,
                primary=self.primary if self.primary in shown else None,
                tabs={name: tab for name, tab in self.tabs.items() if not tab.names(hidden)},
                disabled={name: label for name, label in self.disabled.items() if name not in hidden},
                read_only=read_only,
                hidden=hidden,
                whole=self,
            )
        return limited


_versions: Tagged[dict[int, int]] = Tagged("version of each form's definition", dict, tag="definitions", most=50_000)
_schemas: Tagged[dict[int, tuple[int, FormSchema]]] = Tagged(
    "schema of each form, with the version that it was built of", dict, tag=None, most=5_000
)
"""A change of one form gives all definitions a new tag, and only that form a new version."""
_seen: Tagged[dict[tuple[FormSchema, Actor, int], FormSchema]] = Tagged(
    "each form as each actor sees it", dict, tag="people", most=50_000
)
"""With the definitions' tag: what a formula reads elsewhere may change without its form."""
_limited: Tagged[dict[tuple[FormSchema, frozenset[str], frozenset[str]], FormSchema]] = Tagged(
    "forms without what some may not see", dict, tag=None, most=5_000
)


def build_schema(form_id: int) -> FormSchema:
    """Read a form's definition: form, fields with their options, tabs, dependents, valid indexes."""
    partition = RawSQL(PARTITION.format(form="forms_app_customform.id"), [], TextField())
    form = CustomForm.objects.annotate(partition=partition).get(pk=form_id)
    fields = CustomField.objects.filter(custom_form_id=form_id).select_related("custom_field_group")
    valid = FieldIndex.objects.filter(custom_form_id=form_id, state=FieldIndex.State.VALID)
    ready: dict[int, set[str]] = defaultdict(set)
    for field_id, kind in valid.values_list("field_id", "kind"):
        ready[field_id].add(kind)
    columns, disabled = [], {}
    for custom_field in fields.prefetch_related("options__parent"):
        if custom_field.field_type not in registry:
            disabled[custom_field.name] = custom_field.label
            continue
        group_enabled = custom_field.custom_field_group.status == Status.ENABLE
        if custom_field.status != Status.ENABLE or not group_enabled:
            disabled[custom_field.name] = custom_field.label
            continue
        options = [
            Option(o.value, o.label, o.status == Status.ENABLE, o.parent.value if o.parent else None)
            for o in custom_field.options.all()
        ]
        columns.append(column_of(custom_field, options, frozenset(ready[custom_field.pk])))
    references = FormulaReference.objects.filter(target_form_id=form_id).exclude(relation="")
    tabs = FormTab.objects.filter(custom_form_id=form_id)
    return FormSchema(
        id=form.pk,
        name=form.name,
        data_table_name=form.data_table_name,
        app_id=form.custom_app_id,
        organization_id=form.organization_id,
        enabled=form.status == Status.ENABLE,
        fields=tuple(columns),
        primary=next((column for column in columns if column.field_id == form.primary_field_id), None),
        tabs={tab.name: Tab(tab.name, tab.label, tab.filters, tab.sort) for tab in tabs},
        partition=form.partition,
        disabled=disabled,
        keeps_history=form.history_since is not None,
        dependents=tuple(
            Dependent(*row)
            for row in references.values_list(
                "custom_field__custom_form_id", "custom_field__name", "relation", "target_name"
            )
        ),
        ready_unique=frozenset(field_id for field_id, kinds in ready.items() if "unique" in kinds),
    )
