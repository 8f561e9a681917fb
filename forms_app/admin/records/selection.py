"""What is done with chosen records: handing them to another member, and destroying them. A page asks first, and says
of each record why it can't be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from forms_app.admin.records.addresses import numbers
from forms_app.admin.records.browsing import MOST_SELECTED, frame, list_url, may_write_as, readable
from forms_app.admin.records.list_page import asked_for
from forms_app.exceptions import Conflict, Fault, NotFound, Refused
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.models import Verb
from forms_app.people.actor import Actor
from forms_app.records.labels import titles
from forms_app.records.query import EntityQuery
from forms_app.records.writes import entity_mass_destroy, entity_transfer
from forms_app.schema.form_schema import FormSchema

View = Callable[..., HttpResponse]
VERBS = (Verb.TRANSFER.value, Verb.DESTROY.value)


@dataclass(frozen=True)
class Chosen:
    """A record that was chosen; `exists` is whether it is there for the actor (still)."""

    id: int
    label: str
    exists: bool
    faults: Sequence[str]


def selection_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the form's, view, last part of its name)."""

    @require_POST
    def selected(request: HttpRequest, form_id: int) -> HttpResponse:
        """Shows what was chosen, and does it once that was confirmed."""
        form, schema, actor = readable(request, form_id)
        verb, back = request.POST.get("do", ""), request.POST.get("back", "")
        if verb not in VERBS or not may_write_as(schema, actor, verb):
            raise PermissionDenied
        ids, refused = _ids(schema, actor, request.POST, back)
        if not ids:
            messages.warning(request, refused or _("No records were chosen."))
            return HttpResponseRedirect(list_url(form_id, back))
        faults: list[Fault] = []
        if "confirmed" in request.POST:
            try:
                said = _done(schema, actor, verb, ids, request.POST)
            except (NotFound, Conflict, Refused) as error:
                faults = [*error.faults]
            else:
                messages.success(request, said)
                return HttpResponseRedirect(list_url(form_id, back))
        labels = titles(schema, ids, actor)
        context = {
            **frame(model_admin, request, form),
            "verb": verb,
            "chosen": [_chosen(each, labels, faults) for each in ids],
            "faults": [fault.message for fault in faults if fault.got not in ids],
            "failed": bool(faults),
            "back": back,
            "back_url": list_url(form_id, back),
            "data": {
                "lookup": "members",
                "multiple": False,
                "url": reverse("admin:forms_app_customform_lookup", args=[form_id, "members"]),
                "field": "",
            },
            "to": request.POST.get("to", ""),
        }
        page = "admin/forms_app/records/selected.html"
        return TemplateResponse(request, page, context, status=422 if faults else 200)

    return (("records/selected/", selected, "record_selected"),)


def _ids(schema: FormSchema, actor: Actor, post: QueryDict, back: str) -> tuple[list[int], str]:
    """The ids that were ticked, or those of all that the list shows; and why there are none."""
    if "all" not in post:
        return numbers(post.getlist("ids"))[:MOST_SELECTED], ""
    asked = asked_for(schema, actor, QueryDict(back.removeprefix("?")))
    if asked.faults:
        return [], " ".join(asked.faults)
    query = EntityQuery(schema, actor, asked.terms)
    if query.count() > MOST_SELECTED:
        return [], _("At most {limit} records at a time: narrow them down first.").format(limit=MOST_SELECTED)
    return query.ids(), ""


def _done(schema: FormSchema, actor: Actor, verb: str, ids: list[int], post: QueryDict) -> str:
    """Does it, and gives the sentence that says so. Raises Refused, NotFound, Conflict."""
    if verb == Verb.DESTROY:
        entity_mass_destroy(schema=schema, ids=ids, actor=actor)
        return ngettext("{count} record was deleted.", "{count} records were deleted.", len(ids)).format(count=len(ids))
    named = SYSTEM_COLUMNS["user"].type.compared([post.get("to") or post.get("to_uid", "")], False) or {}
    uids = [str(uid) for uid in named.get("user_ids", ())]
    if len(uids) != 1 or not (uids[0].isascii() and uids[0].isdecimal() and len(uids[0]) < 19):
        raise Refused([Fault("required", _("Choose the member who gets them."), field="to_user_uid")])
    entity_transfer(schema=schema, ids=ids, to_user_uid=int(uids[0]), actor=actor)
    return ngettext("{count} record was handed over.", "{count} records were handed over.", len(ids)).format(
        count=len(ids)
    )


def _chosen(record_id: int, labels: dict[int, str | None], faults: Iterable[Fault]) -> Chosen:
    said = [fault.message for fault in faults if fault.got == record_id and fault.field == "ids"]
    label = labels.get(record_id)
    return Chosen(record_id, label or f"#{record_id}", record_id in labels, said)
