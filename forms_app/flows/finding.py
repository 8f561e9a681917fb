"""Finding an organization's flows by their path."""

from __future__ import annotations

from forms_app.models import Flow


def callable_flow(api_path: str, organization_id: int) -> Flow | None:
    """The organization's flow of that path, without its draft."""
    flows = Flow.objects.select_related("published").defer("draft")
    return flows.filter(api_path=api_path, custom_form__organization_id=organization_id).first()
