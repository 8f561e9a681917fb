"""The demo: what `manage.py quickstart` fills an empty database with. It replays the API document's samples."""

from __future__ import annotations

from typing import Any

from forms_app.demo.access import make_account, make_token
from forms_app.demo.facts import facts
from forms_app.demo.first_organization import make_first_organization
from forms_app.demo.flows import make_flows
from forms_app.demo.other_organization import OTHER_ORGANIZATION, make_other_organization
from forms_app.demo.parts import is_made, make_once
from forms_app.demo.people import ORGANIZATION
from forms_app.demo.regions import make_regions
from forms_app.models import Organization

__all__ = ["make_demo"]


def make_demo(secrets: dict[str, str]) -> dict[str, Any]:
    """Make what never existed, with these secrets, and give back the facts that quickstart prints.

    Each part is made once, in a transaction of its own: what an administrator changed or deleted since stays so. A
    database that holds somebody's organizations already gets an account if it has none, and nothing else: the demo's
    ids are the document's, and its token must not act as one of their members.
    """
    if is_made("organization 1") or not Organization.objects.exists():
        make_once("regions", make_regions)
        make_once("organization 1", make_first_organization)
        make_once("organization 2", make_other_organization)
        make_once("flows", make_flows)
        make_token(ORGANIZATION, secrets["token"])
        make_token(OTHER_ORGANIZATION, secrets["other_token"])
    make_once("account", lambda: make_account(secrets))
    return facts()
