"""The stages of a run: each makes its databases and servers, measures, and leaves the kept data as they were."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import exporting, forms, loading, queries, requests, wrk
from benchmarks.datasets import Datasets
from benchmarks.lines import LINES, SIDES, Line
from benchmarks.measure import Measurement, measure
from benchmarks.postgresql import PostgreSQL
from benchmarks.requests import Request
from benchmarks.sides import VARIANTS, FloorSide, Side, WebSide, create
from benchmarks.web import ORDINARY, PRODUCT, ROOT, WebServer, environment

CHANGE_A_TENTH = {
    "product": (
        f"WITH changed AS (UPDATE form_entity SET data = data || '{{\"score\": 555}}', version = version + 1, "
        f"updated_at = clock_timestamp() WHERE custom_form_id = {forms.FORM} AND id % 10 = 3 RETURNING id) "
        "UPDATE form_counter SET changes = changes + (SELECT count(*) FROM changed) "
        f"WHERE custom_form_id = {forms.FORM} AND slot = 0"
    ),
    "ordinary": (
        "UPDATE ordinary_record SET data = data || '{\"score\": 555}', updated_at = clock_timestamp() WHERE id % 10 = 3"
    ),
    "floor": "UPDATE record SET data = data || '{\"score\": 555}', updated_at = clock_timestamp() WHERE id % 10 = 3",
}


@dataclass
class Run:
    """What a run was asked for, and what it found."""

    server: PostgreSQL
    datasets: Datasets
    data_dir: Path
    sizes: Sequence[int]
    forms: Sequence[tuple[int, int]]
    rows: int
    seconds: float
    rounds: int
    only: frozenset[str]
    say: Callable[[str], None]
    measurements: list[Measurement] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def wants(self, name: str) -> bool:
        return not self.only or name in self.only

    @property
    def reference(self) -> int:
        """The size that all sides are compared at: the largest up to 1,000,000."""
        return max((size for size in self.sizes if size <= 1_000_000), default=min(self.sizes))

    def web(self, stack: ExitStack, application: str, database: str) -> WebServer:
        """A server that lives as long as the stack."""
        self.server.warm(database)
        return stack.enter_context(WebServer(application, self.server.url(database), self.data_dir))

    def side(self, stack: ExitStack, name: str, application: str, database: str, records: int) -> WebSide:
        return WebSide(name, self.server, self.web(stack, application, database), database, records)

    def measure(self, lines: Sequence[Line], sides: Sequence[Side], dataset: str) -> None:
        self.measurements += measure(
            lines,
            sides,
            server=self.server,
            dataset=dataset,
            seconds=self.seconds,
            rounds=self.rounds,
            say=self.say,
        )


def records(run: Run) -> None:
    """All lines at the reference size, all sides side by side; the unfiltered total while others write."""
    lines = [line for line in LINES if run.wants(line.name)]
    if not lines and not run.wants("total"):
        return
    size = run.reference
    dataset = f"{size:,} records"
    with ExitStack() as stack:
        databases = {
            "product": stack.enter_context(run.server.copied(run.datasets.records(size))),
            "ordinary": stack.enter_context(run.server.copied(run.datasets.ordinary(size))),
            "floor": stack.enter_context(run.server.copied(run.datasets.floor(size))),
        }
        if run.wants("evaluate"):
            module(run.server, run.data_dir, "benchmarks.quotes", [], databases["product"])
        product = run.side(stack, "product", PRODUCT, databases["product"], size)
        ordinary = run.side(stack, "ordinary", ORDINARY, databases["ordinary"], size)
        run.server.warm(databases["floor"])
        sides: list[Side] = [product, ordinary, FloorSide("floor", run.server, databases["floor"], size)]
        for state in ("rest", "changed", "writing", "destroyed"):
            chosen = [line for line in lines if line.state == state]
            if not chosen:
                continue
            run.say(f"{dataset}, {state}")
            if state == "changed":
                for name in SIDES:
                    run.server.fetch(databases[name], CHANGE_A_TENTH[name])
            run.measure(chosen, sides, dataset)
        if run.wants("total"):
            total(run, product)
        for side in (product, ordinary):
            try:
                side.check_total()
            except AssertionError as error:
                run.facts.setdefault("faults", []).append(f"{side.name}, after all writes: {error}")
        run.facts["memory"] = {"product_mb": product.memory(), "ordinary_mb": ordinary.memory()}
        run.facts["field_indexes"] = run.server.fetch(
            databases["product"],
            "SELECT kind, count(*) FROM form_field_index WHERE state = 'valid' GROUP BY 1 ORDER BY 1",
        )


def total(run: Run, product: WebSide) -> None:
    """The total inside the product's process, while four connections create records."""
    run.say("The unfiltered total, while others write")
    line = next(line for line in LINES if line.kind == "create")
    text = requests.script(product.requests(line), product.web.headers)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "creates.lua"
        path.write_text(text)
        url = f"http://127.0.0.1:{product.web.port}"
        writers = subprocess.Popen(
            [wrk.program(), "-t1", "-c4", "-d600s", "-s", str(path), url], stdout=subprocess.DEVNULL
        )
        try:
            run.facts["total"] = module(
                run.server, run.data_dir, "benchmarks.totals", [str(run.seconds)], product.database
            )
        finally:
            writers.terminate()
            writers.wait()
    run.say(f"  {run.facts['total']}")


def growth(run: Run) -> None:
    """The product's first page in forms of every size."""
    if len(run.sizes) < 2 or not run.wants("growth"):
        return
    line = next(line for line in LINES if line.name == "list")
    with ExitStack() as stack:
        run.say("The same list in forms of other sizes")
        for size in run.sizes:
            run.datasets.records(size)
        sides = [run.side(stack, f"{size:,} records", PRODUCT, run.datasets.records(size), size) for size in run.sizes]
        run.measure([Line("growth", line.title)], sides, "forms of other sizes")


def grown(run: Run) -> None:
    """Create and update in a form with every index that the product gives it."""
    if not run.wants("grown"):
        return
    size = run.reference
    with ExitStack() as stack:
        run.say("With every index that the product gives a form of this size")
        database = stack.enter_context(run.server.copied(run.datasets.grown(size)))
        side = run.side(stack, "product", PRODUCT, database, size)
        run.measure([line for line in LINES if line.kind in ("update", "create")], [side], "every index")
        run.facts["grown_indexes"] = run.server.fetch(database, "SELECT count(*) FROM form_field_index")[0][0]


class FormsSide(WebSide):
    """The product with many forms: each request goes to another of them."""

    def __init__(self, name: str, server: PostgreSQL, web: WebServer, database: str, count: int, records: int) -> None:
        super().__init__(name, server, web, database, records)
        self.form_ids = range(forms.FORM, forms.FORM + count)

    def requests(self, line: Line) -> list[Request]:
        random = Random(line.name)
        if line.kind == "page":
            return [queries.product(queries.Query(), form_id) for form_id in self.form_ids]
        found = []
        for place in range(VARIANTS):
            values = forms.values(forms.SMALL, random)
            values["title"] = f"{values['title']} {requests.HOLE}"
            found.append(create(self.form_ids[place % len(self.form_ids)], values))
        return found

    def prepare(self, line: Line, sent: Sequence[Request]) -> None:
        """Ask each form some times, so that both workers know its definition: it is read once for each change."""
        self.load(line, sent, 16, max(1.0, len(self.form_ids) / 50))

    def check(self, line: Line, sent: Sequence[Request]) -> None:
        """Every form answers, with all its records or the new one. Raises AssertionError."""
        if line.kind == "page":
            for request in sent[:: max(1, len(sent) // 20)]:
                found = self._good(request)
                assert found["total_count"] >= self.records, f"{found['total_count']} records: {request.path}"
                assert len(found["models"]) == queries.PER_PAGE, f"{len(found['models'])} of a page: {request.path}"
        else:
            assert self._good(sent[0].filled(1))["id"] > self.records


def many_forms(run: Run) -> None:
    """List and create among hundreds of forms, beside one form of the same size."""
    if not run.wants("forms"):
        return
    for count, size in run.forms:
        indexed = size >= 5_000
        with ExitStack() as stack:
            run.say(f"{count:,} forms of {size:,}")
            names = {number: run.datasets.forms(number, size, indexed) for number in (1, count)}
            sides = []
            for number, name in names.items():
                database = stack.enter_context(run.server.copied(name))
                web = run.web(stack, PRODUCT, database)
                label = f"{number:,} form{'s' if number > 1 else ''}"
                sides.append(FormsSide(label, run.server, web, database, number, size))
            lines = [
                Line("forms_list", f"List in one of {count:,} forms of {size:,}"),
                Line("forms_create", f"Create in one of {count:,} forms of {size:,}", kind="create"),
            ]
            run.measure(lines, sides, f"{count:,} forms of {size:,}")


def load(run: Run) -> None:
    """The load of a spreadsheet into an empty form with its indexes."""
    if not run.wants("load"):
        return
    if not loading.has_command():
        run.facts["load"] = {"unavailable": "There is no manage.py load_entities."}
        return
    run.say(f"Load of {run.rows:,} rows of XLSX")
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        database = stack.enter_context(run.server.copied(run.datasets.records(min(run.sizes))))
        path = Path(folder) / "rows.xlsx"
        loading.write_rows(path, run.rows)
        before = run.server.fetch(database, "SELECT count(*) FROM form_entity")[0][0]
        try:
            found = loading.load(path, environment(run.server.url(database), run.data_dir))
        except RuntimeError as error:
            run.facts["load"] = {"fault": str(error)}
        else:
            rows = run.server.fetch(database, "SELECT count(*) FROM form_entity")[0][0] - before
            total = run.server.fetch(database, "SELECT sum(live) FROM form_counter")[0][0] - before
            fault = "" if rows == total == run.rows else f"{rows} rows loaded, {total} counted: {found.output}"
            run.facts["load"] = {
                "rows": run.rows,
                "seconds": round(found.seconds, 2),
                "memory_mb": round(found.memory_mb, 1),
                "fault": fault,
            }
    run.say(f"  {run.facts['load']}")


def export(run: Run) -> None:
    """The export of the reference form."""
    if not run.wants("export"):
        return
    run.say(f"Export of {run.reference:,} records as CSV")
    with ExitStack() as stack:
        database = stack.enter_context(run.server.copied(run.datasets.records(run.reference)))
        found = exporting.export(run.web(stack, PRODUCT, database))
    run.facts["export"] = {"rows": run.reference, **asdict(found)}
    run.say(f"  {run.facts['export']}")


STAGES = (records, growth, grown, many_forms, load, export)


def module(server: PostgreSQL, data_dir: Path, name: str, arguments: list[str], database: str) -> Any:
    """What one of our modules finds, run in a process with the product's settings. Raises RuntimeError."""
    result = subprocess.run(
        [sys.executable, "-m", name, *arguments],
        cwd=ROOT,
        env=environment(server.url(database), data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise RuntimeError(f"{name} failed: {result.stderr.strip()[-1000:]}")
    return json.loads(result.stdout)
