"""The flow designer's addresses: what is sent to them, and what they answer."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.urls import reverse

from forms_app.models import Flow


def url(flow: Flow, page: str = "design", *args: Any) -> str:
    return reverse(f"admin:forms_app_flow_{page}", args=[flow.pk, *args])


def shown(client: Client, flow: Flow) -> dict[str, Any]:
    """What the page gives its scripts."""
    response = client.get(url(flow))
    assert response.status_code == 200, response.content[:500]
    found: dict[str, Any] = response.context["designer"]
    return found


def post(client: Client, flow: Flow, page: str, body: Any) -> Any:
    return client.post(url(flow, page), json.dumps(body), content_type="application/json")


def faults(response: Any, status: int = 400) -> dict[str, str]:
    assert response.status_code == status, response.content[:500]
    return {fault.get("field", ""): fault["code"] for fault in response.json()["faults"]}
