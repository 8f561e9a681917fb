"""An upgrade while clients call, by the steps of docs/how-to.md: the next release migrates a database of the last one
under its servers, then they load the new code."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.embedded.cluster import Cluster
from tests.config.copies import PROJECT, Copy, wait_until
from tests.config.test_quickstart import free_port, status
from tests.config.tours import NUMBERED, Tour
from tests.config.upgrades.test_release import ARCHIVES, WITHOUT_MIGRATIONS
from tests.scale import scaled, seen

pytestmark = pytest.mark.slow
CLIENTS, SERVERS = 8, 2
AROUND = scaled(2, 5)
"""Seconds that clients call before the upgrade, and after it."""
FLOWS = "import json; from forms_app.demo.flows import flow_facts; print(json.dumps(flow_facts()))"
IN_USE = {"custom_form.py": "CustomForm", "entity.py": "FormEntity", "ticket.py": "Ticket"}
"""Models that nearly every call reads or writes: the next release has a further field in each."""
FURTHER = '\n\n{model}.add_to_class("further", models.TextField(default="", db_default=""))\n'
INDEX = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("forms_app", "{before}")]
    operations = [AddIndexConcurrently("ticket", models.Index(fields=["further"], name="ticket_further"))]
"""
NEW = "the next release serves"


class Product:
    """The code in a folder of its own, where another release can take its place."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        left_out = shutil.ignore_patterns(".*", "tests", "benchmarks", "docs", "__pycache__")
        shutil.copytree(PROJECT, folder, ignore=left_out)

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, text=True, **more)

    def manage(self, *arguments: str) -> str:
        process = self.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        return out

    def become_the_next_release(self) -> None:
        """As `git pull` would: a field more in each of three tables, an index, and a line by which to know it."""
        package = self.folder / "forms_app"
        for module, model in IN_USE.items():
            with (package / "models" / module).open("a") as text:
                text.write(FURTHER.format(model=model))
        self.manage("makemigrations", "forms_app", "--name", "further", "--verbosity", "0")
        (further,) = (package / "migrations").glob("*_further.py")
        (package / "migrations" / "9999_index.py").write_text(INDEX.format(before=further.stem))
        with (self.folder / "config" / "rsgi.py").open("a") as text:
            text.write(f'\nprint("{NEW}", flush=True)\n')


class Client(Tour):
    """Lists, creates, updates, evaluates and pushes, and keeps in mind what was confirmed."""

    def __init__(self, facts: dict[str, Any], form_id: int) -> None:
        super().__init__(facts, form_id)
        self.written: list[int] = []

    def parts(self) -> tuple[Callable[[], None], ...]:
        return (self.writes, self.reads, self.tickets)

    def writes(self) -> None:
        super().writes()
        self.written.append(self.id)

    def go_round(self, done: threading.Event) -> None:
        while not done.is_set():
            self.round()


@contextmanager
def calling(clients: list[Client]) -> Iterator[None]:
    """The clients call all the time until the block ends."""
    done = threading.Event()
    threads = [threading.Thread(target=client.go_round, args=[done]) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def cluster(copy: Copy) -> Iterator[Cluster]:
    """The database as the last release left it, with every migration of ours."""
    restore = ("-c", WITHOUT_MIGRATIONS, str(ARCHIVES[-1]))
    for command in (restore, ("manage.py", "migrate", "--verbosity", "0")):
        process = copy.start(*command, DJANGO_SETTINGS_MODULE="config.settings")
        _out, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    found = copy.cluster
    found.join()
    yield found
    found.leave()


def test_an_upgrade_fails_no_call(cluster: Cluster, copy: Copy, folder: Path) -> None:
    key = "a key that the archive does not know, as long as one should be"
    told = {"DATABASE_URL": cluster.url, "SECRET_KEY": key, "TOKEN_CONCURRENCY": "64"}
    product = Product(folder / "product", copy.environment(**told))
    facts = {
        "token": json.loads(product.manage("create_token", "1", "1", "clients"))["token"],
        "flows": json.loads(product.manage("shell", "-v", "0", "-c", FLOWS)),
    }
    product.environment["PYTHONPATH"] = str(PROJECT)  # the shell makes a form as tests do
    form_id = int(product.manage("shell", "-v", "0", "-c", NUMBERED))
    del product.environment["PYTHONPATH"]
    port = free_port()
    facts["base_url"] = f"http://127.0.0.1:{port}"
    clients = [Client(facts, form_id) for _client in range(CLIENTS)]
    calls = {}

    def note(phase: str) -> None:
        calls[phase] = sum(client.called.total() for client in clients) - sum(calls.values())

    log = folder / "log"
    with log.open("w") as lines:
        server = product.start("serve", "--port", str(port), "--workers", str(SERVERS), stdout=lines, stderr=lines)
    try:
        wait_until(lambda: status(f"{facts['base_url']}/livez") == 200, what="it serves", seconds=60)
        with calling(clients):
            time.sleep(AROUND)
            note("before")
            product.become_the_next_release()
            product.manage("migrate", "--verbosity", "0")
            note("while the tables change")
            assert NEW not in log.read_text()
            server.send_signal(signal.SIGHUP)
            old = [f"Stopped old worker-{number}" for number in range(1, SERVERS + 1)]
            wait_until(lambda: all(line in log.read_text() for line in old), what="all are new", seconds=180)
            note("while the servers change")
            time.sleep(AROUND)
            note("after")
    finally:
        server.terminate()
        server.wait(60)
    assert [failed for client in clients for failed in client.failed] == []
    assert all(calls.values()), calls
    assert log.read_text().count(NEW) >= SERVERS
    with psycopg.connect(cluster.url) as connection:
        stored = dict(
            connection.execute(
                "SELECT id, data->>'amount' FROM form_entity WHERE custom_form_id = %s", [form_id]
            ).fetchall()
        )
        numbers = connection.execute(
            "SELECT (data->>'gapless')::int FROM form_entity WHERE custom_form_id = %s ORDER BY 1", [form_id]
        ).fetchall()
        (opened,) = connection.execute("SELECT count(*) FROM ticket WHERE further = ''").fetchone() or (0,)
    written = [record for client in clients for record in client.written]
    assert written and {stored.get(record) for record in written} == {"3"}
    assert [number for (number,) in numbers] == list(range(1, len(stored) + 1))
    assert opened >= sum(client.called["ticket_open"] for client in clients) > 0
    seen(
        "an upgrade while clients call",
        calls=calls,
        failed=0,
        records=len(stored),
        tickets=opened,
    )
