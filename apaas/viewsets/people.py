"""What the calls on roles, tokens and people share."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property

from apaas.authentication import KnownToken
from apaas.requests import reading
from apaas.requests.parameters import CALLS
from apaas.viewsets.base import ApiViewSet
from forms_app.people.token_writes import UNBOUND, Bounds


class PeopleViewSet(ApiViewSet):
    """A view whose `calls` name the call of each action. In one that makes or changes a thing, an empty value is one
    too: null or [] takes away."""

    calls: dict[str, str] = {}

    @property
    def call(self) -> str:
        return self.calls[self.action]

    @property
    def own_names(self) -> list[str]:
        """The parameters of the call itself."""
        return [parameter.name for parameter in CALLS[self.call]]

    @cached_property
    def params(self) -> dict[str, Any]:
        kept = self.own_names if self.action in ("create", "update") else ()
        return reading.read_parameters(self.request._request, kept)

    @property
    def sent(self) -> dict[str, Any]:
        """The checked values of the call's own parameters that were sent. Raises Refused."""
        values = self.checked_values()
        return {name: values[name] for name in self.own_names if name in self.params}

    @property
    def bounds(self) -> Bounds:
        """Until when and from where the caller's own token works."""
        known = self.request.auth
        return Bounds(known.expires_at, known.networks) if isinstance(known, KnownToken) else UNBOUND
