"""The admin's sidebar: the domain's sections, and the way to the API's pages."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_app.admin import navigation


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections of the sidebar. The API's pages work for an account that is linked to a member; another one is told
    there how to link it."""
    developers = {
        "title": _("Developers"),
        "items": [{"title": _("Browsable API"), "icon": "api", "link": reverse("docs")}],
    }
    return [*navigation.sidebar(request), developers]
