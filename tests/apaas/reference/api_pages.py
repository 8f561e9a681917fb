"""The tabs of a form's API page as they are for a member."""

from __future__ import annotations

from apaas.reference.examples import FormExamples
from apaas.reference.pages.form_tabs import form_tabs
from apaas.reference.pages.tabs import Tab
from forms_app.models import CustomForm, Member
from forms_app.people.actor import Actor
from tests.factories import actor_of, schema_of

ORIGIN = "http://testserver"


def tabs_of(form: CustomForm, member: Member, reader: Actor | None = None) -> dict[str, Tab]:
    found = form_tabs(FormExamples(schema_of(form), actor_of(member), reader), ORIGIN)
    return {tab.name: tab for tab in found}
