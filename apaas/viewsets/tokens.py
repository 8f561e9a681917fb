"""Tokens, for who may manage people (docs/contract.md §4)."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from apaas.envelope import NO_DATA
from apaas.people_definitions import token_of
from apaas.viewsets.custom_apps import answered
from apaas.viewsets.exactly_once import exactly_once
from apaas.viewsets.people import PeopleViewSet
from forms_app.models import AccessToken
from forms_app.people import token_writes


class TokenViewSet(PeopleViewSet):
    """The tokens of the caller's organization."""

    calls = {
        "list": "tokens",
        "create": "token_create",
        "update": "token_update",
        "revoke": "token_revoke",
        "rotate": "token_rotate",
    }

    def list(self, request: Request) -> HttpResponseBase:
        """All tokens, or those that act as one member."""
        tokens = token_writes.tokens_of(self.actor)
        uid = self.checked_values()["uid"]
        if uid is not None:
            tokens = tokens.filter(member__uid=uid)
        rows = tokens.select_related("member").prefetch_related("custom_forms").order_by("id")
        return answered(self, rows, token_of)

    def create(self, request: Request) -> HttpResponseBase:
        """A new token, which this answer alone holds."""
        token_writes.tokens_of(self.actor)
        row, token = token_writes.token_make(values=self.sent, actor=self.actor, bounds=self.bounds)
        return self.answer({**token_of(row), "token": token})

    @exactly_once
    def update(self, request: Request, token_id: int) -> HttpResponseBase:
        """The token with the limits changed that were sent."""
        row = token_writes.token_change(
            access_token=self.found(token_id), values=self.sent, actor=self.actor, bounds=self.bounds
        )
        return self.answer(token_of(row))

    @exactly_once
    def revoke(self, request: Request, token_id: int) -> HttpResponseBase:
        """End the token at once."""
        row = self.found(token_id)
        self.checked_values()
        token_writes.token_end(access_token=row, actor=self.actor)
        return self.answer(NO_DATA)

    def rotate(self, request: Request, token_id: int) -> HttpResponseBase:
        """A successor, which this answer alone holds."""
        row, token = token_writes.token_renew(
            access_token=self.found(token_id), actor=self.actor, bounds=self.bounds, **self.hours
        )
        return self.answer({**token_of(row), "token": token})

    @property
    def hours(self) -> dict[str, Any]:
        return {"hours": self.checked_values()["hours"]}

    def found(self, token_id: int) -> AccessToken:
        return token_writes.token_of(self.actor, token_id)
