"""Formulas in both designers: kept by names and tokens, shown by labels."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from forms_app.flows.publishing import flow_save
from forms_app.models import CustomForm, FieldOption, Flow
from tests.factories import add_field
from tests.forms_app.admin.conftest import FAIR, OLD, WEB
from tests.forms_app.admin.flows.flow_definitions import component, line
from tests.forms_app.admin.flows.flow_hands import called, press, setting
from tests.forms_app.admin.flows.flow_hands import open_designer as open_flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SOURCE = "label of source"
TEXTS: dict[str, tuple[str, str]] = {
    "an option": (f"IF({{source}} = {{source#{WEB}}}, 1, 0)", f"IF({{{SOURCE}}} = {{{SOURCE}#官网}}, 1, 0)"),
    "one that is disabled": (f"{{source}} <> {{source#{OLD}}}", f"{{{SOURCE}}} <> {{{SOURCE}#黄页}}"),
    "several": (
        f"IN({{source}}, {{source#{WEB}}}, {{source#{FAIR}}})",
        f"IN({{{SOURCE}}}, {{{SOURCE}#官网}}, {{{SOURCE}#展会}})",
    ),
    "a related record's": (
        f"{{leader.source}} = {{leader.source#{FAIR}}}",
        f"{{label of leader.{SOURCE}}} = {{label of leader.{SOURCE}#展会}}",
    ),
}


@pytest.fixture(params=TEXTS)
def texts(request: Any) -> tuple[str, str]:
    return TEXTS[request.param]


def open_field(page: Page, form: CustomForm, name: str) -> Locator:
    """The box of the field's formula."""
    page.goto(reverse("admin:forms_app_customform_design", args=[form.pk]))
    page.wait_for_selector("#designer[data-ready=true]")
    page.click(f"[data-name={name}] .fd-choose")
    return setting(page, "formula")


def test_a_form_s_formula_is_shown_and_written_with_labels(
    page: Page, form: CustomForm, texts: tuple[str, str]
) -> None:
    kept, shown = texts
    add_field(form, "formula", ("formula_field", {"formula": kept}))
    written = add_field(form, "written", ("formula_field", {"formula": "1"}))
    expect(open_field(page, form, "formula")).to_have_value(shown)
    page.click("[data-name=written] .fd-choose")
    setting(page, "formula").fill(shown)
    assert press(page, "save") == 200
    written.refresh_from_db()
    assert written.setting["formula"] == kept
    assert form.custom_fields.get(name="formula").setting["formula"] == kept


def test_an_option_s_new_label_is_shown_at_once_and_the_formula_stays(page: Page, form: CustomForm) -> None:
    kept = f"{{source}} = {{source#{WEB}}}"
    formula = add_field(form, "formula", ("formula_field", {"formula": kept}))
    open_field(page, form, "source")
    page.locator(".fd-option input").first.fill("线上 2.0")
    page.click("[data-name=formula] .fd-choose")
    expect(setting(page, "formula")).to_have_value(f"{{{SOURCE}}} = {{{SOURCE}#线上 2.0}}")
    assert press(page, "save") == 200
    formula.refresh_from_db()
    assert formula.setting["formula"] == kept


@pytest.mark.parametrize("label", ["a}b", "{a", "展会"])
def test_what_no_label_can_say_is_shown_by_its_token(page: Page, form: CustomForm, label: str) -> None:
    """Braces within braces, and a label that two options have."""
    kept = f"{{source}} = {{source#{WEB}}}"
    formula = add_field(form, "formula", ("formula_field", {"formula": kept}))
    FieldOption.objects.filter(custom_field__custom_form=form, value=WEB).update(label=label)
    form.save()  # a new tag
    box = open_field(page, form, "formula")
    expect(box).to_have_value(f"{{{SOURCE}}} = {{source#{WEB}}}")
    box.press("End")
    box.press_sequentially(" ")
    assert press(page, "save") == 200
    formula.refresh_from_db()
    assert formula.setting["formula"].strip() == kept


def test_a_flow_s_formulas_are_shown_and_written_with_labels(page: Page, flow: Flow, texts: tuple[str, str]) -> None:
    kept, shown = texts
    source = {
        "components": [
            component("start", "start", "开始"),
            component("which", "condition", "判断", match="first"),
            component("put", "set_field", "设置", values=[{"target": "amount", "formula": f"IF({kept}, 1, 2)"}]),
            component("end", "end", "结束"),
        ],
        "lines": [
            line("start", "which"),
            line("which", "end", default=True),
            line("which", "put", rule=f"NOT(NOT({kept}))"),
            line("put", "end"),
        ],
    }
    flow_save(flow=flow, design={"definition": source})
    open_flow(page, flow)
    called(page, "判断").click()
    expect(setting(page, "rule")).to_have_value(f"NOT(NOT({shown}))")
    setting(page, "rule").fill(f"NOT({shown})")
    called(page, "设置").click()
    expect(setting(page, "formula")).to_have_value(f"IF({shown}, 1, 2)")
    assert press(page, "save") == 200
    flow.refresh_from_db()
    assert [one["rule"] for one in flow.draft["lines"] if one.get("rule")] == [f"NOT({kept})"]
    (values,) = (one["values"] for one in flow.draft["components"] if one["id"] == "put")
    assert values == [{"target": "amount", "formula": f"IF({kept}, 1, 2)"}]
