"""The choice of a language: kept in the browser, and with the member who is signed in."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from forms_app.admin.people.acting import own_member
from forms_app.models import Member


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Back to the page where `language` was chosen. Raises BadRequest for one that the product does not have."""
    chosen, member = request.POST.get("language", ""), own_member(request)
    if chosen not in dict(settings.LANGUAGES):
        raise BadRequest("language")
    if member is not None:
        Member.objects.filter(pk=member.pk).update(language=chosen)
    answer: HttpResponse = set_language(request)
    return answer
