"""The documentation that the server gives of itself: a page for each call, and the OpenAPI document."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from rest_framework.request import Request
from rest_framework.response import Response

from apaas.authentication import token_of
from apaas.reference.browsable import parameter_row
from apaas.reference.calls import BY_NAME, endpoints, parameters
from apaas.reference.openapi import document
from apaas.viewsets.base import ApiViewSet
from forms_app.exact_json import dumps
from forms_app.exceptions import NotFound
from forms_app.models import CustomForm, Status, Verb
from forms_app.people.roles import forms_in_sight
from forms_app.schema.form_schema import FormSchema


class DocsViewSet(ApiViewSet):
    """Pages for a developer signed in to the admin; the same as JSON for a token."""

    explains_only = True
    """What is answered is about a call, and no call's answer."""

    @property
    def call(self) -> str:
        return "docs"

    def chosen_form(self) -> FormSchema | None:
        """The form that the request names, if any. Raises NotFound."""
        form_id = self.checked_values()["custom_form_id"]
        return None if form_id is None else FormSchema.of(form_id, self.actor)

    def index(self, request: Request) -> Response:
        """Where everything is."""
        self.checked_values()
        pages = {name: reverse("call-page", args=[name]) for name in BY_NAME}
        return Response({"openapi": reverse("openapi"), "reference": reverse("reference"), "calls": pages})

    def call_page(self, request: Request, name: str) -> Response:
        """A call: its addresses and parameters."""
        if name not in BY_NAME:
            raise NotFound
        self.shown_call = name
        self.chosen_form()
        call = BY_NAME[name]
        return Response(
            {
                "call": name,
                "title": str(call.title),
                "explains": str(call.explains),
                "endpoints": [{"method": endpoint.method, "path": endpoint.path} for endpoint in endpoints()[name]],
                "parameters": [parameter_row(row) | {"explains": str(row.explains)} for row in parameters(name)],
            }
        )

    def reference(self, request: Request) -> Response:
        """The OpenAPI document to read and to try."""
        self.page_template = "apaas/reference.html"
        self.chosen_form()
        return Response({"openapi": reverse("openapi")})

    def openapi(self, request: Request) -> HttpResponse:
        """The OpenAPI document, without an envelope; with `custom_form_id` that form's fields are typed. In English to
        who asks for no language: programs are made of its names."""
        form = self.chosen_form()
        shown = form or self.first_form()
        asked = request.META.get("HTTP_ACCEPT_LANGUAGE") or not token_of(request._request)
        with translation.override(translation.get_language() if asked else "en"):
            spec = document(form, self.actor, request.build_absolute_uri("/")[:-1], shown)
        return HttpResponse(dumps(spec), content_type="application/json")

    def first_form(self) -> FormSchema | None:
        """One that the caller sees, for examples that work."""
        seen = CustomForm.objects.filter(forms_in_sight(self.actor, Verb.READ), status=Status.ENABLE).order_by("id")
        form_id = seen.values_list("id", flat=True).first()
        return None if form_id is None else FormSchema.of(form_id, self.actor)
