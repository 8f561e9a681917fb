"""Form 23, 推广线索: what the document's relations lead to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from forms_app.demo.designing import field, group
from forms_app.demo.records import Record

NAME = "text_1691116765689_9ddabc"
PRICE = "float_1691116765689_9ddabc"
QUANTITY = "integer_1691116765689_9ddabc"

DESIGN: dict[str, Any] = {
    "name": "推广线索",
    "description": "推广活动带来的线索及其报价",
    "primary_field": NAME,
    "groups": [
        group(
            "基本信息",
            field(NAME, "text_field", "线索名称"),
            field(PRICE, "float_field", "推广单价"),
            field(QUANTITY, "integer_field", "推广数量"),
        )
    ],
}


def records() -> Iterator[Record]:
    """Records 1 and 2."""
    rows = ((1, "上海微问家", Decimal("5.5"), 12), (2, "杭州云帆数字营销", Decimal("8.25"), 6))
    for record_id, name, price, quantity in rows:
        made = timezone.make_aware(datetime(2023, 8, 4, 10, 49, 26, 36000 + record_id * 1000))
        yield Record(record_id, 1, made, made, {NAME: name, PRICE: price, QUANTITY: quantity})
