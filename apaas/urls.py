"""The endpoint table: verbs → actions. An id is digits, so no path is another's. A trailing slash changes nothing."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path, re_path, register_converter

from apaas.viewsets.changes import ChangeViewSet
from apaas.viewsets.custom_apps import CustomAppViewSet, CustomFormViewSet
from apaas.viewsets.docs import DocsViewSet
from apaas.viewsets.exports import ExportViewSet
from apaas.viewsets.files import FileViewSet
from apaas.viewsets.form_entities import FormEntityViewSet
from apaas.viewsets.mass_calls import MassViewSet
from apaas.viewsets.members import DepartmentViewSet, UserViewSet
from apaas.viewsets.roles import RightsViewSet, RoleViewSet
from apaas.viewsets.tokens import TokenViewSet
from apaas.viewsets.unknown import UnknownPathViewSet
from apaas.viewsets.webhooks import WebhookViewSet

METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")


class IdConverter:
    """An id of 1 to 2^63−1; anything else is an unknown path."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if not 1 <= number < 2**63:
            raise ValueError(value)
        return number

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(IdConverter, "record")


def row(route: str, view: type, **actions: str) -> list[URLPattern]:
    """The route with and without its trailing slash."""
    handler: Any = view.as_view(actions)  # type: ignore[attr-defined]
    name = "-".join(dict.fromkeys(actions.values()))
    return [
        path(f"api/v2/{route}", handler, name=f"{route.split('/')[0]}-{name}"),
        path(f"api/v2/{route}/", handler),
    ]


def docs(route: str, name: str, action: str) -> list[URLPattern]:
    """A page of the documentation, with and without its trailing slash."""
    handler: Any = DocsViewSet.as_view({"get": action})
    return [path(route, handler, name=name), path(route + "/", handler)]


urlpatterns = [
    # First what is asked most.
    *row("form_entities", FormEntityViewSet, get="list", put="list", post="create"),
    *row("form_entities/<record:record_id>", FormEntityViewSet, get="retrieve", put="update", post="update"),
    *row("form_entities/ids", FormEntityViewSet, get="ids", put="ids"),
    *row("form_entities/export", ExportViewSet, get="export", put="export"),
    *row("form_entities/simple", FormEntityViewSet, get="simple"),
    *row("form_entities/evaluate", FormEntityViewSet, get="evaluate", put="evaluate", post="evaluate"),
    *row("form_entities/transfer", FormEntityViewSet, put="transfer", post="transfer"),
    *row("form_entities/mass_create", MassViewSet, post="mass_create"),
    *row("form_entities/mass_update", MassViewSet, put="mass_update", post="mass_update"),
    *row("form_entities/mass_upsert", MassViewSet, put="mass_upsert", post="mass_upsert"),
    *row("form_entities/mass_destroy", FormEntityViewSet, delete="mass_destroy", post="mass_destroy"),
    *row("form_entities/restore", ChangeViewSet, put="restore", post="restore"),
    *row("form_entities/trash", ChangeViewSet, get="trash"),
    *row("form_entities/changes", ChangeViewSet, get="changes"),
    *row("form_entities/<record:record_id>/history", ChangeViewSet, get="history"),
    *row("custom_apps", CustomAppViewSet, get="list"),
    *row("custom_forms", CustomFormViewSet, get="list"),
    *row("custom_forms/<record:form_id>", CustomFormViewSet, get="retrieve"),
    *row("user/list", UserViewSet, get="list"),
    *row("users/mass_upsert", UserViewSet, put="upsert", post="upsert"),
    *row("departments", DepartmentViewSet, get="list"),
    *row("departments/mass_upsert", DepartmentViewSet, put="upsert", post="upsert"),
    *row("roles", RoleViewSet, get="list", post="create"),
    *row("roles/<record:role_id>", RoleViewSet, get="retrieve", put="update", delete="destroy"),
    *row("tokens", TokenViewSet, get="list", post="create"),
    *row("tokens/<record:token_id>", TokenViewSet, put="update", delete="revoke"),
    *row("tokens/<record:token_id>/rotate", TokenViewSet, post="rotate"),
    *row("rights", RightsViewSet, get="list"),
    *row("webhooks", WebhookViewSet, get="list", post="create"),
    *row("webhooks/<record:webhook_id>", WebhookViewSet, get="retrieve", put="update", delete="destroy"),
    *row("webhooks/<record:webhook_id>/deliveries", WebhookViewSet, get="deliveries"),
    *row("webhooks/<record:webhook_id>/replay", WebhookViewSet, post="replay"),
    *row("files", FileViewSet, post="upload"),
    *row("files/<slug:token>", FileViewSet, get="download"),
    *docs("api/v2/openapi.json", "openapi", "openapi"),
    *docs("docs", "docs", "index"),
    *docs("docs/reference", "reference", "reference"),
    *docs("docs/calls/<slug:name>", "call-page", "call_page"),
    re_path(r"^.*$", UnknownPathViewSet.as_view(dict.fromkeys(METHODS, "missing"))),
]
