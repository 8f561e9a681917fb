"""What the flow designer's page knows of the flow, its form and its organization: plain values for JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from forms_app.admin.forms.palette import readable_fields
from forms_app.exact_json import fingerprint
from forms_app.field_types import Column
from forms_app.flows.language import KINDS, FlowRefused, HumanInput, read_definition
from forms_app.flows.publishing import flow_design_of
from forms_app.models import CustomField, CustomForm, Department, Flow, Member, Ticket
from forms_app.people.actor import Actor
from forms_app.people.roles import forms_in_sight
from forms_app.schema.form_schema import FormSchema, build_schema

MOST_FOUND = 20
PICKED = {"people": "member", "departments": "department"}
"""Control of a field → what a rule about the field chooses from."""
NUMBERS = re.compile(r"\b\d{1,18}\b")


def state_of(flow: Flow) -> dict[str, Any]:
    """What a page begins with, and goes on with after a save: design, its fingerprint, what is published."""
    design = flow_design_of(flow)
    return {"design": design, "base": fingerprint(design), "status": _status(flow)}


def _status(flow: Flow) -> dict[str, Any]:
    running = dict(
        Ticket.objects.of_form(flow.custom_form_id)
        .running()
        .filter(flow=flow)
        .values_list("flow_version_id")
        .annotate(Count("id"))
        .order_by()
    )
    versions = [
        {
            "number": version.number,
            "at": date_format(timezone.localtime(version.published_at), "Y-m-d H:i"),
            "by": str(version.published_by or ""),
            "running": running.get(version.pk, 0),
        }
        for version in flow.versions.select_related("published_by")
    ]
    published = flow.published
    return {
        "published": published.number if published else None,
        "changed": published is None or published.definition != flow.draft,
        "path_fixed": bool(versions),
        "versions": versions,
    }


def kinds() -> list[list[str]]:
    """The kinds of variables, with their names."""
    named = {
        "text": _("text"),
        "number": _("number"),
        "boolean": _("yes or no"),
        "date": _("date"),
        "datetime": _("date and time"),
    }
    return [[kind, named[kind]] for kind in KINDS]


def fields_of(form: CustomForm) -> list[dict[str, Any]]:
    """The form's enabled fields: how a stage may show them, what may be written and what formulas may read."""
    schema = build_schema(form.pk)
    groups = dict(CustomField.objects.filter(custom_form=form).values_list("name", "custom_field_group__label"))
    return [{**_field(schema, column), "group": groups.get(column.name, "")} for column in schema.fields]


def _field(schema: FormSchema, column: Column) -> dict[str, Any]:
    kind = column.type.formula_type(column)
    related = schema.related(column)
    return {
        "name": column.name,
        "label": column.label,
        "writable": column.type.writable,
        "required": column.required,
        "people": column.type.names_people,
        "picks": PICKED.get(column.type.control, ""),
        "related": column.type.related_form_id(column.setting) is not None,
        "readable": kind is not None,
        "kind": kind.kind if kind else "any",
        "list": bool(kind and kind.is_list),
        "options": [{"value": o.value, "label": o.label, "enabled": o.enabled} for o in column.options.values()],
        "inner": readable_fields(related) if related else [],
    }


def flows_of(actor: Actor) -> list[dict[str, str]]:
    """The published flows that a component may call: those of forms that exist for the actor."""
    forms = CustomForm.objects.filter(forms_in_sight(actor))
    flows = Flow.objects.filter(custom_form__in=forms, published__isnull=False)
    flows = flows.order_by("custom_form__name", "name", "pk")
    rows = flows.values_list("api_path", "name", "custom_form__name")
    return [{"api_path": path, "name": name, "form": form} for path, name, form in rows]


def called(flow: Flow) -> dict[str, Any]:
    """What a component that calls this flow may set and read."""
    definition = flow.published.definition if flow.published else flow.draft
    return {
        "fields": fields_of(flow.custom_form),
        "variables": list(read_definition(definition).variables),
    }


def people_named(flow: Flow) -> dict[str, dict[int, str]]:
    """The names of the members and departments that the draft assigns or that its rules may mean by a number:
    {"member": {uid: name}, "department": {…}}."""
    try:
        definition = read_definition(flow.draft)
    except FlowRefused:
        return {"member": {}, "department": {}}
    stages = definition.of_type(HumanInput)
    rules = [*(line.rule for line in definition.lines), *(one.validation.formula for one in stages if one.validation)]
    asked = {int(number) for rule in rules for number in NUMBERS.findall(rule)}
    organization_id = flow.custom_form.organization_id
    uids = asked.union(uid for stage in stages for uid in stage.assignees.members)
    dids = asked.union(did for stage in stages for did in stage.assignees.departments)
    members = Member.objects.filter(organization_id=organization_id, uid__in=uids)
    departments = Department.objects.filter(organization_id=organization_id, did__in=dids)
    return {
        "member": dict(members.values_list("uid", "name")),
        "department": dict(departments.values_list("did", "name")),
    }


def people_found(organization_id: int, kind: str, text: str) -> list[dict[str, Any]]:
    """The first members or departments of that name or number: [{"id": uid or did, "name"}]."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
    rows: Iterable[tuple[int, str]]
    if kind == "department":
        wanted = Q(name__icontains=text) | Q(did=number) if number is not None else Q(name__icontains=text)
        departments = Department.objects.filter(wanted, organization_id=organization_id)
        rows = departments.order_by("name", "did").values_list("did", "name")[:MOST_FOUND]
    else:
        wanted = Q(name__icontains=text) | Q(uid=number) if number is not None else Q(name__icontains=text)
        members = Member.objects.filter(wanted, organization_id=organization_id, is_active=True)
        rows = members.order_by("name", "uid").values_list("uid", "name")[:MOST_FOUND]
    return [{"id": number, "name": name} for number, name in rows]
