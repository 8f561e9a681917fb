"""Two worlds that differ only in what an actor may not read: forms, their records, and what a change may touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection

from forms_app.design.forms import form_create
from forms_app.exact_json import dumps, reads
from forms_app.field_types import Option
from forms_app.files.storing import file_item, file_store
from forms_app.flows.publishing import flow_create, flow_publish, flow_save
from forms_app.models import (
    CustomApp,
    CustomField,
    CustomForm,
    Flow,
    FormTab,
    Grant,
    Member,
    Role,
    StoredFile,
    Ticket,
    TicketToken,
)
from forms_app.people.actor import Actor
from forms_app.records.changes.entries import SYSTEM
from forms_app.records.recompute import recompute_records
from forms_app.records.writes import entity_create, entity_mass_destroy
from forms_app.tickets.pushing import ticket_open, ticket_push
from tests.apaas.rights.oracle import ACTOR, TABS, A, B, GrantSpec, Oracle, given_anything
from tests.factories import CustomAppFactory, actor_of, add_field, schema_of, system_of
from tests.flows import definition

OPTIONS = (Option(A, "甲", True, None), Option(B, "乙", True, None))

LEADS = {
    "name": "text_field",
    "credit": "float_field",
    "note": "text_field",
    "rating": ("formula_field", {"formula": "{credit} * 2"}),
}
DEALS = {
    "title": "text_field",
    "amount": "float_field",
    "cost": "float_field",
    "stage": ("select_field", {}, OPTIONS),
    "tags": ("multi_select", {}, OPTIONS),
    "due": "datetime_field",
    "who": "user_field",
    "margin": ("formula_field", {"formula": "{amount} - {cost}"}),
    "twice": ("formula_field", {"formula": "{margin} * 2"}),
    "late": ("formula_field", {"formula": "{due} < TODAY()"}),
    "number": "auto_number_field",
    "papers": "file_field",
    "code": ("text_field", {"unique": True}),
}
CODES = ("c0", "c1", "c2", "c3")
"""Of the first deals, whatever may be read of them: a taken unique value may be told, so none is given up or taken."""
THROUGH = {
    "standing": "{partner.credit}",
    "rated": "{partner.rating} + {amount}",
}
STORED = {
    "leads": ("name", "credit", "note"),
    "deals": ("title", "amount", "cost", "stage", "tags", "due", "who", "partner", "papers"),
}
BY_ONE = {"assignees": {"members": [1]}}
"""Not the actor."""
TAB_FILTERS = {
    "cheap": [{"name": "amount", "op": "within", "value": [None, 50]}],
    "first": [{"name": "stage", "op": "in", "value": [A]}],
    "costly": [{"or": [{"name": "cost", "op": "within", "value": [50, None]}]}],
}


@dataclass
class Forms:
    """deals relate to leads; secret stands in another app."""

    app: CustomApp
    deals: CustomForm
    leads: CustomForm
    secret: CustomForm
    flow: Flow
    files: list[StoredFile]
    """Uploaded by member 1."""
    tabs: dict[str, FormTab] = field(default_factory=dict)

    def named(self, name: str) -> CustomForm:
        form: CustomForm = getattr(self, name)
        return form


def built(app: CustomApp, fields: Mapping[str, Any], name: str) -> CustomForm:
    """As `make_form`, and not from a recording: several tests of one process make the same forms beside others."""
    form = form_create(custom_app=app, name=name)
    for field_name, spec in fields.items():
        add_field(form, field_name, spec)
    return form


def make_forms(app: CustomApp, uploader: Member) -> Forms:
    leads = built(app, LEADS, "leads")
    relation = ("relation_field", {"form": leads.pk})
    through = {name: ("formula_field", {"formula": text}) for name, text in THROUGH.items()}
    deals = built(app, {**DEALS, "partner": relation, **through}, "deals")
    secret = built(CustomAppFactory(organization=app.organization), {"name": "text_field"}, "secret")
    tabs = {
        name: FormTab.objects.create(custom_form=deals, name=name, label=name, filters=filters)
        for name, filters in TAB_FILTERS.items()
    }
    flow = flow_create(custom_form=deals, name="flow", api_path="deals")
    drawn = definition("start > review > check > end", review=BY_ONE, check=BY_ONE)
    flow_save(flow=flow, design={"definition": drawn})
    flow_publish(flow=flow)
    files = [
        file_store(content=ContentFile(b"%PDF-"), name=f"{name}.pdf", actor=actor_of(uploader)) for name in ("a", "b")
    ]
    return Forms(app, deals, leads, secret, flow, files, tabs)


def give(forms: Forms, member: Member, grants: Iterable[GrantSpec]) -> None:
    """A role of these grants for the member; the roles that the organization began with give nothing any more."""
    Grant.objects.filter(role__organization=member.organization).delete()
    role = Role.objects.create(organization=member.organization, name="random")
    role.members.add(member)
    for spec in grants:
        tab = forms.tabs.get(spec.rows)
        Grant.objects.create(
            role=role,
            custom_form=None if spec.target in ("app", "all") else forms.named(spec.target),
            custom_app=forms.app if spec.target == "app" else None,
            verbs=sorted(spec.verbs),
            rows="tab" if tab else spec.rows,
            tab=tab,
            hidden=sorted(spec.hidden),
            read_only=sorted(spec.read_only),
        )


@dataclass
class Records:
    """The ids of the records by form."""

    ids: dict[str, list[int]]
    tickets: list[Ticket]

    def all(self) -> list[int]:
        return [record_id for ids in self.ids.values() for record_id in ids]


def make_records(forms: Forms, chance: Random) -> Records:
    ids: dict[str, list[int]] = {"leads": [], "deals": [], "secret": []}
    for name, count in (("leads", 4), ("deals", 8), ("secret", 1)):
        for number in range(count):
            owner = chance.choice((1, 2, 3, 3, 4))
            values = {"name": "x"} if name == "secret" else random_values(name, chance, ids["leads"], forms.files)
            if name == "deals" and number < len(CODES):
                values["code"] = CODES[number]
            actor = Actor.acting_for(forms.app.organization_id, "test", owner)
            row = entity_create(schema=schema_of(forms.named(name)), values=values, actor=actor)
            ids[name].append(row.id)
    tickets = []
    for _number in range(3):
        actor = Actor.acting_for(forms.app.organization_id, "test", chance.choice((1, 3, 4)))
        values = random_values("deals", chance, ids["leads"], forms.files)
        tickets.append(ticket_open(flow=forms.flow, values=values, actor=actor))
        ids["deals"].append(tickets[-1].entity_id)
    return Records(ids, tickets)


def random_values(form: str, chance: Random, leads: Sequence[int], files: Sequence[StoredFile]) -> dict[str, Any]:
    """Values as a client writes them."""
    if form == "leads":
        values = {"name": chance.choice("mno") * 3, "credit": chance.choice((1, 60)), "note": chance.choice("pq")}
    else:
        values = {
            "title": chance.choice("xyz") * 3,
            "amount": chance.choice((10, 20, 70, 90)),
            "cost": chance.choice((1, 2, 60)),
            "stage": chance.choice((A, B)),
            "tags": chance.sample((A, B), chance.randint(1, 2)),
            "due": chance.choice(("2020-01-01 08:00:00", "2099-01-01 08:00:00")),
            "who": [{"uid": chance.choice((1, 2, 3, 4))}],
            "partner": {"value": chance.choice(leads)} if leads else None,
            "papers": [file_item(chance.choice(files))] if chance.random() < 0.3 else None,
        }
    return {name: value for name, value in values.items() if value is not None and chance.random() < 0.9}


def change_unreadable(forms: Forms, records: Records, oracle: Oracle, chance: Random) -> None:
    """Change all that the actor may not read, and nothing else: values, records, definitions, times left alone."""
    system = system_of(forms.app.organization_id)
    for name in ("leads", "deals"):
        form = forms.named(name)
        schema = schema_of(form)
        kept_back = {TABS[row][0] for row in oracle.rows(name) if row in TABS}
        stays = [ticket.entity_id for ticket in records.tickets] + records.ids["deals"][: len(CODES)]
        for record_id, owner, data in rows_of(form):
            values = reads(data)
            fresh = stored_values(random_values(name, chance, records.ids["leads"], forms.files))
            if oracle.reads_record(name, owner, values):
                hidden = [key for key in STORED[name] if not oracle.reads_field(name, key) and key not in kept_back]
                changed = {**values, **{key: fresh.get(key) for key in hidden}}
            elif chance.random() < 0.3 and not (name == "deals" and record_id in stays):
                entity_mass_destroy(schema=schema, ids=[record_id], actor=system)
                continue
            else:
                changed = {**values, **fresh}
                if oracle.reads_record(name, owner, changed):
                    continue
            write(form, record_id, {key: value for key, value in changed.items() if value is not None})
        unseen: dict[str, Any] = {"name": "mno", "credit": 7}
        if name == "deals":
            unseen = {"amount": 99, "cost": 1, "stage": B, "title": "xyz"}
        if not oracle.reads_record(name, 1, unseen):
            entity_create(schema=schema, values=unseen, actor=Actor.acting_for(system.organization_id, "test", 1))
    for name in ("leads", "deals"):
        form = forms.named(name)
        recompute_records(schema_of(form), [record_id for record_id, _owner, _data in rows_of(form)], SYSTEM)
        unknown = not given_anything(oracle, name)
        for custom_field in CustomField.objects.filter(custom_form=form):
            if unknown or (oracle.reads_form(name) and not oracle.reads_field(name, custom_field.name)):
                custom_field.label = f"renamed {custom_field.label}"
                custom_field.save()
    exists, reads_it = given_anything(oracle, "deals"), oracle.reads_form("deals")
    for name, tab in forms.tabs.items():
        if not exists or (reads_it and not oracle.reads_field("deals", TABS[name][0])):
            tab.label = f"renamed {chance.random()}"  # it filters by what may not be read, so it is not offered
            tab.save()
    push_unseen(forms, records, oracle)
    if not given_anything(oracle, "secret"):
        for record_id, _owner, _data in rows_of(forms.secret):
            write(forms.secret, record_id, {"name": f"another {chance.random()}"})
        CustomForm.objects.filter(pk=forms.secret.pk).update(name=f"renamed {chance.random()}")


def push_unseen(forms: Forms, records: Records, oracle: Oracle) -> None:
    """Push the tickets that do not exist for the actor: neither opened by them nor of a record that they may read."""
    rows = {record_id: (owner, reads(data)) for record_id, owner, data in rows_of(forms.deals)}
    for ticket in records.tickets:
        if ticket.creator_uid != ACTOR and not oracle.reads_record("deals", *rows[ticket.entity_id]):
            system = system_of(forms.app.organization_id)
            for stage in TicketToken.objects.of_ticket(forms.deals.pk, ticket.pk).open():
                ticket_push(flow=forms.flow, data_id=stage.pk, values={}, actor=system)


def rows_of(form: CustomForm) -> list[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, owner_uid, data::text FROM form_entity WHERE custom_form_id = %s", [form.pk])
        return list(cursor.fetchall())


def write(form: CustomForm, record_id: int, data: Mapping[str, Any]) -> None:
    """Stored values, with no time moved: the worlds differ in what is stored alone."""
    text = dumps(dict(data)).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE form_entity SET data = %s::jsonb WHERE custom_form_id = %s AND id = %s", [text, form.pk, record_id]
        )


def stored_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Written values as they are stored."""
    stored = dict(values)
    if "due" in stored:
        stored["due"] = stored["due"].replace(" 08:00:00", "T00:00:00.000Z")
    if "who" in stored:
        stored["who"] = [person["uid"] for person in stored["who"]]
    if "partner" in stored:
        stored["partner"] = stored["partner"]["value"]
    return stored
