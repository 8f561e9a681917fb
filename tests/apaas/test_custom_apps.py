"""GET custom_apps: where a client starts."""

from __future__ import annotations

import pytest

from forms_app.models import CustomApp, CustomForm, Member
from tests.apaas.conftest import Api
from tests.factories import CustomAppFactory

KEYS = ["id", "name", "status", "status_i18n", "description", "created_at", "updated_at", "creator", "update_user"]


@pytest.mark.parametrize("path", ["custom_apps", "custom_apps/"])
def test_it_lists_the_apps_of_the_organization(api: Api, custom_app: CustomApp, alice: Member, path: str) -> None:
    custom_app.creator = alice
    custom_app.save()
    CustomAppFactory(name="别人的")
    data = api.ok("GET", path)
    (app,) = data.pop("models")
    assert list(app) == KEYS
    assert (app["id"], app["name"]) == (custom_app.pk, custom_app.name)
    assert (app["status"], app["update_user"]) == ("enable", None)
    assert app["creator"] == {"uid": 1, "name": alice.name, "phone": None, "path_uid": None, "third_userid": None}
    assert app["created_at"].endswith("+08:00")
    assert data == {
        "total_count": 1,
        "total_pages": 1,
        "next_page": None,
        "prev_page": None,
        "current_page": 1,
        "per_page": 15,
        "page": 1,
    }


def test_it_pages(api: Api, custom_app: CustomApp) -> None:
    second = CustomAppFactory(organization=custom_app.organization)
    data = api.ok("GET", "custom_apps?per_page=1&page=2")
    assert ([app["id"] for app in data["models"]], data["prev_page"], data["total_pages"]) == ([second.pk], 1, 2)
    data = api.ok("GET", "custom_apps", {"per_page": 1, "without_count": True})
    assert ([app["id"] for app in data["models"]], data["next_page"]) == ([custom_app.pk], 2)
    assert "total_count" not in data
    assert api.ok("GET", "custom_apps?per_page=1&page=9")["models"] == []


def test_a_limited_token_sees_only_the_apps_of_its_forms(
    limited: Api, form: CustomForm, other_form: CustomForm, custom_app: CustomApp
) -> None:
    CustomAppFactory(organization=custom_app.organization)
    data = limited.ok("GET", "custom_apps")
    assert ([app["id"] for app in data["models"]], data["total_count"]) == ([custom_app.pk], 1)


def test_charlie_sees_none_of_them(stranger: Api, custom_app: CustomApp) -> None:
    assert stranger.ok("GET", "custom_apps")["models"] == []


def test_unknown_parameters_and_wrong_pages_are_refused_together(api: Api) -> None:
    assert sorted(api.faults("GET", "custom_apps?page=0&per_page=1001&label=x&custom_form_id=1")) == [
        ("custom_form_id", "unknown_parameter", None),
        ("label", "unknown_parameter", None),
        ("page", "wrong_integer", None),
        ("per_page", "wrong_integer", None),
    ]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_only_get_is_documented(api: Api, method: str) -> None:
    response = api.call(method, "custom_apps")
    assert (response.status_code, "GET" in response["Allow"]) == (405, True)
