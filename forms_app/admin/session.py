"""Whether a page that is open still has its account behind it: asked before what was typed there is sent."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def session_state(request: HttpRequest) -> JsonResponse:
    """{"account", "token"}: who is signed in, and the token that posts of theirs need now; 401 where nobody is."""
    if not admin.site.has_permission(request):
        return JsonResponse({}, status=401)
    return JsonResponse({"account": request.user.pk, "token": get_token(request)})
