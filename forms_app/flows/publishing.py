"""Making, saving and publishing flows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from forms_app.exact_json import exact, fingerprint
from forms_app.exceptions import Conflict, Fault, Refused
from forms_app.field_types._values import storable
from forms_app.flows.checks import definition_faults, flow_fault
from forms_app.flows.language import Definition, FlowRefused, read_definition
from forms_app.flows.naming import proposed_api_path
from forms_app.flows.pinning import pinned_definition
from forms_app.models import CustomForm, Flow, FlowCounter, FlowVersion, Member
from forms_app.models.flow import API_PATH, new_api_path
from forms_app.schema.form_schema import FormSchema

FLAGS = ("api_enabled", "attachments", "locks_record")
SETTINGS = ("name", "description", "api_path", *FLAGS, "definition")


@transaction.atomic
def flow_create(
    *,
    custom_form: CustomForm,
    name: str,
    by: Member | None = None,
    description: str = "",
    api_path: str | None = None,
    api_enabled: bool = True,
    attachments: bool = False,
    locks_record: bool = True,
) -> Flow:
    """A flow that leads from its start over one person to its end; not published. Its API path is proposed by its name
    unless given. Raises Refused."""
    flow = Flow(custom_form=custom_form, creator=by)
    design = {
        "name": name,
        "description": description,
        "api_path": api_path or proposed_api_path(form_id=custom_form.pk, name=name),
        "api_enabled": api_enabled,
        "attachments": attachments,
        "locks_record": locks_record,
        "definition": first_definition(),
    }
    try:
        with transaction.atomic():
            _save(flow, design, by)
    except IntegrityError:
        if api_path:
            raise
        _save(flow, {**design, "api_path": new_api_path()}, by)  # somebody took the proposed one in this moment
    FlowCounter.objects.create(custom_form_id=custom_form.pk, flow_id=flow.pk)
    return flow


def first_definition() -> dict[str, Any]:
    """What a new flow begins with."""
    return {
        "components": [
            {"id": "start", "type": "start", "name": _("Start")},
            {"id": "stage", "type": "human_input", "name": _("Approval")},
            {"id": "end", "type": "end", "name": _("End")},
        ],
        "lines": [{"source": "start", "target": "stage"}, {"source": "stage", "target": "end"}],
    }


def flow_design_of(flow: Flow) -> dict[str, Any]:
    """The flow's settings and draft as `flow_save` takes them."""
    return {
        "name": flow.name,
        "description": flow.description,
        "api_path": flow.api_path,
        "api_enabled": flow.api_enabled,
        "attachments": flow.attachments,
        "locks_record": flow.locks_record,
        "definition": flow.draft,
    }


def flow_save(*, flow: Flow, design: Mapping[str, Any], by: Member | None = None, base: str | None = None) -> None:
    """Save settings and draft (shape: `flow_design_of`); a draft may be unfinished, only its shape must be right.
    Raises Refused with every fault. With `base`, the fingerprint of what was changed, raises Conflict if the flow is
    no longer that."""
    with transaction.atomic():
        locked = Flow.objects.select_for_update().get(pk=flow.pk)
        if base is not None and fingerprint(flow_design_of(locked)) != base:
            message = _("Somebody else has changed this flow since you opened it.")
            raise Conflict([Fault("changed_meanwhile", message, field="base")])
        _save(locked, {**flow_design_of(locked), **design}, by)
    flow.refresh_from_db()


def _save(flow: Flow, design: Mapping[str, Any], by: Member | None) -> None:
    faults = _faults(flow, design)
    definition = _read(design["definition"], faults)
    if faults or definition is None:
        raise Refused(faults)
    flow.name = str(design["name"]).strip()
    flow.description = str(design["description"] or "")
    flow.api_path = design["api_path"]
    flow.api_enabled = design["api_enabled"]
    flow.attachments = design["attachments"]
    flow.locks_record = design["locks_record"]
    schema = FormSchema.find(flow.custom_form_id)
    flow.draft = pinned_definition(design["definition"], schema) if schema else design["definition"]
    flow.update_user = by or flow.update_user
    flow.save()


def _faults(flow: Flow, design: Mapping[str, Any]) -> list[Fault]:
    faults = [
        Fault("unknown_setting", _("Unknown setting."), field=str(key)[:64]) for key in design if key not in SETTINGS
    ]
    name = str(design["name"] or "").strip()
    others = Flow.objects.exclude(pk=flow.pk)
    if not 0 < len(name) <= 100:
        faults.append(Fault("required", _("A name of 1 to 100 characters is needed."), field="name"))
    elif others.filter(custom_form=flow.custom_form, name=name).exists():
        faults.append(Fault("not_unique", _("Another flow of the form has this name."), field="name", got=name))
    path = design["api_path"]
    if not isinstance(path, str) or not re.match(API_PATH, path):
        message = _("Lower-case letters, digits and -, at most 64.")
        faults.append(Fault("wrong_api_path", message, field="api_path", got=str(path)[:100]))
    elif path != flow.api_path and flow.pk and flow.versions.exists():
        message = _("The API path of a flow that was published can't change: clients call it.")
        faults.append(Fault("fixed_api_path", message, field="api_path", allowed=flow.api_path))
    elif others.filter(api_path=path).exists():
        faults.append(Fault("not_unique", _("Another flow has this API path."), field="api_path", got=path))
    for key in FLAGS:
        if not isinstance(design[key], bool):
            faults.append(Fault("wrong_type", _("true or false"), field=key))
    for key in ("name", "description"):
        if not storable(str(design[key])):
            faults.append(Fault("unstorable", _("The text holds a character that can't be stored."), field=key))
    if len(str(design["description"] or "")) > 10_000:
        faults.append(Fault("too_long", _("At most {limit} characters.").format(limit=10_000), field="description"))
    return faults


def _read(source: Any, faults: list[Fault]) -> Definition | None:
    try:
        return read_definition(exact(source))
    except FlowRefused as refused:
        faults += [flow_fault(raised) for raised in refused.faults]
        return None


def flow_faults(*, flow: Flow, definition: Any) -> list[Fault]:
    """Everything that forbids publishing this definition for the flow; a fault's field is the component's id ("" for
    the flow as a whole), its label the component's name."""
    faults: list[Fault] = []
    read = _read(definition, faults)
    schema = FormSchema.find(flow.custom_form_id)
    if read is None or schema is None:
        return faults
    return [flow_fault(raised, read) for raised in definition_faults(read, schema)]


@transaction.atomic
def flow_publish(*, flow: Flow, by: Member | None = None) -> FlowVersion:
    """Make the draft the flow's next version; tickets begin on it from now on. Raises Refused with every fault."""
    locked = Flow.objects.select_for_update().get(pk=flow.pk)
    faults = flow_faults(flow=locked, definition=locked.draft)
    if faults:
        raise Refused(faults)
    last = locked.versions.order_by("-number").values_list("number", flat=True).first() or 0
    schema = FormSchema.find(flow.custom_form_id)
    definition = pinned_definition(locked.draft, schema) if schema else locked.draft
    version = FlowVersion.objects.create(flow=locked, number=last + 1, definition=definition, published_by=by)
    locked.published = version
    locked.save(update_fields=["published", "updated_at"])
    flow.refresh_from_db()
    return version


def flow_unpublish(*, flow: Flow, by: Member | None = None) -> None:
    """Let no more tickets begin; those that run finish."""
    flow.published = None
    flow.update_user = by or flow.update_user
    flow.save(update_fields=["published", "update_user", "updated_at"])
