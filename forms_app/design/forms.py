"""Making apps and forms, and designing a form as a whole."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.caching import tags
from forms_app.database.queue import defer
from forms_app.database.running import unlimited
from forms_app.design.document import design_of, saving_order
from forms_app.design.fields import counters_create, field_add, field_change, field_remove, reader_faults
from forms_app.design.formula_fields import pinned_formulas
from forms_app.design.tabs import tabs_save
from forms_app.exact_json import fingerprint
from forms_app.exceptions import Conflict, Fault, Refused
from forms_app.field_types import registry
from forms_app.field_types.base import excerpt
from forms_app.indexes import building
from forms_app.models import (
    CustomApp,
    CustomField,
    CustomForm,
    FieldGroup,
    FormEntity,
    FormulaReference,
    Member,
    Status,
)
from forms_app.records.changes.entries import system_deed
from forms_app.records.recompute import recompute_batch
from forms_app.schema.form_schema import FormSchema

__all__ = ["design_of", "form_create", "form_design", "recompute_after_design"]


@transaction.atomic
def form_create(
    *,
    custom_app: CustomApp,
    name: str,
    description: str = "",
    by: Member | None = None,
    form_id: int | None = None,
    data_table_name: str | None = None,
) -> CustomForm:
    """An empty form with one group. `data_table_name` is generated unless given."""
    organization_id = custom_app.organization_id
    form = CustomForm(
        pk=form_id,
        organization_id=organization_id,
        custom_app=custom_app,
        name=name,
        description=description,
        creator=by,
        update_user=by,
        data_table_name=data_table_name or f"data_{organization_id}_{custom_app.pk}_{os.urandom(3).hex()}",
    )
    form.save(force_insert=True)
    counters_create(form.pk)
    FieldGroup.objects.create(custom_form=form, label=_("Basic information"))
    return form


def form_design(
    *, form: CustomForm, design: Mapping[str, Any], by: Member | None = None, base: str | None = None
) -> None:
    """Make the form as `design` says (shape: `design_of`; what has no id is new, what is left out is removed), all of
    it or nothing. Raises Refused with every fault; its field is the place, e.g. `groups[0].fields[2].label`. With
    `base`, the fingerprint of the design that was changed, raises Conflict if the form is no longer that."""
    faults: list[Fault] = []
    with transaction.atomic(), unlimited():  # who removes a field of a large form waits until it is known to be empty
        tags.hold()
        CustomForm.objects.select_for_update().get(pk=form.pk)  # one designer at a time
        if base is not None and fingerprint(design_of(CustomForm.objects.get(pk=form.pk))) != base:
            message = _("Somebody else has changed this form since you opened it.")
            raise Conflict([Fault("changed_meanwhile", message, field="base")])
        before = _computed_state(form)
        _save_form(form, design, by, faults)
        fields = _save_groups(form, design.get("groups") or [], faults)
        unsaved = _names(design) - fields.keys()  # refused themselves: what names them is not to blame
        if design.get("primary_field") not in unsaved:
            _save_primary(form, design.get("primary_field"), fields, faults)
        tabs_save(form=form, tabs=design.get("tabs") or [], unsaved=unsaved, faults=faults)
        if faults:
            raise Refused(faults)
        if _computed_state(form) != before:
            recompute_after_design(form)
        building.tend_later(form.pk)


def _save_form(form: CustomForm, design: Mapping[str, Any], by: Member | None, faults: list[Fault]) -> None:
    name = str(design.get("name") or "").strip()
    if not name or len(name) > 100:
        faults.append(Fault("required", _("A name of 1 to 100 characters is needed."), field="name"))
    form.name = name[:100]
    form.description = str(design.get("description") or "")
    form.status = _status(design, "", faults)
    form.history_since = _history_since(form, design.get("keeps_history"), faults)
    form.update_user = by or form.update_user
    form.save()


def _history_since(form: CustomForm, kept: Any, faults: list[Fault]) -> datetime | None:
    """From when on the form keeps its history. One that begins anew does so when every process knows of it: what is
    written until then is in no log."""
    if kept is not None and not isinstance(kept, bool):
        faults.append(Fault("wrong_boolean", _("Expected true or false."), field="keeps_history", got=excerpt(kept)))
    elif kept is not None and kept != (form.history_since is not None):
        known = timedelta(seconds=2 * settings.VERSION_CHECK_SECONDS + 1)
        return timezone.now() + known if kept else None
    return form.history_since


def _save_groups(form: CustomForm, groups: Sequence[Mapping[str, Any]], faults: list[Fault]) -> dict[str, CustomField]:
    """Save groups and fields. Plain fields come before computed ones, which may read them."""
    if not groups:
        faults.append(Fault("required", _("A form needs at least one group."), field="groups"))
    stored_groups = {group.pk: group for group in form.field_groups.all()}
    stored_fields = {field.pk: field for field in form.custom_fields.all()}
    jobs: list[tuple[str, FieldGroup, int, Mapping[str, Any]]] = []
    for place, values in enumerate(groups):
        path = f"groups[{place}]"
        group = stored_groups.pop(values.get("id") or 0, None) or FieldGroup(custom_form=form)
        group.label = str(values.get("label") or "").strip()[:100]
        if not group.label:
            faults.append(Fault("required", _("A title is needed."), field=f"{path}.label"))
        group.position = place
        group.status = _status(values, path, faults)
        group.save()
        for position, field_values in enumerate(values.get("fields") or []):
            jobs.append((f"{path}.fields[{position}]", group, position, field_values))
    pinned = pinned_formulas(form.pk, stored_fields.values())
    saved: dict[str, CustomField] = {}
    kept = {values.get("id") for _path, _group, _position, values in jobs}
    gone = {pk: field for pk, field in stored_fields.items() if pk not in kept}
    # Before the new ones come, who may have their names; those whose readers are about to let go of them, after.
    read = [field for field in gone.values() if reader_faults(field, gone)]
    for field in gone.values():
        if field not in read:
            _remove(field, gone, faults)
    for place in saving_order([values for _path, _group, _position, values in jobs]):
        path, group, position, values = jobs[place]
        if (values.get("setting") or {}).get("formula") in pinned:
            setting = values["setting"]
            values = {**values, "setting": {**setting, "formula": pinned[setting["formula"]]}}
        saved_field = _save_field(form, stored_fields, group, position, values, path, faults)
        if saved_field:
            saved[saved_field.name] = saved_field
    for field in read:
        _remove(field, gone, faults)
    for group in stored_groups.values():
        if not group.custom_fields.exists():
            group.delete()
    return saved


def _remove(field: CustomField, gone: Collection[int], faults: list[Fault]) -> None:
    _collect(
        faults, f"removed[{field.name}]", field.label, lambda: field_remove(field=field, together_with=tuple(gone))
    )


def _save_field(
    form: CustomForm,
    stored_fields: Mapping[int, CustomField],
    group: FieldGroup,
    position: int,
    values: Mapping[str, Any],
    path: str,
    faults: list[Fault],
) -> CustomField | None:
    pk = values.get("id")
    status = _status(values, path, faults)
    common: dict[str, Any] = {
        "label": str(values.get("label") or "").strip(),
        "field_type": str(values.get("field_type") or ""),
        "group": group,
        "position": position,
        "status": status,
        "indexed": values.get("indexed") is not False,
        "setting": values.get("setting") or {},
        "options": values.get("options") or [],
    }
    if pk is not None and pk not in stored_fields:
        faults.append(Fault("unknown_field", _("The form has no such field."), field=f"{path}.id", got=pk))
        return None
    faults += _unchosen(stored_fields.get(pk or 0), path, common)
    saved: list[CustomField] = []

    def save() -> None:
        if pk is not None:
            saved.append(field_change(field=stored_fields[pk], **common))
        else:
            saved.append(field_add(form=form, name=str(values.get("name") or "") or None, **common))

    _collect(faults, path, common["label"], save)
    return saved[0] if saved else None


def _unchosen(stored: CustomField | None, path: str, values: Mapping[str, Any]) -> list[Fault]:
    """A choice without options can't be filled in. One that was saved without any is left as it is."""
    kind = registry.get(values["field_type"]) if values["field_type"] in registry else None
    if kind is None or not kind.has_options or values["options"]:
        return []
    if stored is not None and stored.type.has_options and not stored.options.exists():
        return []
    return [
        Fault(
            "options_needed",
            _("A choice needs at least one option."),
            field=f"{path}.options",
            label=values["label"][:100],
        )
    ]


def _names(design: Mapping[str, Any]) -> set[str]:
    """The names of all fields that the design means to have."""
    groups = design.get("groups") or []
    return {str(field.get("name") or "") for group in groups for field in group.get("fields") or []}


def _collect(faults: list[Fault], path: str, label: str, save: Any) -> None:
    """Run `save` in a savepoint; its faults are kept under `path`, so that the next ones are found too."""
    try:
        with transaction.atomic():
            save()
    except Refused as refused:
        faults += [replace(fault, field=f"{path}.{fault.field}", label=label[:100]) for fault in refused.faults]


def _status(values: Mapping[str, Any], path: str, faults: list[Fault]) -> str:
    status = values.get("status") or Status.ENABLE
    if status not in Status.values:
        faults.append(Fault("unknown_status", _("enable or disable"), field=f"{path}.status".strip("."), got=status))
        return Status.ENABLE
    return str(status)


def _save_primary(form: CustomForm, name: Any, fields: Mapping[str, CustomField], faults: list[Fault]) -> None:
    field = fields.get(str(name or ""))
    if name and field is None:
        faults.append(Fault("unknown_field", _("The form has no such field."), field="primary_field", got=name))
    if field is not None and not field.type.searchable:
        message = _("The primary field must be of a text type.")
        faults.append(Fault("not_searchable", message, field="primary_field", got=name))
    form.primary_field = field
    form.save()


def _computed_state(form: CustomForm) -> Any:
    """What the values of computed fields hang on in the definition: their settings, whether they and what they read
    are switched on, and the labels of options."""
    fields = CustomField.objects.filter(custom_form=form).select_related("custom_field_group")
    computed = [
        (field.name, field.setting, field.status, field.custom_field_group.status)
        for field in fields
        if field.type.computed
    ]
    read = set(FormulaReference.objects.filter(target_form=form).values_list("target_name", flat=True))
    sources = fields.filter(name__in=read).prefetch_related("options")
    labels = [(field.name, option.value, option.label) for field in sources for option in field.options.all()]
    states = [(field.name, field.status, field.custom_field_group.status) for field in sources]
    return sorted(map(repr, computed)), sorted(labels), sorted(states)


def recompute_after_design(form: CustomForm) -> None:
    """Bring stored formulas up to date with the definition, this form's and those that read it: a small form's at once,
    a large one's by a job that is enqueued with this transaction."""
    deed = system_deed()
    readers = FormulaReference.objects.filter(target_form=form).values_list("custom_field__custom_form_id", flat=True)
    for form_id in sorted({form.pk, *readers}):
        schema = FormSchema.find(form_id)
        if schema is None or not schema.stored_formulas:
            continue
        most = settings.RECOMPUTE_INLINE
        records = FormEntity.objects.of_form(form_id).order_by("id")
        ids = list(records.values_list("id", flat=True)[: most + 1])
        if len(ids) > most:
            defer("records.recompute_form", form_id=form_id, deed=list(deed))
        else:
            recompute_batch(form_id, ids, deed)
