"""The options of a choice field, kept as a whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from forms_app.caching import tags
from forms_app.database.cursor import fetch
from forms_app.design.formula_fields import formulas_pin
from forms_app.exceptions import Fault, Refused
from forms_app.field_types import FieldType
from forms_app.field_types._choices import is_token, new_token
from forms_app.field_types._text import is_blank_text
from forms_app.flows.field_uses import option_uses, use_sentence
from forms_app.models import CustomField, FieldOption, FormulaReference, Status
from forms_app.schema.columns import expression

OptionValues = Mapping[str, Any]
"""{"value": token or None for a new one, "label", "status", "parent": token of the option above}"""


def options_save(*, field: CustomField, options: Sequence[OptionValues]) -> None:
    """Make the field's options these, in this order: known tokens are changed, new ones made, the rest removed unless
    records hold them or flows set them. Raises Refused with each option's place as the index."""
    stored = {option.value: option for option in field.options.all()}
    faults, tokens = _faults(field.type, options, stored)
    gone = [option for token, option in stored.items() if token not in tokens]
    for option in gone:
        if holds_option(field, option.value):
            message = _("Records hold the option {label}; disable it instead.").format(label=option.label)
            faults.append(Fault("in_use", message, "options", got=option.value))
        uses = option_uses(
            field.custom_form.organization_id, field.custom_form_id, field.name, option.value, option.label
        )
        sentences = [use_sentence(use, option=option.label) for use in uses]
        faults += [Fault("used_by_flow", text, "options", got=option.value) for text in sentences]
    if faults:
        raise Refused(faults)
    labels = {token: str(values["label"]).strip()[:200] for token, values in zip(tokens, options, strict=True)}
    renamed = any(labels.get(token, option.label) != option.label for token, option in stored.items())
    if renamed:
        formulas_pin(field)
    saved: dict[str, FieldOption] = {}
    for place, (token, values) in enumerate(zip(tokens, options, strict=True)):
        option = stored.get(token) or FieldOption(custom_field=field, value=token)
        option.label = labels[token]
        option.position = place
        option.status = values.get("status") or Status.ENABLE
        option.parent = saved[values["parent"]] if values.get("parent") else None
        option.save()
        saved[token] = option
    for option in reversed(gone):  # only now: what stood below them stands elsewhere
        option.delete()
    if renamed:
        readers = FormulaReference.objects.filter(target_form_id=field.custom_form_id, target_name=field.name)
        tags.bump("definitions", form_ids=readers.values_list("custom_field__custom_form_id", flat=True))


@transaction.atomic
def options_add(*, form_id: int, labels: Mapping[str, Sequence[str]]) -> None:
    """Options of these labels behind those that the form's fields have, by the fields' names; labels that are there
    meanwhile are left out. Raises Refused."""
    tags.hold()
    fields = CustomField.objects.select_for_update().filter(custom_form_id=form_id, name__in=labels).order_by("pk")
    for field in fields:
        there = list(field.options.select_related("parent"))
        known = {option.label for option in there}
        new = [{"label": label} for label in dict.fromkeys(labels[field.name]) if label not in known]
        kept = [
            {"value": o.value, "label": o.label, "status": o.status, "parent": o.parent.value if o.parent else None}
            for o in there
        ]
        options_save(field=field, options=[*kept, *new])


def option_faults(kind: FieldType, options: Sequence[OptionValues]) -> list[Fault]:
    """What is wrong with the options of a field that is not there yet."""
    return _faults(kind, options, ())[0]


def _faults(kind: FieldType, options: Sequence[OptionValues], stored: Collection[str]) -> tuple[list[Fault], list[str]]:
    """What is wrong with the options themselves, and their tokens."""
    faults: list[Fault] = []
    tokens: list[str] = []
    for place, values in enumerate(options):
        token = values.get("value") or new_token()
        if token in tokens:
            faults.append(
                Fault("repeated_option", _("Two options have this token."), "options", index=place, got=token)
            )
        elif token not in stored and not is_token(token):
            message = _("An option token has 24 characters, Base64 of 16 bytes.")
            faults.append(Fault("malformed_token", message, "options", index=place, got=token))
        if is_blank_text(str(values.get("label") or "")):
            faults.append(Fault("required", _("An option needs a text."), "options", index=place))
        if (values.get("status") or Status.ENABLE) not in Status.values:
            message = _("enable or disable")
            faults.append(Fault("unknown_status", message, "options", index=place, got=values["status"]))
        parent = values.get("parent")
        if parent and (not kind.cascades or parent not in tokens):
            message = _("The option above must come first.")
            faults.append(Fault("wrong_parent", message, "options", index=place, got=parent))
        tokens.append(token)
    return faults, tokens


def holds_option(field: CustomField, token: str) -> bool:
    """Whether any record holds the option."""
    # The expression is the field type's; as Django's `KeyTextTransform` it would be written a second time.
    sql = (
        f"SELECT 1 FROM form_entity WHERE custom_form_id = {int(field.custom_form_id)} "
        f"AND strpos({expression(field.name).text}, %s) > 0 LIMIT 1"
    )
    return bool(fetch(sql, [token]))
