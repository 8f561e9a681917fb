"""Form 3, 报价测算单: what the document evaluates a formula of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from forms_app.demo import leads
from forms_app.demo.designing import field, group
from forms_app.demo.records import Record

NAME = "text_1691116775689_fb4558"
PRICE = "float_1691116765689_fe45581"
QUANTITY = "integer_1691125929052_d05a00"
LEAD = "cu_rela_2324018421118"
TOTAL = "text_169111676456_af4re5t"

DESIGN: dict[str, Any] = {
    "name": "报价测算单",
    "description": "本单金额加上所关联线索的推广费用",
    "primary_field": NAME,
    "groups": [
        group(
            "测算",
            field(NAME, "text_field", "测算单名称"),
            field(PRICE, "float_field", "单价"),
            # The document sends it a fraction, so it is not strict.
            field(QUANTITY, "integer_field", "数量"),
            field(LEAD, "relation_field", "关联线索", form=23),
            field(
                TOTAL,
                "formula_field",
                "合计金额",
                formula=f"{{{PRICE}}} * {{{QUANTITY}}} + {{{LEAD}.{leads.PRICE}}} * {{{LEAD}.{leads.QUANTITY}}}",
            ),
        )
    ],
}


def records() -> Iterator[Record]:
    """Record 1, the only one."""
    made = timezone.make_aware(datetime(2023, 8, 4, 14, 17, 15, 82000))
    values = {NAME: "八月推广测算", PRICE: Decimal("12.5"), QUANTITY: 20, LEAD: {"value": 1}}
    yield Record(1, 1, made, made, values)
