"""Form 2, 客户档案: every field name of the document's samples, and a field of each type that they lack."""

from __future__ import annotations

from typing import Any

from forms_app.demo.designing import field, group, tab
from forms_app.demo.further_types import further_fields

# The document's names and tokens, to the letter.
CUSTOMER = "text_1691116775689_fb4558"
SHORT_NAME = "text_1691116765689_fe4558"
NEED = "text_1691116765689_fe45581"
SUMMARY = "text_1691474633936_f856b9"
SOURCE = "select_1691125929052_d05a00"
PRODUCTS = "multi_select_1691562342042_e0b50f"
INDUSTRY = "nest_2324013095370acf"
REGISTERED = "address_select_1692266369719_510d42"
OFFICE = "address_select_1692580744482_e108c6"
LOCATION = "geo_address_1692673349914_fc5d81"
SERVICE = "datetime_range_field_1692266369719_513d41"
FILES = "file_field_1692266369719_123d41"
SEATS = "integer_field_1692266369719_578e31"
COLLEAGUES = "usr_23269095707e8"
DEPARTMENTS = "dept_232691000022d"
LEAD = "cu_rela_2324018421118"
DOCUMENT_SOURCE = "H6Qq/ojoIFNyICUXzx3UOw=="
DOCUMENT_PRODUCTS = ("qxjjDA3ECTzu2olh+sPR9A==", "QpbX0pPJ6koOUsZBXwtclg==")
DOCUMENT_INDUSTRY = ("60943MKVMq0Erpe9dUdV7w==", "WkFg1hVKiht2xdOjfhlpqQ==")

# Ours, made like them.
NUMBER = "auto_number_1691116775702_0a71c2"
STAGE = "select2_1691125929060_4be1d7"
KEY_ACCOUNT = "boolean_1691125929071_90c3fa"
EMAIL = "email_1691562342050_1c58ee"
MOBILE = "mobile_1691562342061_7d20b4"
TEL = "tel_1691562342072_c6f913"
URL = "url_1691562342083_58a0de"
BUDGET = "currency_1692266369730_e7b265"
DISCOUNT = "float_1692266369741_23c9a8"
EXPECTED = "formula_1692266369752_b14f06"
NEXT_CALL = "datetime_1692266369763_6f8d3b"
FIRST_CONTACT = "date_1692266369774_a95e20"
NOTES = "text_area_1692580744490_3d7bc4"

SOURCES = (
    (DOCUMENT_SOURCE, "官网咨询"),
    ("zmo0KF8SGEikPXiPEUasMQ==", "老客户转介绍"),
    ("45FtyYPMG+pKZiNJiqgnew==", "行业展会"),
    ("FJLeung3EkVTfA0n+vzxDQ==", "电话营销"),
    ("opeylylK6foU+4cm8Gapfg==", "线下活动"),
    ("iODhlIUwgErBM9XzA9yNzA==", "电话黄页"),
)
PRODUCT_OPTIONS = (
    (DOCUMENT_PRODUCTS[0], "客户管理系统"),
    (DOCUMENT_PRODUCTS[1], "营销自动化"),
    ("PY3RxwHbcbNUOxtNcPH6lg==", "智能客服"),
    ("ntJBrWG0g/L8gqbX2ndOEw==", "工单系统"),
    ("tsrmD9Q+9D+0Fo4BBHe/fw==", "数据看板"),
    ("mh385hh5UN7DO1M8TeBjYg==", "定制开发"),
)
STAGES = (
    ("g2pY59BPq3cNlblZjwPwPA==", "初步接触"),
    ("Wf6JXdjZB+0VEZLCsIDRag==", "需求确认"),
    ("SthUoLIATeJ51HnGXRAArA==", "方案报价"),
    ("ko+gkUvOlXPLi9Y9Vbj1Pw==", "合同谈判"),
    ("dNdouqZ9eBW5FnUhhP22qg==", "已成交"),
    ("T0uY6LqvzN1iDGt42OPKew==", "已流失"),
)
INDUSTRIES = (
    (DOCUMENT_INDUSTRY[0], "信息技术"),
    (DOCUMENT_INDUSTRY[1], "软件和信息服务", DOCUMENT_INDUSTRY[0]),
    ("c2wx56OJjFv4KR4QuQAljA==", "电子与通信设备", DOCUMENT_INDUSTRY[0]),
    ("IYy4ybJafht6S9C93LbqsA==", "制造业"),
    ("vyahhHd7EgR06mp2qwTWBQ==", "装备制造", "IYy4ybJafht6S9C93LbqsA=="),
    ("kcdmxoBLz01Ij71PQ5LQDA==", "食品饮料", "IYy4ybJafht6S9C93LbqsA=="),
    ("FayOZ4wILQjoXa3MgXG9+w==", "商贸流通"),
    ("VNi4BR/mfGdnc+lRDMpdfg==", "批发", "FayOZ4wILQjoXa3MgXG9+w=="),
    ("wXsBl9lw06p7CgkLApsH8Q==", "零售连锁", "FayOZ4wILQjoXa3MgXG9+w=="),
)
DISABLED_OPTIONS = ((SOURCE, "iODhlIUwgErBM9XzA9yNzA=="), (PRODUCTS, "mh385hh5UN7DO1M8TeBjYg=="))
"""(field, token) of what can't be chosen any more."""

DESIGN: dict[str, Any] = {
    "name": "客户档案",
    "description": "客户的基本信息、商机与跟进情况",
    "primary_field": CUSTOMER,
    "groups": [
        group(
            "基本信息",
            field(CUSTOMER, "text_field", "客户名称"),
            field(SHORT_NAME, "text_field", "客户简称"),
            field(NUMBER, "auto_number_field", "客户编号", prefix="KH-", date_pattern="YYYYMMDD", reset="day"),
            field(SOURCE, "select_field", "客户来源", SOURCES),
            field(INDUSTRY, "nested_select", "所属行业", INDUSTRIES),
            field(STAGE, "select2_field", "跟进阶段", STAGES),
            field(KEY_ACCOUNT, "boolean_field", "重点客户"),
        ),
        group(
            "联系方式",
            field(EMAIL, "email_field", "邮箱"),
            field(MOBILE, "mobile_field", "手机"),
            field(TEL, "tel_field", "办公电话"),
            field(URL, "url_field", "官方网站"),
            field(REGISTERED, "address_select", "注册地址"),
            field(OFFICE, "address_select", "办公地址"),
            field(LOCATION, "geo_address", "定位"),
        ),
        group(
            "商机",
            field(NEED, "text_field", "需求描述"),
            field(PRODUCTS, "multi_select", "意向产品", PRODUCT_OPTIONS),
            # The document sends an integer field a fraction, so it is not strict.
            field(SEATS, "integer_field", "使用人数"),
            field(BUDGET, "currency_field", "预算金额"),
            field(DISCOUNT, "float_field", "折扣"),
            field(
                EXPECTED, "formula_field", "预计成交金额", formula=f"{{{BUDGET}}} * {{{DISCOUNT}}}", decimal_places=2
            ),
            field(SERVICE, "datetime_range_field", "服务起止时间"),
        ),
        group(
            "跟进",
            field(SUMMARY, "text_field", "跟进摘要"),
            field(FIRST_CONTACT, "date_field", "首次联系日期"),
            field(NEXT_CALL, "datetime_field", "下次跟进时间"),
            field(COLLEAGUES, "user_field", "协作人"),
            field(DEPARTMENTS, "department_field", "协作部门"),
            field(LEAD, "relation_field", "关联推广线索", form=23),
            field(FILES, "file_field", "附件"),
            field(NOTES, "text_area", "备注"),
        ),
    ],
    "tabs": [
        tab(
            "high_value",
            "高价值客户",
            [{"name": BUDGET, "op": "within", "value": [300000, None]}],
            [{BUDGET: "desc"}],
        ),
        tab(
            "to_follow",
            "跟进中",
            [{"name": STAGE, "op": "in", "value": [token for token, _label in STAGES[:4]]}],
            [{NEXT_CALL: "asc"}],
        ),
        tab(
            "august_2023",
            "2023年8月新增",
            [{"name": "created_at", "op": "within", "value": ["2023-08-01", "2023-08-31"]}],
            [{"created_at": "desc"}],
        ),
    ],
}

FURTHER = further_fields(DESIGN["groups"])
if FURTHER:
    DESIGN["groups"].append(group("更多", *FURTHER))
