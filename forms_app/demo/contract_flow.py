"""合同评审: the start validates, law and finance judge side by side, the flow writes the verdict."""

from __future__ import annotations

from typing import Any

from forms_app.demo.designing import field, group

NAME = "合同评审"
DESCRIPTION = "法务与财务同时评审，两边都同意才算通过"
API_PATH = "contract-review"
ATTACHMENTS = False
VALIDATING = True

TITLE = "text_1726022400101_5c1d7e"
CUSTOMER = "text_1726022400112_09ab44"
AMOUNT = "currency_1726022400123_e3f081"
SIGNED = "date_1726022400134_77c2b6"
LEGAL = "select_1726022400145_4f90ad"
LEGAL_NOTE = "text_area_1726022400156_b8125e"
FINANCE = "select_1726022400167_21d3c9"
FINANCE_NOTE = "text_area_1726022400178_6ea7f0"
VERDICT = "select2_1726022400189_d4086b"

AGREED = {LEGAL: "Q0Hr7mZ0Tn6yJcPqkQxw1A==", FINANCE: "m2pV0sK1RrCkq9hQe8yJYA=="}
OPINIONS = {
    LEGAL: ((AGREED[LEGAL], "同意"), ("f3a1N5b0QzKc2rVd7sXeTg==", "不同意")),
    FINANCE: ((AGREED[FINANCE], "同意"), ("Xw8uJ2c4SPyB6tLh0nMqZQ==", "不同意")),
}
PASSED = "a7Rk2mVtTpGd5wYx9sZcEA=="
FAILED = "k1Lh6pQbRjCf3nUe0oXvDw=="

DESIGN: dict[str, Any] = {
    "name": "合同评审单",
    "description": "提交评审的合同",
    "primary_field": TITLE,
    "groups": [
        group(
            "合同",
            field(TITLE, "text_field", "合同名称", required=True),
            field(CUSTOMER, "text_field", "客户"),
            field(AMOUNT, "currency_field", "合同金额", required=True),
            field(SIGNED, "date_field", "计划签约日期"),
        ),
        group(
            "评审",
            field(LEGAL, "select_field", "法务意见", OPINIONS[LEGAL]),
            field(LEGAL_NOTE, "text_area", "法务说明"),
            field(FINANCE, "select_field", "财务意见", OPINIONS[FINANCE]),
            field(FINANCE_NOTE, "text_area", "财务说明"),
            field(VERDICT, "select2_field", "评审结果", ((PASSED, "通过"), (FAILED, "未通过"))),
        ),
    ],
    "tabs": [],
}


def shown_fields(*names: str) -> list[dict[str, Any]]:
    """Fields that a stage shows, not to be changed there."""
    return [{"name": name, "access": "read"} for name in names]


def asked(name: str, required: bool = False) -> dict[str, Any]:
    """A field that a stage lets be written."""
    return {"name": name, "access": "write", "required": required}


def opinion(id: str, name: str, members: list[int], verdict: str, note: str) -> dict[str, Any]:
    """One of the two stages."""
    return {
        "id": id,
        "type": "human_input",
        "name": name,
        "fields": [*shown_fields(TITLE, CUSTOMER, AMOUNT, SIGNED), asked(verdict, required=True), asked(note)],
        "assignees": {"members": members},
        "actions": [
            {"name": "同意", "values": [{"target": verdict, "formula": '"同意"'}]},
            {"name": "不同意", "values": [{"target": verdict, "formula": '"不同意"'}]},
        ],
    }


DEFINITION: dict[str, Any] = {
    "components": [
        {
            "id": "start",
            "type": "start",
            "name": "提交评审",
            "fields": [asked(TITLE), asked(CUSTOMER), asked(AMOUNT), asked(SIGNED)],
            "validation": {"formula": f"{{{AMOUNT}}} > 0", "message": "合同金额必须大于零"},
        },
        {"id": "both", "type": "parallel", "name": "同时评审"},
        opinion("legal", "法务评审", [1, 2], LEGAL, LEGAL_NOTE),
        opinion("finance", "财务评审", [1, 3], FINANCE, FINANCE_NOTE),
        {"id": "together", "type": "collection", "name": "汇总意见"},
        {"id": "decision", "type": "condition", "name": "是否通过", "match": "first"},
        {"id": "passed", "type": "set_field", "name": "记为通过", "values": [{"target": VERDICT, "value": PASSED}]},
        {"id": "failed", "type": "set_field", "name": "记为未通过", "values": [{"target": VERDICT, "value": FAILED}]},
        {"id": "end", "type": "end", "name": "评审结束"},
    ],
    "lines": [
        {"source": "start", "target": "both"},
        {"source": "both", "target": "legal"},
        {"source": "both", "target": "finance"},
        {"source": "legal", "target": "together"},
        {"source": "finance", "target": "together"},
        {"source": "together", "target": "decision"},
        {"source": "decision", "target": "passed", "rule": f'AND({{{LEGAL}}} = "同意", {{{FINANCE}}} = "同意")'},
        {"source": "decision", "target": "failed", "default": True},
        {"source": "passed", "target": "end"},
        {"source": "failed", "target": "end"},
    ],
}

VALUES = {
    TITLE: "客户管理系统采购合同",
    CUSTOMER: "上海微问家信息科技有限公司",
    AMOUNT: "128000.50",
    SIGNED: "2026-12-01",
}
BAD_VALUES = {**VALUES, AMOUNT: "-1"}
STAGE_VALUES = {
    "法务评审": {LEGAL: AGREED[LEGAL], LEGAL_NOTE: "条款无异议"},
    "财务评审": {FINANCE: AGREED[FINANCE], FINANCE_NOTE: "付款节点可行"},
}
