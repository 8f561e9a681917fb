"""What the controls of a form to fill in look up: people, departments, regions, and records of related forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from forms_app.admin.enumerated import enumerated
from forms_app.admin.people.acting import actor_in
from forms_app.exceptions import Refused, TooExpensive
from forms_app.field_types.system_columns import SYSTEM_COLUMNS
from forms_app.models import Department, Member, Region, Verb
from forms_app.operators.eq import Is
from forms_app.people.actor import Actor
from forms_app.records.labels import titles
from forms_app.records.query import EntityQuery, Filter, Terms
from forms_app.records.query.parsing import search_in
from forms_app.schema.form_schema import FormSchema
from forms_app.tickets.worklist import waits_at

View = Callable[..., HttpResponse]
Results = Iterable[dict[str, Any]]
MOST = 20
"""So many are shown at once; who looks for another types more of its name."""
MOST_REGIONS = 1000


def lookup_views(model_admin: Any) -> Iterable[tuple[str, View, str]]:
    """(address below the form's, view, last part of its name)."""

    @require_safe
    def lookup(request: HttpRequest, form_id: int, kind: str) -> HttpResponse:
        """{"results": [{"value", "label", "hint"}], "more"} for the parameters `q`, and `field` or `parent`."""
        look = LOOKUPS.get(kind)
        schema, actor = stage_form(request, form_id)
        if look is None:
            raise Http404
        most = MOST_REGIONS if kind == "regions" else MOST
        text = request.GET.get("q", "").strip().replace("\0", "")
        try:
            results = list(look(schema, actor, text, request.GET, most + 1))
        except TooExpensive as refused:  # said where a result would stand
            results = [{"value": "", "label": fault.message, "hint": ""} for fault in refused.faults]
        return JsonResponse({"results": results[:most], "more": len(results) > most})

    return (("lookups/<slug:kind>/", lookup, "lookup"),)


def stage_form(request: HttpRequest, form_id: int) -> tuple[FormSchema, Actor]:
    """The form and as whom the account acts there. A stage of a ticket may show any field of the form to whom the flow
    puts there, so the whole form is looked at; what it relates to is the actor's own sight."""
    schema = FormSchema.find(form_id)
    if schema is None:
        raise Http404
    actor = actor_in(request, schema.organization_id)
    if not schema.rights(actor).verbs and not waits_at(form_id, actor):
        raise Http404
    return schema, actor


def members(schema: FormSchema, actor: Actor, text: str, given: Any, most: int) -> Results:
    """Active members by a part of their name, or by uid."""
    matching = Member.objects.filter(organization_id=schema.organization_id, is_active=True)
    if text:
        matching = matching.filter(Q(name__icontains=text) | Q(uid=_number(text)))
    for member in matching.prefetch_related("departments").order_by("name", "uid")[:most]:
        departments = enumerated(department.name for department in member.departments.all())
        yield {"value": str(member.uid), "label": member.name, "hint": departments}


def departments(schema: FormSchema, actor: Actor, text: str, given: Any, most: int) -> Results:
    """Departments by a part of their name, or by did; the one above tells namesakes apart."""
    matching = Department.objects.filter(organization_id=schema.organization_id)
    if text:
        matching = matching.filter(Q(name__icontains=text) | Q(did=_number(text)))
    for department in matching.select_related("parent").order_by("did")[:most]:
        above = department.parent.name if department.parent else ""
        yield {"value": str(department.did), "label": department.name, "hint": above}


def regions(schema: FormSchema, actor: Actor, text: str, given: Any, most: int) -> Results:
    """The regions below `parent`; without one the countries, first those whose regions are known."""
    parent = given.get("parent") or ""
    if parent:
        rows = Region.objects.filter(parent_id=parent)
    else:
        below = Region.objects.filter(parent=OuterRef("pk"))
        rows = Region.objects.filter(level=Region.Level.COUNTRY).annotate(divided=Exists(below))
    for region in rows.order_by("pk" if parent else "-divided", "pk")[:most]:
        yield {"value": region.pk, "label": region.label, "hint": ""}


def records(schema: FormSchema, actor: Actor, text: str, given: Any, most: int) -> Results:
    """Records of the form that the field `field` relates to, by a part of their primary field, or by id. Raises
    Http404 for a field that relates to no form of the organization."""
    column = schema.by_field.get(given.get("field") or "")
    related = schema.related(column) if column else None
    if related is None or related.organization_id != schema.organization_id:
        raise Http404
    related = related.seen_by(actor)
    if not related.rights(actor).may(Verb.READ):
        return
    query = EntityQuery(related, actor)
    ids = [row.id for terms in _record_terms(related, text) for row in query.where(terms).page(most)]
    ids = list(dict.fromkeys(ids))[:most]
    labels = titles(related, ids, actor)
    for record_id in ids:
        yield {"value": str(record_id), "label": labels.get(record_id) or f"#{record_id}", "hint": f"#{record_id}"}


def _record_terms(related: FormSchema, text: str) -> Iterable[Terms]:
    """What finds the text: the record of that id first, then those whose primary field contains it."""
    if not text:
        yield Terms()
        return
    record_id, primary = _number(text), related.primary
    if record_id:
        yield Terms((Filter(SYSTEM_COLUMNS["id"], Is.name, (record_id,)),))
    if primary is not None and primary.type.is_searchable(primary):
        with suppress(Refused):
            yield Terms(search=search_in(primary, text))


def _number(text: str) -> int:
    """The id that the text spells, or 0, which is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


LOOKUPS: dict[str, Callable[[FormSchema, Actor, str, Any, int], Results]] = {
    "members": members,
    "departments": departments,
    "regions": regions,
    "records": records,
}
