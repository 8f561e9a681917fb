"""Rules that are clicked together: each kind of field has its own input, and a ticket follows what is clicked."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forms_app.flows.compiled import CompiledFlow
from forms_app.flows.language import read_definition
from forms_app.flows.publishing import flow_faults, flow_save
from forms_app.models import CustomForm, Flow, Member
from forms_app.schema.form_schema import build_schema
from forms_app.tickets.pushing import ticket_open
from tests.factories import actor_of
from tests.flows import standing
from tests.forms_app.admin.conftest import FAIR, OLD, WEB
from tests.forms_app.admin.flows.flow_definitions import component, line
from tests.forms_app.admin.flows.flow_hands import called, open_designer, press, setting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WRITTEN = """async ([columns, rules]) => {
    const { read, write } = await import("/static/forms_app/flow/rule_formula.js");
    const known = new Map(columns.map((column) => [column.name, column]));
    return rules.map((rule) => {
        const text = write(rule, known);
        return [text, JSON.stringify(read(text, known)) === JSON.stringify(rule)];
    });
}"""
READ = """async ([columns, texts]) => {
    const { read } = await import("/static/forms_app/flow/rule_formula.js");
    const known = new Map(columns.map((column) => [column.name, column]));
    return texts.map((text) => read(text, known) !== null);
}"""
CLAUSES: tuple[tuple[str, str, Any, str], ...] = (
    ("title", "=", 'a "b"', '{title} = "a ""b"""'),
    ("title", "NOT CONTAINS", "x", 'NOT(CONTAINS({title}, "x"))'),
    ("title", "STARTSWITH", "GD", 'STARTSWITH({title}, "GD")'),
    ("amount", ">=", "-1.5", "{amount} >= -1.5"),
    ("amount", "ISBLANK", "", "ISBLANK({amount})"),
    ("source", "<>", WEB, f"{{source}} <> {{source#{WEB}}}"),
    ("source", "IN", [WEB, FAIR], f"IN({{source}}, {{source#{WEB}}}, {{source#{FAIR}}})"),
    ("source", "NOT IN", [FAIR], f"NOT(IN({{source}}, {{source#{FAIR}}}))"),
    ("starts", "<", "2024-02-29T08:05", "{starts} < DATETIME(2024, 2, 29, 8, 5)"),
    ("people", "INCLUDES", "4", "INCLUDES({people}, 4)"),
    ("people", "NOT INCLUDES", "4", "NOT(INCLUDES({people}, 4))"),
    ("leader", "NOT ISBLANK", "", "NOT(ISBLANK({leader}))"),
    ("papers", "ISBLANK", "", "ISBLANK({papers})"),
    ("total", "<=", "7", "{total} <= 7"),
    ("$day", ">", "2024-02-09", "{$day} > DATE(2024, 2, 9)"),
    ("$ok", "=", False, "{$ok} = FALSE"),
    ("$creator", "=", "1", "{$creator} = 1"),
)
KNOWN = [{"name": "$day", "kind": "date"}, {"name": "$ok", "kind": "boolean"}]


def branching() -> dict[str, Any]:
    """A start that leads to a condition without rules, and three stages to lead to."""
    stages = [
        component(name, "human_input", label) for name, label in (("big", "大额"), ("web", "线上"), ("rest", "其余"))
    ]
    return {
        "components": [
            component("start", "start", "开始"),
            component("which", "condition", "判断", match="first"),
            *stages,
            component("end", "end", "结束"),
        ],
        "lines": [
            line("start", "which"),
            line("which", "rest", default=True),
            line("which", "big", rule=""),
            line("which", "web", rule=""),
            *(line(one["id"], "end") for one in stages),
        ],
    }


def columns_of(page: Page) -> list[dict[str, Any]]:
    """The fields as the page knows them, the variables of `KNOWN` and who opened the ticket."""
    found: list[dict[str, Any]] = page.evaluate(
        "JSON.parse(document.getElementById('designer-data').textContent)"
        ".fields.map((field) => ({...field, people: field.picks}))"
    )
    return [*found, *KNOWN, {"name": "$creator", "kind": "number", "people": "member"}]


def test_a_clicked_rule_is_saved_published_and_followed_by_a_ticket(
    page: Page, flow: Flow, form: CustomForm, alice: Member
) -> None:
    flow_save(flow=flow, design={"definition": branching()})
    open_designer(page, flow)
    called(page, "判断").click()
    first, second = page.locator(".fl-rule").nth(0), page.locator(".fl-rule").nth(1)
    first.locator("[data-setting=clause-field]").select_option("amount")
    expect(first.locator("[data-setting=clause-value]")).to_have_attribute("type", "number")
    first.locator("[data-setting=clause-operator]").select_option(">")
    first.locator("[data-setting=clause-value]").fill("1000")
    first.locator("[data-do=add-clause]").click()
    first.locator("[data-setting=clause-field]").nth(1).select_option("people")
    first.locator("[data-setting=clause-operator]").nth(1).select_option("NOT ISBLANK")
    second.locator("[data-setting=clause-field]").select_option("source")
    expect(second.locator("[data-setting=clause-value] option")).to_have_text(["官网", "展会"])
    second.locator("[data-setting=clause-operator]").select_option("IN")
    second.locator("[data-setting=clause-value] label", has_text="展会").click()
    assert press(page, "publish") == 200
    flow.refresh_from_db()
    rules = [one["rule"] for one in flow.draft["lines"] if one.get("rule")]
    chosen = f"IN({{source}}, {{source#{WEB}}}, {{source#{FAIR}}})"
    assert rules == ["AND({amount} > 1000, NOT(ISBLANK({people})))", chosen]
    people = [{"uid": alice.uid}]
    for values, stage in (
        ({"amount": 2000, "people": people, "source": WEB}, "大额"),
        ({"amount": 2000, "source": FAIR}, "线上"),
        ({"amount": 10, "people": people}, "其余"),
    ):
        ticket = ticket_open(flow=flow, values=values, actor=actor_of(alice))
        assert standing(ticket.id) == {stage: "waiting"}
    page.reload()
    page.wait_for_selector("#designer[data-ready=true]")
    called(page, "判断").click()
    expect(page.locator(".fl-rule [data-setting=joined]")).to_have_value("all")
    expect(page.locator(".fl-clause")).to_have_count(3)


def test_a_disabled_option_is_offered_only_where_it_is_chosen(page: Page, flow: Flow) -> None:
    source = branching()
    for one, op in zip((one for one in source["lines"] if "rule" in one), ("=", "<>"), strict=True):
        one["rule"] = f"{{source}} {op} {{source#{OLD if op == '=' else WEB}}}"
    flow_save(flow=flow, design={"definition": source})
    open_designer(page, flow)
    called(page, "判断").click()
    options = page.locator("[data-setting=clause-value]")
    expect(options.nth(0).locator("option")).to_have_text(["官网", "展会", "黄页"])
    expect(options.nth(0)).to_have_value(OLD)
    expect(options.nth(1).locator("option")).to_have_text(["官网", "展会"])


def test_each_kind_of_clause_is_a_formula_that_is_true_or_false_and_is_read_again(
    page: Page, flow: Flow, form: CustomForm
) -> None:
    open_designer(page, flow)
    columns = columns_of(page)
    rules = [
        {"any": False, "clauses": [{"path": path, "op": op, "value": value}]} for path, op, value, _text in CLAUSES
    ]
    rules.append({"any": True, "clauses": [rule["clauses"][0] for rule in rules[:3]]})  # type: ignore[index]
    answers = page.evaluate(WRITTEN, [columns, rules])
    assert [text for text, _same in answers[:-1]] == [text for *_clause, text in CLAUSES]
    assert [text for text, same in answers if not same] == []
    variables = [{"name": "day", "kind": "date"}, {"name": "ok", "kind": "boolean"}]
    definition = {"components": [component("start", "start", variables=variables)], "lines": []}
    compiled = CompiledFlow(read_definition(definition), build_schema(form.pk))
    for text, _same in answers:
        assert str(compiled.formula(text).result) == "boolean", text


def test_what_says_more_than_clauses_stays_a_formula(page: Page, flow: Flow) -> None:
    open_designer(page, flow)
    columns = columns_of(page)
    texts = [
        "{amount} * 2 > 1",
        "OR({amount} > 1, AND({amount} < 0, TRUE))",
        '{source} = "没有"',
        "{gone} = 1",
        "{amount}",
        '{title} > "a"',
        "TODAY() > {starts}",
        "{starts} = DATE(2024, 1, 1)",
        "{amount} > 1 {amount}",
        "IN({source}",
    ]
    assert page.evaluate(READ, [columns, texts]) == [False] * len(texts)
    kept = ["", " {amount}>=1 ", "and({amount} > 1, not(isblank({title})))", "{amount} != 1", '{source} = "展会"']
    assert page.evaluate(READ, [columns, kept]) == [True] * len(kept)


def test_a_rule_lacks_its_value_until_it_is_given(page: Page, flow: Flow) -> None:
    flow_save(flow=flow, design={"definition": branching()})
    open_designer(page, flow)
    called(page, "判断").click()
    page.locator(".fl-rule").nth(0).locator("[data-setting=clause-field]").select_option("title")
    assert press(page, "save") == 200
    flow.refresh_from_db()
    assert [fault.code for fault in flow_faults(flow=flow, definition=flow.draft)] == ["rule_needed", "formula"]
    # Another rule goes with its way.
    page.locator(".fl-rule header .fd-icon").last.click()
    expect(page.locator(".fl-rule")).to_have_count(1)
    expect(called(page, "线上")).to_have_count(0)
    setting(page, "clause-value").fill("急")
    assert press(page, "save") == 200
    flow.refresh_from_db()
    assert flow_faults(flow=flow, definition=flow.draft) == []
