"""服务工单: taken in, worked on, confirmed; what is not solved goes back. Files may be attached."""

from __future__ import annotations

from typing import Any

from forms_app.demo.contract_flow import asked, shown_fields
from forms_app.demo.designing import field, group

NAME = "服务工单"
DESCRIPTION = "客户报修与咨询，从受理到回访"
API_PATH = "service-desk"
ATTACHMENTS = True
VALIDATING = False

CUSTOMER = "text_1726108800101_8be6d2"
PROBLEM = "text_1726108800112_f05a93"
URGENCY = "select_1726108800123_3c7e18"
PHONE = "tel_1726108800134_ad9420"
PICTURES = "file_field_1726108800145_61fb0c"
ENGINEER = "usr_1726108800156e4"
SOLUTION = "text_area_1726108800167_92d8a7"
SOLVED = "boolean_1726108800178_0e3bc5"

URGENCIES = (
    ("uT5cW9eZQ1mHk2rXo7yBsg==", "一般"),
    ("N8vJd4pLTgCq6fRx0wEiZA==", "紧急"),
    ("b2SgY7hMRnKt1zUa5oVcPQ==", "特急"),
)

DESIGN: dict[str, Any] = {
    "name": "服务工单",
    "description": "客户报修与咨询",
    "primary_field": PROBLEM,
    "groups": [
        group(
            "问题",
            field(CUSTOMER, "text_field", "客户"),
            field(PROBLEM, "text_field", "问题描述", required=True),
            field(URGENCY, "select_field", "紧急程度", URGENCIES),
            field(PHONE, "tel_field", "联系电话"),
            field(PICTURES, "file_field", "现场照片"),
        ),
        group(
            "处理",
            field(ENGINEER, "user_field", "工程师"),
            field(SOLUTION, "text_area", "处理结果"),
            field(SOLVED, "boolean_field", "已解决"),
        ),
    ],
    "tabs": [],
}

DEFINITION: dict[str, Any] = {
    "components": [
        {
            "id": "start",
            "type": "start",
            "name": "报修",
            "fields": [asked(name) for name in (CUSTOMER, PROBLEM, URGENCY, PHONE, PICTURES)],
        },
        {
            "id": "accept",
            "type": "human_input",
            "name": "受理",
            "fields": [*shown_fields(CUSTOMER, PROBLEM, PHONE, PICTURES), asked(URGENCY), asked(ENGINEER)],
            "assignees": {"departments": [1]},
        },
        {
            "id": "work",
            "type": "human_input",
            "name": "处理",
            "fields": [
                *shown_fields(CUSTOMER, PROBLEM, URGENCY, PHONE, PICTURES, ENGINEER),
                asked(SOLUTION, required=True),
            ],
            "assignees": {"departments": [3], "fields": [ENGINEER]},
        },
        {
            "id": "confirm",
            "type": "human_input",
            "name": "回访确认",
            "fields": [*shown_fields(CUSTOMER, PROBLEM, PHONE, SOLUTION), asked(SOLVED, required=True)],
            "assignees": {"members": [1], "creator": True},
            "actions": [
                {"name": "已解决", "values": [{"target": SOLVED, "value": True}]},
                {"name": "未解决", "values": [{"target": SOLVED, "value": False}]},
            ],
        },
        {"id": "solved", "type": "condition", "name": "是否解决", "match": "last"},
        {"id": "end", "type": "end", "name": "工单关闭"},
    ],
    "lines": [
        {"source": "start", "target": "accept"},
        {"source": "accept", "target": "work"},
        {"source": "work", "target": "confirm"},
        {"source": "confirm", "target": "solved"},
        {"source": "solved", "target": "end", "rule": f"{{{SOLVED}}}"},
        {"source": "solved", "target": "work", "default": True},
    ],
}

VALUES: dict[str, Any] = {
    PROBLEM: "登录后页面空白",
    CUSTOMER: "杭州云帆数字营销",
    URGENCY: URGENCIES[1][0],
    PHONE: "0571-88001234",
}
BAD_VALUES: dict[str, Any] = {CUSTOMER: "杭州云帆数字营销", PROBLEM: ""}
STAGE_VALUES: dict[str, dict[str, Any]] = {
    "受理": {ENGINEER: '[{"uid": 1}]'},
    "处理": {SOLUTION: "清除浏览器缓存后恢复"},
    "回访确认": {SOLVED: "true"},
}
