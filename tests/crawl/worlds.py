"""An organization with something of everything, all of it named by one word; and what the database holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone

from forms_app.design.forms import form_create
from forms_app.models import (
    AccessEvent,
    AccessToken,
    ApiCall,
    CustomApp,
    CustomForm,
    Department,
    Flow,
    Member,
    Organization,
    Role,
    StoredFile,
    Ticket,
    TicketToken,
    Webhook,
)
from forms_app.people.role_documents import role_save
from forms_app.tickets.pushing import ticket_open
from tests.accounts import administrator
from tests.factories import UserFactory, actor_of, add_field, make_entity, make_token, make_webhook, system_of
from tests.flows import definition, make_flow


@dataclass
class World:
    """Everything of one organization."""

    word: str
    organization: Organization
    member: Member
    account: User
    department: Department
    role: Role
    app: CustomApp
    form: CustomForm
    flow: Flow
    ticket: Ticket
    stage: TicketToken
    record_id: int
    token: AccessToken
    file: StoredFile
    event: AccessEvent
    call: ApiCall
    webhook: Webhook

    def key_of(self, model: type[Model] | None) -> Any:
        """The key of the world's thing of this kind; of kinds that are no organization's, of any or none."""
        for value in vars(self).values():
            if isinstance(value, Model) and type(value) is model:
                return value.pk
        assert model is not None
        rows = model._default_manager.order_by("-pk")
        if "organization_id" in [field.attname for field in model._meta.concrete_fields]:
            rows = rows.filter(organization_id=self.organization.pk)
        return rows.values_list("pk", flat=True).first() or 1


def world_of(word: str) -> World:
    """An organization whose things all bear the word."""
    organization = Organization.objects.create(name=f"{word} organization")
    department = Department.objects.create(organization=organization, did=1, name=f"{word} department")
    account = UserFactory(username=f"{word}-account", is_staff=False)
    member = Member.objects.create(organization=organization, uid=1, name=f"{word} member", user=account)
    member.departments.add(department)
    administrator(member)
    app = CustomApp.objects.create(organization=organization, name=f"{word} app")
    form = form_create(custom_app=app, name=f"{word} form", by=member)
    add_field(form, "title", "text_field")
    add_field(form, "leader", ("relation_field", {"form": form.pk}))
    add_field(form, "papers", "file_field")
    form.custom_fields.update(label=f"{word} field")
    form.tabs.create(name="tab", label=f"{word} tab")
    record_id = make_entity(form, member, title=f"{word} record")
    review = {"name": f"{word} stage", "assignees": {"members": [1]}}
    flow = make_flow(
        form, definition("start > review > end", review=review), name=f"{word} flow", api_path=f"path-{organization.pk}"
    )
    opened = ticket_open(flow=flow, values={"title": f"{word} paper"}, actor=actor_of(member))
    values = {"name": f"{word} role", "members": [1], "grants": [{"custom_form_id": form.pk, "verbs": ["read"]}]}
    role = role_save(organization_id=organization.pk, values=values, actor=system_of(organization.pk))
    token, _text = make_token(member)
    AccessToken.objects.filter(pk=token.pk).update(name=f"{word} token")
    file = StoredFile.objects.create(
        organization=organization, member=member, name=f"{word} file", content_type="text/plain", size=1
    )
    whose: dict[str, Any] = {"organization": organization, "member": member, "token": token, "at": timezone.now()}
    event = AccessEvent.objects.create(
        kind="token_refused", token_name=f"{word} token", account=account.username, last_at=timezone.now(), **whose
    )
    call = ApiCall.objects.create(
        method="GET", path="/apaas/api/v2/roles", form_id=form.pk, status=200, milliseconds=1, code=word, **whose
    )
    return World(
        word=word,
        organization=organization,
        member=member,
        account=account,
        department=department,
        role=role,
        app=app,
        form=CustomForm.objects.get(pk=form.pk),
        flow=flow,
        ticket=Ticket.objects.get(pk=opened.id),
        stage=TicketToken.objects.get(ticket_id=opened.id, state="waiting"),
        record_id=record_id,
        token=token,
        file=file,
        event=event,
        call=call,
        webhook=make_webhook(form, member, url=f"https://{word}.example.com/"),
    )


PASSING = {"session", "logentry", "cacheversion", "user", "securitycode", "callwindow"}
"""Models that asking alone writes to: sessions, logs, tags, the time of the last sign-in."""


def held() -> dict[tuple[str, Any], tuple[Any, ...]]:
    """Every row of every table that asking alone does not write to, by model and key; of accounts what opens doors."""
    rows: dict[tuple[str, Any], tuple[Any, ...]] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.model_name in PASSING or not model._meta.managed:
            continue
        for row in model._base_manager.order_by().values_list("pk", *(f.attname for f in model._meta.concrete_fields)):
            rows[model._meta.label, str(row[0])] = row
    for account in User.objects.values_list("pk", "username", "password", "email", "is_active", "is_superuser"):
        rows["auth.User", account[0]] = account
    return rows


def organization_of(row: Any, model: type[Model]) -> Any:
    """The organization that a row says it is of, if it says so."""
    names = [field.attname for field in model._meta.concrete_fields]
    return row[1 + names.index("organization_id")] if "organization_id" in names else None
