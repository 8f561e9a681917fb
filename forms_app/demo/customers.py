"""The records of form 2: plausible customers, the same in every copy, and what the document's samples ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.utils import timezone

from forms_app.demo import customer_form as form
from forms_app.demo import words
from forms_app.demo.further_types import further_values
from forms_app.demo.records import Record

COUNT = 420
LEVELS = ("country_id", "province_id", "city_id", "district_id")
DOCUMENT_TEXT = "哇咔隧道咔a 133333a a"

# What the document's samples ask of single records: (owner's uid, created, updated).
FIXED = {
    11: (1, "2023-08-14 12:41:08.245", "2023-08-17 09:41:52.610"),
    # The only other id that the list sample names: most of its filters find it, its owner's does not.
    22: (4, "2023-08-14 14:48:40.802", "2023-08-15 10:12:31.077"),
    30: (1, "2023-08-16 15:29:15.318", "2023-08-16 15:29:15.318"),
}
FIXED_VALUES: dict[int, dict[str, Any]] = {
    11: {
        form.CUSTOMER: "上海微问家信息科技有限公司",
        form.EMAIL: "contact@weiwenjia.example.com",
        form.SHORT_NAME: DOCUMENT_TEXT,
        form.SUMMARY: "合同编号 xxxxxxxx 待补录，客户已口头确认",
        form.SOURCE: form.DOCUMENT_SOURCE,
        form.PRODUCTS: list(form.DOCUMENT_PRODUCTS),
        form.REGISTERED: {
            "country_id": "4",
            "province_id": "9",
            "city_id": "73",
            "district_id": "732",
            "detail_address": "马路口驴子街 18 号",
        },
        form.SERVICE: ["2023-08-20 00:01:00", "2023-08-25 23:59:59"],
        form.SEATS: 15,
        form.INDUSTRY: {"level_0": form.DOCUMENT_INDUSTRY[0], "level_1": form.DOCUMENT_INDUSTRY[1]},
    },
    22: {
        form.SUMMARY: "回款单号xxxxxxxx有误，财务核对中",
        form.SOURCE: form.DOCUMENT_SOURCE,
        form.PRODUCTS: [form.DOCUMENT_PRODUCTS[0]],
        form.SEATS: 20,
    },
    30: {form.SHORT_NAME: DOCUMENT_TEXT},
}


def records() -> Iterator[Record]:
    """Records 1 to 420, in the order of their times."""
    random = Random(20230814)
    names = _names(random)
    for record_id, created in zip(range(1, COUNT + 1), _moments(random), strict=True):
        owner = random.choices((1, 2, 3, 4), (4, 3, 3, 2))[0]
        updated = created
        if random.random() < 0.7:
            updated += timedelta(seconds=random.randrange(600, 20 * 86400), milliseconds=random.randrange(1000))
        values = _customer(random, record_id, created, *names[record_id - 1])
        if record_id in FIXED:
            owner, _created, text = FIXED[record_id]
            updated = _moment(text)
            values.update(FIXED_VALUES[record_id])
        yield Record(record_id, owner, created, updated, values)


def _names(random: Random) -> list[tuple[int, int, int]]:
    """Places in the tables (place, stem, trade) of as many companies; no two have one name."""
    companies: dict[tuple[str, int, int], tuple[int, int, int]] = {}
    while len(companies) < COUNT:
        place, stem, trade = (random.randrange(len(table)) for table in (words.PLACES, words.STEMS, words.TRADES))
        companies.setdefault((words.PLACES[place][1], stem, trade), (place, stem, trade))
    return list(companies.values())


def _moments(random: Random) -> Iterator[datetime]:
    """Times of creation, one after the other: some on the document's afternoon, the rest over half a year."""
    moment = _moment("2023-08-04 14:30")
    starts = {9: "2023-08-14 12:06", 23: "2023-08-14 15:31"}
    for record_id in range(1, COUNT + 1):
        if record_id in FIXED:
            moment = _moment(FIXED[record_id][1])
            yield moment
            continue
        if record_id in starts:
            moment = _moment(starts[record_id])
        if record_id < 9:
            moment += timedelta(hours=random.randrange(20, 28))
        elif record_id < 23:
            moment += timedelta(minutes=random.randrange(4, 12))
        elif record_id < 31:
            moment += timedelta(hours=random.randrange(4, 6))
        else:
            moment += timedelta(hours=random.randrange(2, 18))
        yield moment.replace(second=random.randrange(60), microsecond=random.randrange(1000) * 1000)


def _customer(random: Random, record_id: int, created: datetime, place: int, stem: int, trade: int) -> dict[str, Any]:
    """A record as a client would send it; now and then a field is left empty, as people do."""
    regions, city, area_code, latitude, longitude, streets = words.PLACES[place]
    chinese, latin = words.STEMS[stem]
    trade_name, industry = words.TRADES[trade]
    days = timedelta(days=1)
    start = created + random.randrange(3, 20) * days
    address = dict(zip(LEVELS, regions, strict=True))
    domain = f"{latin}{record_id}.example.com"
    file_name, content_type, size = random.choice(words.FILES)
    values: dict[str, Any] = {
        form.CUSTOMER: f"{city}{chinese}{trade_name}有限公司",
        form.SHORT_NAME: f"{city}{chinese}",
        form.NEED: random.choice(words.NEEDS),
        form.SUMMARY: random.choice(words.SUMMARIES if random.random() < 0.95 else words.SUMMARIES_TO_COMPLETE),
        form.SOURCE: random.choice(form.SOURCES)[0],
        form.PRODUCTS: [token for token, _label in random.sample(form.PRODUCT_OPTIONS, random.randrange(1, 4))],
        form.INDUSTRY: {f"level_{level}": token for level, token in enumerate(industry)},
        form.STAGE: random.choice(form.STAGES)[0],
        form.KEY_ACCOUNT: random.random() < 0.25,
        form.EMAIL: f"contact@{domain}",
        form.MOBILE: f"13{random.randrange(5, 10)}{random.randrange(10**8):08d}",
        form.TEL: f"{area_code}-{random.randrange(5 * 10**7, 9 * 10**7)}",
        form.URL: f"https://www.{domain}/",
        form.REGISTERED: {**address, "detail_address": f"{random.choice(streets)} {random.randrange(1, 999)} 号"},
        form.OFFICE: {**address, "detail_address": f"{random.choice(streets)} {random.randrange(1, 999)} 号 5 楼"},
        form.LOCATION: {"latitude": _near(random, latitude), "longitude": _near(random, longitude)},
        form.SEATS: random.choice((5, 8, 10, 12, 15, 20, 30, 50, 80, 120, 200, 500)),
        form.BUDGET: Decimal(random.randrange(20, 4000)) * 100,
        form.DISCOUNT: Decimal(random.randrange(70, 101)) / 100,
        form.SERVICE: [_text(start), _text(start + random.choice((5, 30, 90, 365)) * days)],
        form.FIRST_CONTACT: _text(created - random.randrange(0, 15) * days)[:10],
        form.NEXT_CALL: _text(created + random.randrange(1, 40) * days),
        form.COLLEAGUES: [{"uid": uid} for uid in random.sample((1, 2, 3, 4), random.randrange(1, 3))],
        form.DEPARTMENTS: [{"did": random.choice((1, 3, 4))}],
        form.LEAD: {"value": random.choice((1, 2))},
        form.NOTES: random.choice(words.NOTES),
        form.FILES: [
            {
                "id": record_id,
                "name": file_name,
                "file_file_name": file_name,
                "file_content_type": content_type,
                "file_file_size": size,
                "file_url": f"https://files.example.com/customers/{record_id}/{file_name}",
            }
        ],
    }
    values |= further_values(random, form.FURTHER)
    for name, share in ((form.FILES, 0.7), (form.LEAD, 0.6), (form.NOTES, 0.4), (form.URL, 0.2), (form.TEL, 0.2)):
        if random.random() < share:
            values[name] = None
    return values


def _moment(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def _near(random: Random, degrees: str) -> Decimal:
    return Decimal(degrees) + Decimal(random.randrange(-40000, 40001)) / 10**6


def _text(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
