"""Random calls of the API: most are as somebody sends them who knows the forms; the rest name what is hidden, what is
of another type, or what is nowhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.apaas.rights.oracle import READS, TABS, A, B, Oracle
from tests.apaas.rights.worlds import CODES, DEALS, LEADS, THROUGH, Forms, Records

Call = tuple[str, str, Any]
"""Method, path, body."""

FIELDS = {
    "deals": (*DEALS, "partner", *THROUGH),
    "leads": tuple(LEADS),
    "secret": ("name",),
}
SYSTEM = ("id", "user", "created_at", "updated_at", "nothing")
NUMBERS = [
    *(("within", value) for value in ([None, 50], [15, 65], [1, None])),
    *(("gt", value) for value in (2, 10, 30, 60)),
    *(("lte", value) for value in (2, 20, 60)),
    *((op, value) for op in ("eq", "ne") for value in (1, 20, 60)),
]
TEXTS = [*(("like", value) for value in ("x", "m", "yz", "q")), ("starts_with", "x"), ("starts_with", "n")]
OPTIONS = [("in", [A]), ("in", [B, A]), ("nin", [B]), ("eq", A), ("ne", A)]
TIMES = [("within", ["2020-01-01", None]), ("within", [None, "2050-01-01"]), ("gt", "2030-01-01")]
PEOPLE = [("in", {"user_ids": [3]}), ("in", {"department_ids": [3]}), ("in", [1]), ("nin", [3])]
TRUTHS = [("eq", True)]
SET = [("empty", True), ("not_empty", True)]
ASKED: dict[str, list[tuple[str, Any]]] = {
    **dict.fromkeys(("amount", "cost", "credit", "margin", "twice", "rating", "standing", "rated"), NUMBERS + SET),
    **dict.fromkeys(("title", "name", "note", "number"), TEXTS + SET),
    **dict.fromkeys(("stage", "tags"), OPTIONS + SET),
    "due": TIMES + SET,
    "who": PEOPLE + SET,
    "user": PEOPLE,
    "created_at": TIMES,
    "updated_at": TIMES,
    "late": TRUTHS + SET,
    "papers": SET,
    "partner": [("in", [1]), *SET],
    "code": [("like", "c"), *SET],
    "id": [("gt", 1), ("nin", [1])],
}
"""How each name can be asked for: operators and operands."""
ANYHOW = [pair for pairs in (NUMBERS, TEXTS, OPTIONS, TIMES, PEOPLE, TRUTHS, SET) for pair in pairs]


class Caller:
    """Who draws calls: `oracle` tells what they may read, which they mostly keep to."""

    def __init__(self, forms: Forms, records: Records, oracle: Oracle, chance: Random) -> None:
        self.forms, self.records, self.chance = forms, records, chance
        self.known = {
            form: [name for name in names if form != "secret" and oracle.reads_field(form, name)]
            for form, names in FIELDS.items()
        }
        self.readable = [form for form in ("deals", "leads") if oracle.reads_form(form)]
        self.drawn: dict[str, Callable[[str], Call]] = {kind: getattr(self, kind) for kind in set(KINDS)}

    def odds(self, probability: float) -> bool:
        return self.chance.random() < probability

    def call(self) -> Call:
        form = self.chance.choice(("deals", "deals", "deals", "leads", "secret"))
        if form not in self.readable and self.readable and self.odds(0.8):
            form = self.chance.choice(self.readable)
        return self.drawn[self.chance.choice(KINDS)](form)

    # --- What a call names ----------------------------------------------------------------------------------------

    def at(self, form: str) -> str:
        return f"custom_form_id={self.forms.named(form).pk}"

    def record(self, form: str) -> int:
        return self.chance.choice(self.records.ids[form] if self.odds(0.8) else [*self.records.all(), 2**40])

    def name(self, form: str) -> str:
        if self.known[form] and self.odds(0.8):
            return self.chance.choice(self.known[form])
        return self.chance.choice([*FIELDS[form], *SYSTEM])

    def names(self, form: str, most: int) -> list[str]:
        return list(dict.fromkeys(self.name(form) for _number in range(self.chance.randint(1, most))))

    def filter(self, form: str) -> dict[str, Any]:
        name = self.name(form)
        op, value = self.chance.choice(ASKED.get(name, ANYHOW) if self.odds(0.95) else ANYHOW)
        return {"name": name, "op": op, "value": value}

    def terms(self, form: str) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        if self.odds(0.5):
            sent["filters"] = [self.filter(form) for _number in range(self.chance.choice((1, 1, 2)))]
        if self.odds(0.15):
            sent["filters"] = [{"or": [self.filter(form), self.filter(form)]}]
        if self.odds(0.3):
            sent["sort"] = [{name: self.chance.choice(("asc", "desc"))} for name in self.names(form, 2)]
        if self.odds(0.2):
            searched = "title" if form == "deals" else "name"
            named = searched if self.odds(0.6) else self.name(form)
            sent |= {"search_column_name": named, "query": self.chance.choice("xymn")}
        if self.odds(0.25):
            sent["scope"] = self.chance.choice(("all", "mine", "department", *TABS, *TABS, "nope"))
        return sent

    def written(self, form: str) -> dict[str, Any]:
        if form != "deals":
            return {"name": "nnn"}
        sent: dict[str, Any] = {
            "title": "yyy",
            "amount": 5,
            "cost": 4,
            "stage": A,
            "partner": {"value": self.chance.choice([*self.records.ids["leads"], 2**40])},
            "margin": 1,
        }
        return {name: sent[name] for name in self.chance.sample(list(sent), self.chance.randint(1, 2))}

    # --- The calls ------------------------------------------------------------------------------------------------

    def list(self, form: str) -> Call:
        sent: dict[str, Any] = {"page": self.chance.choice((1, 1, 2)), "per_page": self.chance.choice((2, 5, 15))}
        if self.odds(0.2):
            sent["without_count"] = True
        if self.odds(0.3):
            sent["only_field_names"] = [*self.names(form, 3), self.chance.choice(("id", "user", "id", "stage_display"))]
        return "PUT", f"form_entities?{self.at(form)}", {**self.terms(form), **sent}

    def ids(self, form: str) -> Call:
        return "PUT", f"form_entities/ids?{self.at(form)}", self.terms(form)

    def export(self, form: str) -> Call:
        sent: dict[str, Any] = {"format": self.chance.choice(("csv", "jsonl"))}
        if self.odds(0.3):
            sent["values"] = self.chance.choice(("shown", "stored"))
        if self.odds(0.3):
            sent["only_field_names"] = self.names(form, 3)
        return "PUT", f"form_entities/export?{self.at(form)}", {**self.terms(form), **sent}

    def cursor(self, form: str) -> Call:
        page = {"cursor": "*", "per_page": self.chance.randint(1, 4)}
        return "PUT", f"form_entities?{self.at(form)}", {**self.terms(form), **page}

    def simple(self, form: str) -> Call:
        query = f"&query={self.chance.choice('xymn')}" if self.odds(0.5) else ""
        return "GET", f"form_entities/simple?{self.at(form)}{query}", None

    def detail(self, form: str) -> Call:
        only = "".join(f"&only_field_names[]={name}" for name in self.names(form, 3)) if self.odds(0.4) else ""
        return "GET", f"form_entities/{self.record(form)}?{self.at(form)}{only}", None

    def history(self, form: str) -> Call:
        if self.odds(0.3):
            return "GET", f"form_entities/{self.record(form)}?{self.at(form)}&as_of=2050-01-01", None
        return "GET", f"form_entities/{self.record(form)}/history?{self.at(form)}", None

    def trash(self, form: str) -> Call:
        query = f"&query={self.chance.choice('xymn')}" if self.odds(0.3) else ""
        return "GET", f"form_entities/{self.chance.choice(('trash', 'changes'))}?{self.at(form)}{query}", None

    def restore(self, form: str) -> Call:
        return "PUT", f"form_entities/restore?{self.at(form)}", {"ids": sorted({self.record(form)})}

    def evaluate(self, form: str) -> Call:
        computed: Sequence[str] = list(READS.get(form, ())) if self.odds(0.9) else ()
        sent: dict[str, Any] = {"field_name": self.chance.choice(computed or FIELDS[form])}
        if self.odds(0.6):
            sent["id"] = self.record(form)
        if self.odds(0.6):
            sent["form_entity"] = {"amount": 5, "cost": 2} if form == "deals" else {"credit": 3}
        if form == "deals" and self.odds(0.3):
            sent[self.forms.leads.data_table_name] = {"credit": 9}
        return "PUT", f"form_entities/evaluate?{self.at(form)}", sent

    def update(self, form: str) -> Call:
        return "PUT", f"form_entities/{self.record(form)}?{self.at(form)}", {"form_entity": self.written(form)}

    def create(self, form: str) -> Call:
        return "POST", f"form_entities?{self.at(form)}", {"form_entity": self.written(form)}

    def transfer(self, form: str) -> Call:
        ids = sorted({self.record(form), self.record(form)})
        return (
            "PUT",
            f"form_entities/transfer?{self.at(form)}",
            {"ids": ids, "to_user_uid": 1},
        )

    def destroy(self, form: str) -> Call:
        ids = sorted({self.record(form) for _row in range(self.chance.choice((1, 1, 3)))})
        return "DELETE", f"form_entities/mass_destroy?{self.at(form)}", {"ids": ids}

    def mass(self, form: str, name: str, rows: Sequence[Any], **more: Any) -> Call:
        """A mass call; most are partial and show the records, so that each row tells something."""
        if self.odds(0.7):
            more["partial"] = True
        shown = [name for name in self.names(form, 3) if name != "id"]  # a new record's is another each time
        if shown and self.odds(0.5):
            more["only_field_names"] = shown
        return "POST", f"form_entities/{name}?{self.at(form)}", {"form_entities": rows, **more}

    def mass_create(self, form: str) -> Call:
        return self.mass(form, "mass_create", [self.written(form) for _row in range(self.chance.randint(1, 3))])

    def mass_update(self, form: str) -> Call:
        ids = list(dict.fromkeys(self.record(form) for _row in range(self.chance.randint(1, 4))))
        rows: list[dict[str, Any]] = [{"id": record, "form_entity": self.written(form)} for record in ids]
        if self.odds(0.3):
            rows[0]["version"] = self.chance.choice((1, 2, 9))
        return self.mass(form, "mass_update", rows)

    def mass_upsert(self, form: str) -> Call:
        key = "code" if self.odds(0.9) else self.name(form)
        codes = self.chance.sample((*CODES, "c8", "c9"), self.chance.randint(1, 3))
        return self.mass(form, "mass_upsert", [{**self.written(form), key: code} for code in codes], key=key)

    def file(self, _form: str) -> Call:
        return "GET", f"files/{self.chance.choice(self.forms.files).token}", None

    def ticket(self, _form: str) -> Call:
        number = self.chance.choice((1, 2, 3, 9))
        return "POST", "/rest/flowmanage/api/omdata-data-id/get/deals", {"data_no": number}

    def definitions(self, form: str) -> Call:
        at = self.at(form)
        paths = (
            "custom_apps",
            "custom_forms",
            f"custom_forms/{self.forms.named(form).pk}",
            f"custom_forms/{self.forms.named(form).pk}",
            f"rights?{at}",
            "user/list",
            "departments",
            f"openapi.json?{at}",
            f"docs/{self.chance.choice(('list', 'create', 'evaluate'))}?{at}",
        )
        return "GET", self.chance.choice(paths), None


KINDS = (
    *("list",) * 30,
    *("ids",) * 8,
    *("export",) * 8,
    *("cursor",) * 6,
    *("simple",) * 8,
    *("detail",) * 20,
    *("history",) * 8,
    *("trash",) * 3,
    "restore",
    *("evaluate",) * 12,
    *("update",) * 8,
    *("create",) * 3,
    *("mass_create",) * 2,
    *("mass_update",) * 6,
    *("mass_upsert",) * 5,
    "transfer",
    *("destroy",) * 2,
    *("file",) * 2,
    *("ticket",) * 3,
    *("definitions",) * 3,
)
"""Methods of `Caller`, as often as each is drawn."""
