"""The demo: what `manage.py quickstart` fills an empty database with."""

from typing import Any

from django.contrib.auth import get_user_model


def make_demo(secrets: dict[str, str]) -> dict[str, Any]:
    """Make what never existed, with these secrets, and give back the facts that quickstart prints."""
    accounts = get_user_model()._default_manager
    if not accounts.exists():
        accounts.create_superuser(username=secrets["admin_username"], password=secrets["admin_password"])
    return {"organization_id": None, "member_uid": None, "forms": {}, "curl_form_id": None}
