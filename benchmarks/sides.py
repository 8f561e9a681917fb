"""How each of the compared is asked a line, and how its first answers are checked against brute force."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks import calls, datasets, floor, forms, queries, requests, wrk
from benchmarks.lines import Line
from benchmarks.postgresql import PostgreSQL
from benchmarks.queries import ORDINARY_PATH, PER_PAGE, PRODUCT_PATH, Query
from benchmarks.requests import HOLE, Answer, Request
from benchmarks.web import PRODUCT, WebServer
from benchmarks.wrk import Load

CHECKED = 2
"""So many of a line's answers are compared with brute force, which scans all records for each."""
VARIANTS = 2_000
WARMING_SECONDS = 10
"""So long 16 connections ask what each worker is to know before it is measured."""


class Unavailable(Exception):
    """This side can't be asked this line (yet)."""


class WebSide:
    """The product or the ordinary application: its server, its database, its requests."""

    def __init__(self, name: str, server: PostgreSQL, web: WebServer, database: str, records: int) -> None:
        self.name = name
        self.web = web
        self.server, self.database, self.records = server, database, records
        self.is_product = web.application == PRODUCT
        self.table = "form_entity" if self.is_product else "ordinary_record"
        self.form = f"{'custom_form_id' if self.is_product else 'form_id'} = {forms.FORM}"
        self._starts = 0

    # --- requests ----------------------------------------------------------------------------------------

    def requests(self, line: Line) -> list[Request]:
        """The requests of a line. Raises Unavailable."""
        if line.kind in calls.KINDS:
            if not self.is_product:
                raise Unavailable("It has no such call.")
            return calls.requests(line, self.records)
        random = Random(line.name)
        if line.kind == "page":
            ask = queries.product if self.is_product else queries.ordinary
            return [ask(query) for query in line.queries(random, self.records)]
        if line.kind == "cursor":
            return self.cursors(line)
        if line.kind == "detail":
            return [self._detail()]
        if line.kind == "update":
            return [self._update(random.randint(100, 999)) for _place in range(100)]
        return [self._create(random) for _place in range(VARIANTS)]

    def _detail(self) -> Request:
        if self.is_product:
            return Request("GET", f"{PRODUCT_PATH}/{HOLE}?custom_form_id={forms.FORM}")
        return Request("GET", f"{ORDINARY_PATH}{HOLE}/")

    def _update(self, score: int) -> Request:
        if self.is_product:
            body = json.dumps({"form_entity": {"score": score}})
            return Request("PUT", f"{PRODUCT_PATH}/{HOLE}?custom_form_id={forms.FORM}", body)
        return Request("PATCH", f"{ORDINARY_PATH}{HOLE}/", json.dumps({"data": {"score": score}}))

    def _create(self, random: Random) -> Request:
        values = forms.values(forms.RECORD, random)
        values["contact"] = f"{values['contact']} {HOLE}"
        if self.is_product:
            return create(forms.FORM, values)
        return Request("POST", ORDINARY_PATH, json.dumps({"form": forms.FORM, "data": values}, ensure_ascii=False))

    def cursors(self, line: Line) -> list[Request]:
        """The line's pages by cursor: walked to from the first in steps of 1,000. Raises Unavailable."""
        if not self.is_product:
            raise Unavailable("It has pages by number alone.")
        pages = sorted(query.page for query in line.queries(Random(line.name), self.records))
        cursor, left = "*", (pages[0] - 1) * PER_PAGE
        while left:
            cursor = self._next(cursor, min(left, 1_000))
            left -= min(left, 1_000)
        found = []
        for _page in pages:
            found.append(queries.product(Query(), cursor=cursor))
            cursor = self._next(cursor, PER_PAGE)
        return found

    def _next(self, cursor: str, per_page: int) -> str:
        answer = self.web.ask(queries.product(Query(), cursor=cursor, per_page=per_page))
        found = answer.content.get("data", {}) if isinstance(answer.content, dict) else {}
        if answer.status != 200 or not (found or {}).get("next_cursor"):
            raise Unavailable(f"There is no paging by cursor: status {answer.status}")
        return str(found["next_cursor"])

    # --- checks ------------------------------------------------------------------------------------------

    def check(self, line: Line, sent: Sequence[Request]) -> None:
        """Ask the first requests of a line. Raises AssertionError with what is wrong with an answer."""
        if line.kind in calls.KINDS:
            calls.check(line, sent[:CHECKED], self.records, self._good, self._fetch)
            return
        if line.kind in ("page", "cursor"):
            asked = list(line.queries(Random(line.name), self.records))
            if line.kind == "cursor":
                asked.sort(key=lambda query: query.page)
            for query, request in list(zip(asked, sent, strict=True))[:CHECKED]:
                if line.between_writes:
                    self._good(self._update(123).filled(self.records))
                self._check_page(query, request)
            return
        for number, request in enumerate(sent[:CHECKED], 1):
            filled = request.filled(number)
            found = self._good(filled)
            held = self._fetch(
                f"SELECT data->>'title', data->>'score' FROM {self.table} WHERE {self.form} AND id = {found['id']}"
            )
            assert held, f"record {found['id']} is not there"
            shown = found if self.is_product else found["data"]
            assert (shown["title"], str(shown["score"])) == held[0], f"{shown} is shown, {held[0]} is stored"
            if line.kind != "create":
                assert found["id"] == number, f"asked for {number}, got {found['id']}"
            if line.kind == "update":
                assert held[0][1] in filled.body, f"{filled.body} was sent, {held[0]} is stored"

    def check_total(self) -> None:
        """Once nothing is written any more: raises AssertionError unless the list's total is what counting gives."""
        count, before = f"SELECT count(*) FROM {self.table} WHERE {self.form}", -1
        while before != (now := self._fetch(count)[0][0]):
            # What a stopped client had sent is still being done.
            before = now
            time.sleep(1)
        self._check_page(Query(), (queries.product if self.is_product else queries.ordinary)(Query()))

    def _check_page(self, query: Query, request: Request) -> None:
        total, ids = self._page(self._good(request))
        count, page = queries.brute_force(query, self.table, self.form)
        expected_total = self._fetch(count)[0][0]
        expected = [row[0] for row in self._fetch(page)]
        assert total == expected_total, f"total {total}, counted {expected_total}: {request.path}"
        assert ids == expected, f"ids {ids}, expected {expected}: {request.path}"

    def _fetch(self, query: str) -> list[tuple[Any, ...]]:
        return self.server.fetch(self.database, query)

    def _good(self, request: Request) -> Any:
        """The content of a successful answer, of the product's its data, if any. Raises AssertionError."""
        answer: Answer = self.web.ask(request)
        assert answer.status in (200, 201), (
            f"{request.method} {request.path}: {answer.status} {str(answer.content)[:300]}"
        )
        if self.is_product:
            assert answer.content["code"] == 0, str(answer.content)[:300]
            return answer.content.get("data")
        return answer.content

    def _page(self, content: Any) -> tuple[int | None, list[int]]:
        if self.is_product:
            return content["total_count"], [record["id"] for record in content["models"]]
        return content["count"], [record["id"] for record in content["results"]]

    # --- measuring ---------------------------------------------------------------------------------------

    def prepare(self, line: Line, sent: Sequence[Request]) -> None:
        """Ask each query before where the line is about what is known from before: the product remembers totals and
        pages, and each worker what is worth it. Raises Unavailable where there is too little to measure with."""
        if line.kind == "mass_destroy" and self.records < calls.ENOUGH:
            raise Unavailable(f"Each record is destroyed once, and there are fewer than {calls.ENOUGH:,}.")
        if line.remembered and self.is_product:
            for request in sent:
                self._good(request)
            self.load(line, sent, connections=16, seconds=WARMING_SECONDS)

    def load(self, line: Line, sent: Sequence[Request], connections: int, seconds: float) -> Load:
        between = [self._update(score) for score in range(100, 200)] if line.between_writes else []
        self._starts += 1
        start = self._starts * 250_000 % 10_000_000
        if line.kind == "mass_destroy":
            start = calls.start(self._fetch)
        text = requests.script(sent, self.web.headers, between=between, records=self.records, start=start)
        # Whoever takes the time of reads alone needs a thread for each connection.
        threads = connections if between else 1
        return wrk.run(self.web.port, text, connections=connections, seconds=seconds, threads=threads)

    def settle(self) -> None:
        """End what nobody waits for any more."""
        self.server.settle(self.database)

    def cpu(self) -> float:
        return self.web.cpu()

    def memory(self) -> float:
        return self.web.memory()


def create(form_id: int, values: dict[str, Any]) -> Request:
    """The product's request for a new record."""
    body = json.dumps({"form_entity": values}, ensure_ascii=False)
    return Request("POST", f"{PRODUCT_PATH}?custom_form_id={form_id}", body)


@dataclass(frozen=True)
class FloorSide:
    """PostgreSQL alone: a plain indexed table and pgbench."""

    name: str
    server: PostgreSQL
    database: str
    records: int

    def requests(self, line: Line) -> list[str]:
        """The scripts of a line; pgbench takes 128 at most. Raises Unavailable."""
        if line.kind in calls.KINDS:
            raise Unavailable("It is no statement alone.")
        asked = list(line.queries(Random(line.name), self.records))[:100]
        if line.between_writes:
            return [floor.page_after_a_write(query, self.records) for query in asked]
        if line.kind == "page":
            return [floor.page(query) for query in asked]
        if line.kind == "cursor":
            return [floor.page_from(*self._last_before(query)) for query in asked]
        if line.kind == "detail":
            return [floor.detail(self.records)]
        return [floor.update(self.records) if line.kind == "update" else floor.create(datasets.SAMPLES)]

    def _last_before(self, query: Query) -> tuple[str, int]:
        """The record that the page comes behind: when it was changed, and its id."""
        order = f"ORDER BY updated_at DESC, id DESC LIMIT 1 OFFSET {query.offset - 1}"
        rows = self.server.fetch(self.database, f"SELECT updated_at::text, id FROM record {order}")
        return str(rows[0][0]), int(rows[0][1])

    def check(self, line: Line, sent: Sequence[str]) -> None:
        """Compare the first pages with brute force. Raises AssertionError."""
        if line.kind not in ("page", "cursor"):
            return
        asked = list(line.queries(Random(line.name), self.records))
        for query, text in list(zip(asked, sent, strict=False))[:CHECKED]:
            page = next(part for part in text.split(";\n") if part.startswith(f"SELECT {floor.COLUMNS}"))
            found = [row[0] for row in self.server.fetch(self.database, page)]
            expected = [row[0] for row in self.server.fetch(self.database, queries.brute_force(query, "record")[1])]
            assert found == expected, f"ids {found}, expected {expected}"

    def prepare(self, line: Line, sent: Sequence[str]) -> None:
        """Nothing: it remembers nothing."""

    def load(self, line: Line, sent: Sequence[str], connections: int, seconds: float) -> Load:
        return floor.run(self.server, self.database, sent, connections=connections, seconds=seconds)

    def settle(self) -> None:
        """Nothing: pgbench waits for its answers."""

    def cpu(self) -> float:
        return 0.0

    def memory(self) -> float:
        return 0.0


Side = WebSide | FloorSide
