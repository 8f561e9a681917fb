"""The forms that are measured: their fields, the SQL that fills one with a million records, and what a client sends."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

FORM = 1
ORGANIZATION = 1
MEMBERS = 20
TOKEN = "apaas_benchmark"
"""Of a server that listens on 127.0.0.1 for as long as it is measured."""

CHARACTERS = "".join(chr(0x4E00 + 7 * place) for place in range(360))
"""Any two of them follow one another in 13 / 360² of the titles: about 100 of 1,000,000."""
TITLE_LENGTH = 14
QUANTITIES = 100_000
SENTENCES = (
    "客户希望下周安排一次现场演示。",
    "已发送报价单，等待对方财务确认。",
    "合同条款需要法务部门再次审核。",
    "对方采购负责人更换，需重新建立联系。",
    "交付时间推迟到下个月初。",
    "现场实施人员反馈网络环境复杂。",
    "希望增加移动端审批的功能。",
    "预算已批准，进入招标流程。",
)
WORDS = ("华东", "远景", "锦程", "宏达", "天工", "新海", "瑞丰", "博雅", "智联", "同创", "金桥", "北辰")
ENDINGS = ("有限公司", "股份公司", "研究院", "事务所", "贸易行", "工程队")
SURNAMES = ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴")
UTC = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""


def tokens(name: str, count: int) -> tuple[str, ...]:
    """The option tokens of a choice field: the same in every run."""
    digests = [hashlib.md5(f"{name}/{place}".encode(), usedforsecurity=False).digest() for place in range(count)]
    return tuple(base64.b64encode(digest).decode() for digest in digests)


@dataclass(frozen=True)
class Field:
    """A field: `sql` gives its stored value for record `i`, created at `t`; `sent` what a client sends, and None for
    one that a create leaves out. `indexed`: its form has the index that the type wishes for first."""

    name: str
    field_type: str
    label: str
    sql: str
    sent: Callable[[Random], Any] | None = None
    indexed: bool = False
    options: int = 0
    setting: tuple[tuple[str, Any], ...] = ()

    @property
    def tokens(self) -> tuple[str, ...]:
        return tokens(self.name, self.options)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def one_of(values: Sequence[str]) -> str:
    """SQL for any of these texts."""
    return f"(ARRAY[{', '.join(map(quoted, values))}])[1 + floor(random() * {len(values)})::int]"


def below(limit: int) -> str:
    """SQL for a whole number from 0 to below the limit."""
    return f"floor(random() * {limit})::int"


def moment(days: int, after: int = 0) -> str:
    """SQL for the stored text of a time within so many days of the record's creation, `after` so many."""
    return f"to_char((t + interval '{after} days' + random() * interval '{days} days') AT TIME ZONE 'UTC', {UTC})"


def day(days: int) -> str:
    return f"to_char(t + random() * interval '{days} days', 'YYYY-MM-DD')"


def a_character() -> str:
    """SQL for any of CHARACTERS: many times as fast as looking one up."""
    return f"chr({ord(CHARACTERS[0])} + {ord(CHARACTERS[1]) - ord(CHARACTERS[0])} * {below(len(CHARACTERS))})"


TITLE = f"{' || '.join([a_character()] * TITLE_LENGTH)} || {one_of(ENDINGS)}"


def title(random: Random) -> str:
    return "".join(random.choices(CHARACTERS, k=TITLE_LENGTH)) + random.choice(ENDINGS)


def a_time(random: Random) -> str:
    return f"2025-{random.randint(1, 12):02}-{random.randint(1, 28):02} {random.randint(0, 23):02}:30:00"


def choice(
    name: str, label: str, count: int, written: bool = True, field_type: str = "select_field", **more: Any
) -> Field:
    values = tokens(name, count)
    sent = (lambda random: random.choice(values)) if written else None
    return Field(name, field_type, label, one_of(values), sent, options=count, **more)


def several(name: str, label: str, count: int) -> Field:
    values = tokens(name, count)
    first = below(count - 1)
    array = f"(ARRAY[{', '.join(map(quoted, values))}])"
    # `0 * i`: a subquery that does not hang on the row would be computed once for all.
    stored = f"(SELECT to_jsonb({array}[n + 1 : n + 2]) FROM (SELECT {first} + 0 * i AS n) place)"
    return Field(name, "multi_select", label, stored, lambda random: random.sample(values, 2), options=count)


def people(name: str, label: str, written: bool) -> Field:
    sent = (lambda random: [{"uid": random.randint(1, MEMBERS)}]) if written else None
    return Field(name, "user_field", label, f"jsonb_build_array(1 + {below(MEMBERS)})", sent)


RECORD = (
    Field(
        "number",
        "auto_number_field",
        "编号",
        "'KH-' || lpad(i::text, 8, '0')",
        setting=(("prefix", "KH-"), ("digits", 8), ("mode", "fast")),
    ),
    Field("title", "text_field", "标题", TITLE, title, indexed=True),
    Field(
        "company",
        "text_field",
        "公司",
        f"{one_of(WORDS)} || {one_of(WORDS)} || {one_of(ENDINGS)}",
        lambda random: random.choice(WORDS) + random.choice(WORDS) + random.choice(ENDINGS),
    ),
    Field(
        "contact",
        "text_field",
        "联系人",
        f"{one_of(SURNAMES)} || {one_of(WORDS)}",
        lambda random: random.choice(SURNAMES) + random.choice(WORDS),
    ),
    Field(
        "remark",
        "text_area",
        "备注",
        " || ".join([one_of(SENTENCES)] * 3),
        lambda random: "".join(random.choices(SENTENCES, k=3)),
    ),
    Field("note", "text_area", "内部说明", " || ".join([one_of(SENTENCES)] * 2)),
    Field(
        "email",
        "email_field",
        "邮箱",
        f"'buyer' || {below(10**6)} || '@example.com'",
        lambda random: f"buyer{random.randrange(10**6)}@example.com",
    ),
    Field(
        "mobile",
        "mobile_field",
        "手机",
        f"'138' || lpad(({below(10**8)})::text, 8, '0')",
        lambda random: f"138{random.randrange(10**8):08}",
    ),
    Field("website", "url_field", "网址", f"'https://www.example.com/c/' || {below(10**6)}"),
    choice("status", "状态", 8, indexed=True),
    choice("source", "来源", 6),
    choice("level", "等级", 4),
    choice("region", "大区", 12, field_type="select2_field"),
    choice("stage", "阶段", 6, written=False),
    choice("kind", "类别", 5),
    several("tags", "标签", 8),
    Field(
        "amount",
        "currency_field",
        "金额",
        "round((random() * 1000000)::numeric, 2)",
        lambda random: round(random.uniform(0, 10**6), 2),
        indexed=True,
    ),
    Field(
        "quantity",
        "integer_field",
        "数量",
        below(QUANTITIES),
        lambda random: random.randrange(QUANTITIES),
        indexed=True,
        setting=(("strict", True),),
    ),
    Field("score", "integer_field", "评分", f"100 + {below(900)}", lambda random: random.randint(100, 999)),
    Field(
        "discount",
        "float_field",
        "折扣",
        "round((0.5 + random() / 2)::numeric, 3)",
        lambda random: round(random.uniform(0.5, 1), 3),
    ),
    Field("weight", "float_field", "重量", "round((random() * 100)::numeric, 2)"),
    Field("due", "datetime_field", "截止时间", moment(60), a_time, indexed=True),
    Field("contacted", "datetime_field", "联系时间", moment(10)),
    Field("signed", "date_field", "签约日期", day(90), lambda random: a_time(random)[:10]),
    Field("shipped", "date_field", "发货日期", day(120)),
    Field("service", "datetime_range_field", "服务时间", f"jsonb_build_array({moment(10)}, {moment(400, after=10)})"),
    Field("key_account", "boolean_field", "重点客户", "random() < 0.1", lambda random: random.random() < 0.1),
    Field("invoiced", "boolean_field", "已开票", "random() < 0.5"),
    people("keeper", "负责人", written=True),
    people("team", "参与人", written=False),
)
"""30 fields, 20 of them sent with a create; indexes on a choice, two numbers, a time, and one of grams."""

SMALL = (
    Field("title", "text_field", "标题", TITLE, title, indexed=True),
    choice("status", "状态", 8, indexed=True),
    several("tags", "标签", 8),
    Field(
        "quantity",
        "integer_field",
        "数量",
        below(QUANTITIES),
        lambda random: random.randrange(QUANTITIES),
        indexed=True,
    ),
    Field(
        "amount",
        "currency_field",
        "金额",
        "round((random() * 1000000)::numeric, 2)",
        lambda random: round(random.uniform(0, 10**6), 2),
        indexed=True,
    ),
    Field("due", "datetime_field", "截止时间", moment(60), a_time, indexed=True),
    Field("signed", "date_field", "签约日期", day(90), lambda random: a_time(random)[:10], indexed=True),
    Field(
        "key_account", "boolean_field", "重点客户", "random() < 0.1", lambda random: random.random() < 0.1, indexed=True
    ),
)
"""8 fields, all of them indexed and sent: one form of hundreds."""


def design(fields: Sequence[Field], name: str) -> dict[str, Any]:
    """The form's design, in the shape that the product's `form_design` takes."""
    return {
        "name": name,
        "primary_field": "title",
        "groups": [
            {
                "label": "基本信息",
                "fields": [
                    {
                        "name": field.name,
                        "field_type": field.field_type,
                        "label": field.label,
                        "setting": dict(field.setting),
                        "options": [
                            {"value": token, "label": f"{field.label} {place}"}
                            for place, token in enumerate(field.tokens, 1)
                        ],
                    }
                    for field in fields
                ],
            }
        ],
    }


def values(fields: Sequence[Field], random: Random) -> dict[str, Any]:
    """The values of a new record, as a client sends them."""
    return {field.name: field.sent(random) for field in fields if field.sent}


def insert(fields: Sequence[Field], form_id: int, count: int) -> str:
    """SQL for records 1 to `count` of a form, as services would have stored them: created evenly over two years,
    most changed soon afterwards."""
    data = ", ".join(f"'{field.name}', {field.sql}" for field in fields)
    return f"""
    INSERT INTO form_entity (custom_form_id, id, app_id, organization_id, owner_uid, data, created_at, updated_at)
    SELECT {form_id}, i, 1, {ORGANIZATION}, 1 + {below(MEMBERS)}, jsonb_build_object({data}), t,
           date_trunc('milliseconds', t + random() ^ 6 * interval '30 days')
    FROM generate_series(1, {count}) i,
    LATERAL (SELECT timestamptz '2025-06-01' - interval '2 years' * (1 - i / {count}.0) AS exact) even,
    LATERAL (SELECT date_trunc('milliseconds', exact) AS t) made
    """
