"""Adding, changing and removing the fields of a form and their options."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.caching import tags
from forms_app.design.field_values import holds_values, name_left, removal_faults, retyping_faults, values_strip
from forms_app.design.formula_fields import checked_formula, references_save
from forms_app.design.options import OptionValues, option_faults, options_save
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import Column, FieldType, Option, registry
from forms_app.field_types._text import is_blank_text
from forms_app.field_types.system_columns import ASKED_KEYS, RECORD_KEYS
from forms_app.flows.field_uses import field_uses, use_sentence
from forms_app.indexes import building
from forms_app.models import CustomField, CustomForm, FieldGroup, FieldOption, FormCounter, FormulaReference, Status
from forms_app.models.custom_form import FIELD_NAME
from forms_app.schema.columns import column_of, expression


def field_add(
    *,
    form: CustomForm,
    group: FieldGroup,
    field_type: str,
    label: str,
    name: str | None = None,
    setting: Mapping[str, Any] | None = None,
    options: Sequence[OptionValues] = (),
    position: int = 0,
    status: str = Status.ENABLE,
    indexed: bool = True,
) -> CustomField:
    """A new field; its name is generated unless given. In the caller's transaction. Raises Refused."""
    faults: list[Fault] = []
    if field_type not in registry:
        raise Refused([Fault("unknown_type", _("There is no such field type."), field="field_type", got=field_type)])
    kind = registry.get(field_type)
    name = name or generated_name(kind)
    faults += name_faults(form, name)
    faults += label_faults(label)
    wrong = option_faults(kind, options) if kind.has_options else []
    if faults or wrong:
        raise Refused([*faults, *wrong, *_draft_faults(kind, setting or {}, options)])
    tags.hold()
    CustomForm.objects.select_for_update().get(pk=form.pk)  # one adder at a time: the numbers have no gap and no double
    number = (form.custom_fields.aggregate(most=Max("number"))["most"] or 0) + 1
    field = CustomField(
        custom_form=form,
        custom_field_group=group,
        name=name,
        label=label,
        field_type=field_type,
        status=status,
        position=position,
        number=number,
        indexed=indexed,
    )
    field.save()
    if kind.has_options:
        options_save(field=field, options=options)
    setting_save(field=field, setting=setting or {})
    return field


def setting_save(*, field: CustomField, setting: Mapping[str, Any]) -> None:
    """Check a field's setting by its type's own rules and keep it; ask for the indexes that follow from it.
    Raises Refused."""
    before = dict(field.setting)
    draft = Column(
        name=field.name,
        label=field.label,
        type=field.type,
        expression=expression(field.name),
        setting=setting,
        options={o.value: o for o in _options(field)},
        field_id=field.pk,
        number=field.number,
    )
    checked = draft.type.checked_setting(draft)
    faults = _setting_faults(field, draft.type, checked)
    if faults:
        raise Refused(faults)
    text = draft.type.formula(checked)
    if text and field.status == Status.DISABLE and text == draft.type.formula(before):
        checked = {**before, **checked}  # what it reads may have gone: it is checked when it is enabled
    elif text:
        formula, extra = checked_formula(field, text)
        checked.update(extra)
        references_save(field, formula)
    field.setting = checked
    field.save()
    _check_default(field)
    unique = bool(checked.get("unique"))
    if unique and not before.get("unique"):
        building.request(form_id=field.custom_form_id, field_id=field.pk, kind=building.UNIQUE)
    elif before.get("unique") and not unique:
        building.give_up(form_id=field.custom_form_id, field_id=field.pk, kind=building.UNIQUE)
    if draft.type.related_form_id(checked):  # recomputation and destroying ask backwards
        for index in draft.type.indexes:
            building.request(form_id=field.custom_form_id, field_id=field.pk, kind=index.kind)


def _check_default(field: CustomField) -> None:
    """Raises Refused when the field's own rules refuse its default."""
    column = column_of(field, _options(field))
    try:
        column.type.default(column)
    except Refused as refused:
        raise Refused(fault.named("default") for fault in refused.faults) from None


def _setting_faults(field: CustomField, kind: FieldType, checked: Mapping[str, Any]) -> list[Fault]:
    form_id = kind.related_form_id(checked)
    if form_id is None:
        return []
    target = CustomForm.objects.filter(pk=form_id, organization_id=field.custom_form.organization_id).first()
    if target is None:
        return [Fault("unknown_form", _("There is no such form."), field="form", got=form_id)]
    old = kind.related_form_id(field.setting)
    if old in (None, form_id):
        return []
    if holds_values(field.custom_form_id, field.name):
        return [Fault("in_use", _("Records hold values of this field; it can't change."), field="form", got=form_id)]
    return reader_faults(field)


def field_change(
    *,
    field: CustomField,
    label: str | None = None,
    field_type: str | None = None,
    group: FieldGroup | None = None,
    position: int | None = None,
    status: str | None = None,
    indexed: bool | None = None,
    setting: Mapping[str, Any] | None = None,
    options: Sequence[OptionValues] | None = None,
) -> CustomField:
    """Change what is given. In the caller's transaction. Raises Refused."""
    faults: list[Fault] = []
    wrong = label_faults(label) if label is not None else []
    if field_type is not None and field_type != field.field_type:
        faults += _type_faults(field, field_type)
        if not faults:
            values_strip(field)
            field.field_type = field_type
            field.typed_at = timezone.now()
            field.setting = {}
            if not field.type.has_options:
                field.options.all().delete()
            field.formula_references.all().delete()
            building.give_up_all(field)  # they were made for the old type's values
    if status == Status.DISABLE != field.status:
        faults += reader_faults(field)
    enabled = status == Status.ENABLE != field.status
    if faults:
        raise Refused([*wrong, *faults])
    field.label = field.label if label is None or wrong else label
    field.status = status or field.status
    field.indexed = field.indexed if indexed is None else indexed
    field.custom_field_group = group or field.custom_field_group
    field.position = field.position if position is None else position
    field.save()
    if options is not None and field.type.has_options:
        wrong += _faults_of(lambda: options_save(field=field, options=options))
    if setting is not None and any(fault.field == "options" for fault in wrong):
        wrong += _draft_faults(field.type, setting, options or ())
    elif setting is not None:
        wrong += _faults_of(lambda: setting_save(field=field, setting=setting))
    elif enabled and field.type.computed:
        wrong += _faults_of(lambda: setting_save(field=field, setting=field.setting))
    if wrong:
        raise Refused(wrong)
    return field


def _draft_faults(kind: FieldType, setting: Mapping[str, Any], options: Sequence[OptionValues]) -> list[Fault]:
    """What is wrong with a setting whose field or options can't be saved as they are: told with their faults."""
    given = [Option(str(o.get("value")), str(o.get("label") or ""), True, o.get("parent")) for o in options]
    tokens = {option.value: option for option in given}
    draft = Column("draft", "", kind, expression("draft"), setting, tokens)
    return _faults_of(lambda: kind.checked_setting(draft))


@transaction.atomic
def field_index(*, field: CustomField, indexed: bool) -> None:
    """Say whether a field may be indexed. The background worker builds and drops; what a unique field or a relation
    needs stays."""
    field.indexed = indexed
    field.save(update_fields=["indexed", "updated_at"])
    building.tend_later(field.custom_form_id)


def _faults_of(save: Callable[[], Any]) -> list[Fault]:
    """The faults that `save` is refused for: what follows is looked at all the same."""
    try:
        save()
    except Refused as refused:
        return list(refused.faults)
    return []


def _type_faults(field: CustomField, field_type: str) -> list[Fault]:
    if field_type not in registry:
        return [Fault("unknown_type", _("There is no such field type."), field="field_type", got=field_type)]
    return retyping_faults(field, field_type) or reader_faults(field)


def field_remove(*, field: CustomField, together_with: Collection[int] = ()) -> None:
    """Remove a field that no record holds a value of but what the server made, and no formula reads but those of the
    fields `together_with` it. Raises Refused: it can be disabled."""
    faults = reader_faults(field, together_with) + removal_faults(field)
    if faults:
        raise Refused(faults)
    building.give_up_all(field)
    values_strip(field)
    field.delete()


def _options(field: CustomField) -> list[Option]:
    rows = FieldOption.objects.filter(custom_field=field).select_related("parent")
    return [Option(o.value, o.label, o.status == Status.ENABLE, o.parent.value if o.parent else None) for o in rows]


def generated_name(kind: FieldType) -> str:
    """A name like the document's: prefix, milliseconds since the epoch, six hexadecimal digits."""
    return f"{kind.prefix}_{int(time.time() * 1000)}_{os.urandom(3).hex()}"


def name_faults(form: CustomForm, name: str) -> list[Fault]:
    """What is wrong with a new field's name."""
    if not re.fullmatch(FIELD_NAME, name, re.ASCII):
        return [Fault("invalid_name", _("A letter, then letters, digits or _, at most 64."), field="name", got=name)]
    if name in (*RECORD_KEYS, *ASKED_KEYS) or name.endswith("_display"):
        message = _("This name belongs to the system.")
        return [Fault("reserved_name", message, field="name", got=name)]
    if form.custom_fields.filter(name=name).exists():
        return [Fault("not_unique", _("Another field of the form has this name."), field="name", got=name)]
    if name_left(form.pk, name):
        message = _("Records still hold values of a removed field of this name.")
        return [Fault("in_use", message, field="name", got=name)]
    return []


def label_faults(label: str) -> list[Fault]:
    if is_blank_text(label):
        return [Fault("required", _("A label is needed."), field="label")]
    if len(label) > 100 or any(char in label for char in "{}\n\r\0"):
        message = _("At most 100 characters, none of them a brace or a line break.")
        return [Fault("invalid_label", message, field="label", got=label[:200])]
    return []


def reader_faults(field: CustomField, apart_from: Collection[int] = ()) -> list[Fault]:
    """A fault for each formula that reads the field, those of some fields and of disabled ones aside, and for each
    version of a flow that uses it, and is published or has running tickets: they would lose what they are made from."""
    direct = FormulaReference.objects.filter(target_form_id=field.custom_form_id, target_name=field.name)
    through = FormulaReference.objects.filter(custom_field__custom_form_id=field.custom_form_id, relation=field.name)
    readers = (direct | through).exclude(custom_field__in=apart_from).exclude(custom_field__status=Status.DISABLE)
    return [
        Fault("read_by_formula", _("The formula {label} reads this field.").format(label=label), field="status")
        for label in sorted(set(readers.values_list("custom_field__label", flat=True)))
    ] + [
        Fault("used_by_flow", use_sentence(use), field="status")
        for use in field_uses(field.custom_form.organization_id, field.custom_form_id, field.name)
    ]


def counters_create(form_id: int) -> None:
    """The counter's slots, made with the form."""
    FormCounter.objects.bulk_create(
        [FormCounter(custom_form_id=form_id, slot=slot, live=0, changes=0) for slot in range(FormCounter.SLOTS)]
    )
