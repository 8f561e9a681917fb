"""Formulas in the designer: checked against what is on the page, saved in the order in which they read."""

from __future__ import annotations

from typing import Any

from django.test import Client

from forms_app.models import CustomForm, Member
from tests.factories import CustomAppFactory, make_form
from tests.forms_app.admin.forms.test_designer import faults, save, shown, url


def check(client: Client, form: CustomForm, formula: str, design: Any = None) -> Any:
    return client.post(url(form, "formula"), {"formula": formula, "design": design}, content_type="application/json")


def test_a_formula_is_checked_against_the_design_on_the_page(admin: Client, form: CustomForm) -> None:
    design = shown(admin, form)["design"]
    design["groups"][0]["fields"] += [
        {"label": "件数", "field_type": "integer_field", "name": "pieces"},
        {"label": "错", "field_type": "integer_field", "name": "wrong", "setting": {"colour": 1}},
    ]
    answer = check(admin, form, "{件数} * {total} + {leader.amount}", design).json()
    assert answer["result"] == "number"
    assert answer["canonical"] == "{pieces} * {total} + {leader.amount}"
    assert check(admin, form, "TODAY()", design).json()["volatile"] is True
    assert faults(check(admin, form, "{wrong}", design)) == {"formula": "formula_unknown_reference"}
    assert faults(check(admin, form, "{件数}")) == {"formula": "formula_unknown_reference"}
    response = check(admin, form, '1 +\n"a" * 2', design)
    assert response.json()["faults"][0]["got"] == {"line": 2, "column": 1}
    assert not form.custom_fields.filter(name="pieces").exists()


def test_the_fields_of_a_related_form_are_told(admin: Client, form: CustomForm, charlie: Member) -> None:
    fields = admin.get(url(form, "fields", form.pk)).json()["fields"]
    assert {"name": "amount", "label": "label of amount"} in fields
    foreign = make_form(CustomAppFactory(organization=charlie.organization))
    assert admin.get(url(form, "fields", foreign.pk)).status_code == 404


def test_formulas_are_saved_behind_those_they_read(admin: Client, form: CustomForm) -> None:
    design = shown(admin, form)["design"]
    fields = design["groups"][0]["fields"]
    for name, label, text in (
        ("last", "丙", "{middle} & {甲}"),
        ("middle", "乙", "{甲}"),
        ("first", "甲", "{amount} + 1"),
    ):
        fields.append({"label": label, "name": name, "field_type": "formula_field", "setting": {"formula": text}})
    response = save(admin, form, design)
    assert response.status_code == 200, response.content
    design = response.json()["design"]
    fields = design["groups"][0]["fields"]
    assert [field["setting"]["result"] for field in fields[8:]] == ["text", "number", "number"]
    fields[10]["setting"] = {"formula": "{title}"}
    response = save(admin, form, design)
    assert response.status_code == 200, response.content
    design = response.json()["design"]
    fields = design["groups"][0]["fields"]
    assert fields[9]["setting"]["result"] == "text"
    fields[10]["setting"] = {"formula": "{last}"}
    assert "formula_cycle" in faults(save(admin, form, design)).values()
