"""What a webhook sent, what it was answered, and sending it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from forms_app.admin.people.acting import own_actor
from forms_app.admin.people.noted import moment
from forms_app.exceptions import DomainError
from forms_app.models import CustomForm, Webhook, WebhookDelivery
from forms_app.people.actor import Actor
from forms_app.webhooks.receiver import ERRORS, Answer
from forms_app.webhooks.showing import bodies_of
from forms_app.webhooks.writes import webhook_replay

PER_PAGE = 25


def what_came(answer: Answer) -> str:
    """An answer in a line."""
    if answer.status is None:
        return str(ERRORS[answer.error])
    text = _("It answered {status} after {ms} ms: {text}")
    return text.format(status=answer.status, ms=answer.milliseconds, text=answer.text[:200] or "—")


def deliveries_view(model_admin: Any) -> Callable[..., HttpResponse]:
    """The page of one webhook's deliveries."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def deliveries(request: HttpRequest, webhook_id: int) -> HttpResponse:
        webhook = model_admin.get_queryset(request).select_related("state").filter(pk=webhook_id).first()
        if webhook is None:
            raise Http404
        if not model_admin.has_view_permission(request, webhook):
            raise PermissionDenied
        if request.method == "POST":
            actor = own_actor(request)
            if actor is None:
                raise PermissionDenied
            _send_again(request, webhook, actor)
            return HttpResponseRedirect(request.get_full_path())
        rows = webhook.deliveries.order_by("-at", "-id")
        status = request.GET.get("status", "")
        if status in WebhookDelivery.Status.values:
            rows = rows.filter(status=status)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        context = {
            **model_admin.admin_site.each_context(request),
            "title": _("Deliveries"),
            "webhook": webhook,
            "back_url": reverse("admin:forms_app_webhook_change", args=[webhook.pk]),
            "rows": _rows(list(page.object_list), own_actor(request)),
            "page": page,
            "status": status,
            "states": [("", _("all")), *WebhookDelivery.Status.choices],
            "may_send": own_actor(request) is not None and webhook.enabled,
        }
        return TemplateResponse(request, "admin/forms_app/webhook/deliveries.html", context)

    return deliveries


def _send_again(request: HttpRequest, webhook: Webhook, actor: Actor) -> None:
    """One delivery, by the button in its row; or all from the oldest to the newest that were chosen."""
    one, chosen = request.POST.get("one", ""), request.POST.getlist("ids")
    ids = [int(text) for text in ([one] if one else chosen) if text.isascii() and text.isdecimal() and len(text) < 19]
    rows: QuerySet[WebhookDelivery] = webhook.deliveries.filter(pk__in=ids)
    try:
        if one and ids:
            count = webhook_replay(webhook=webhook, actor=actor, delivery_id=ids[0])
        elif times := sorted(rows.values_list("at", flat=True)):
            count = webhook_replay(webhook=webhook, actor=actor, since=times[0], until=times[-1])
        else:
            messages.warning(request, _("No deliveries were chosen."))
            return
    except DomainError as error:
        messages.error(request, " ".join(fault.message for fault in error.faults))
        return
    said = ngettext("{count} message will be sent again.", "{count} messages will be sent again.", count)
    messages.success(request, said.format(count=count))


def _rows(deliveries: list[WebhookDelivery], actor: Actor | None) -> list[dict[str, Any]]:
    bodies = bodies_of(deliveries, actor) if actor is not None else {}
    names = CustomForm.objects.in_bulk([row.custom_form_id for row in deliveries if row.custom_form_id])
    shown = []
    for row in deliveries:
        body, form = bodies.get(row.pk), names.get(row.custom_form_id or 0)
        shown.append(
            {
                "id": row.pk,
                "event": row.event,
                "form": str(form) if form else "",
                "record_id": row.record_id,
                "colour": "good" if row.status == WebhookDelivery.Status.DELIVERED else "bad",
                "state": row.get_status_display(),
                "said": str(ERRORS.get(row.error, row.answer_status)),
                "answer": row.answer,
                "attempts": row.attempts,
                "ms": f"{row.milliseconds:.1f}",
                "at": moment(row.at),
                "message_id": row.message_id,
                "again": row.again_at is not None,
                "repeatable": row.entry_id is not None,
                "body": json.dumps(json.loads(body), ensure_ascii=False, indent=2) if body else "",
            }
        )
    return shown
