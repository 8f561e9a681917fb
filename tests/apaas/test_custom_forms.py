"""GET custom_forms and custom_forms/:id: the forms of an app and their design."""

from __future__ import annotations

import pytest

from forms_app.models import CustomApp, CustomForm, FormTab, Organization
from tests.apaas.conftest import Api
from tests.factories import CustomAppFactory, make_form

FORM = [
    "id", "name", "data_table_name", "status", "status_i18n", "setting", "description", "custom_app_id",
    "created_at", "updated_at", "primary_field", "creator", "update_user",
]  # fmt: skip
FIELD = [
    "id", "name", "label", "status", "status_i18n", "field_type", "field_type_i18n", "custom_field_group_id",
    "setting", "created_at", "updated_at", "number",
]  # fmt: skip


@pytest.mark.parametrize("path", ["custom_forms", "custom_forms/"])
def test_it_lists_the_forms_with_their_primary_field(api: Api, form: CustomForm, path: str) -> None:
    data = api.ok("GET", f"{path}?custom_app_id={form.custom_app_id}")
    (shown,) = data.pop("models")
    assert list(shown) == FORM
    assert (shown["id"], shown["name"], shown["data_table_name"]) == (form.pk, "form", form.data_table_name)
    assert list(shown["primary_field"]) == FIELD
    assert (shown["primary_field"]["name"], shown["primary_field"]["field_type"]) == ("title", "text_field")
    setting = shown["primary_field"]["setting"]
    assert (setting["required"], setting["primary_field"], setting["custom_column_name"]) == (False, True, "title")
    assert setting["field_update_options"] == {
        "cannot_destroy": True,
        "status_readonly": True,
        "required_readonly": False,
    }
    assert list(data) == [
        "total_count",
        "total_pages",
        "next_page",
        "prev_page",
        "current_page",
        "per_page",
        "page",
    ]


def test_each_field_says_by_which_number_tickets_and_sheets_name_it(api: Api, form: CustomForm) -> None:
    groups = api.ok("GET", f"custom_forms/{form.pk}")["custom_field_groups"]
    shown = {field["name"]: field["number"] for group in groups for field in group["custom_fields"]}
    assert shown == dict(form.custom_fields.values_list("name", "number"))
    assert len(set(shown.values())) == len(shown) > 1


def test_it_pages_and_restricts_to_an_app(api: Api, form: CustomForm, other_form: CustomForm) -> None:
    elsewhere = make_form(CustomAppFactory(organization=form.organization), {}, name="third")
    every = api.ok("GET", "custom_forms")["models"]
    assert [shown["id"] for shown in every] == [form.pk, other_form.pk, elsewhere.pk]
    assert every[2]["primary_field"] is None
    data = api.ok("GET", "custom_forms", {"custom_app_id": form.custom_app_id, "per_page": 1, "page": 2})
    assert ([shown["id"] for shown in data["models"]], data["total_count"]) == ([other_form.pk], 2)
    data = api.ok("GET", "custom_forms?per_page=1000&without_count=true")
    assert (len(data["models"]), data["next_page"], "total_count" in data) == (3, None, False)


def test_an_app_that_is_not_there_and_one_that_is_not_yours_are_alike(
    api: Api, stranger: Api, limited: Api, form: CustomForm, organization: Organization
) -> None:
    unseen = CustomAppFactory(organization=organization)
    assert api.ok("GET", f"custom_forms?custom_app_id={unseen.pk}")["models"] == []
    for who, app_id in (
        (api, 987654321),
        (stranger, form.custom_app_id),
        (limited, 987654321),
        (limited, unseen.pk),
    ):
        answer = who.refused("GET", f"custom_forms?custom_app_id={app_id}", status=404)
        assert [(fault["field"], fault["code"]) for fault in answer["errors"]] == [("custom_app_id", "unknown_app")]


def test_the_design_has_groups_fields_options_and_tabs(api: Api, wide: CustomForm) -> None:
    FormTab.objects.create(custom_form=wide, name="big", label="大的")
    data = api.ok("GET", f"custom_forms/{wide.pk}/")
    assert list(data) == [*FORM, "custom_field_groups", "tabs"]
    assert [tab["name"] for tab in data["tabs"]] == ["all", "mine", "department", "big"]
    assert data["tabs"][3] == {"name": "big", "label": "大的"}
    (group,) = data["custom_field_groups"]
    assert list(group) == ["id", "label", "position", "status", "custom_fields"]
    fields = {field["name"]: field for field in group["custom_fields"]}
    assert list(fields) == list(wide.custom_fields.order_by("position", "id").values_list("name", flat=True))
    assert all(list(field) == FIELD for field in fields.values())
    assert {field["field_type"] for field in fields.values()} >= {"text_field", "boolean_field", "formula_field"}
    options = fields["a_nested_select"]["setting"]["options"]
    assert options[0] == {"value": "60943MKVMq0Erpe9dUdV7w==", "label": "华东", "status": "enable", "parent": None}
    assert options[1]["parent"] == "60943MKVMq0Erpe9dUdV7w=="
    assert fields["a_select_field"]["setting"]["options"][3]["status"] == "disable"
    assert "options" not in fields["a_text_area"]["setting"]


def test_a_form_that_is_not_there_and_one_that_is_not_yours_are_alike(
    api: Api, stranger: Api, limited: Api, form: CustomForm, other_form: CustomForm
) -> None:
    for who, form_id in (
        (api, 987654321),
        (stranger, form.pk),
        (limited, other_form.pk),
        (api, 2**63 - 1),
    ):
        answer = who.refused("GET", f"custom_forms/{form_id}", status=404)
        assert [(fault["field"], fault["code"]) for fault in answer["errors"]] == [("id", "unknown_form")]
    assert limited.ok("GET", f"custom_forms/{form.pk}")["name"] == "form"
    assert [shown["id"] for shown in limited.ok("GET", "custom_forms")["models"]] == [form.pk]
    assert stranger.ok("GET", "custom_forms")["models"] == []


def test_a_read_only_token_may_read_them(reader: Api, form: CustomForm) -> None:
    assert reader.ok("GET", f"custom_forms/{form.pk}")["id"] == form.pk


def test_unknown_parameters_are_refused(api: Api, form: CustomForm, custom_app: CustomApp) -> None:
    assert api.faults("GET", "custom_forms?scope=all") == [("scope", "unknown_parameter", None)]
    assert api.faults("GET", f"custom_forms/{form.pk}?page=1") == [("page", "unknown_parameter", None)]
    assert api.faults("GET", "custom_forms?custom_app_id=x") == [("custom_app_id", "wrong_id", None)]
    assert api.ok("GET", f"custom_forms/{form.pk}?custom_app_id={custom_app.pk}&request_ticket=1")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["custom_forms", "custom_forms/1"])
def test_only_get_is_documented(api: Api, method: str, path: str) -> None:
    response = api.call(method, path)
    assert (response.status_code, "GET" in response["Allow"]) == (405, True)


def test_forms_are_found_by_status_and_a_part_of_their_name(api: Api, custom_app: CustomApp) -> None:
    first = make_form(custom_app, name="客户档案")
    second = make_form(custom_app, name="客户合同")
    second.status = "disable"
    second.save()
    assert found(api, "custom_forms?status=disable") == [second.pk]
    assert found(api, "custom_forms?name=档案&status=enable") == [first.pk]
    assert found(api, "custom_apps?name=nothing of the kind") == []
    assert api.faults("GET", "custom_forms?status=gone") == [("status", "unknown_value", None)]


def found(api: Api, path: str) -> list[int]:
    return [model["id"] for model in api.ok("GET", path)["models"]]
