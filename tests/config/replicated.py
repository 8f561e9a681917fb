"""A primary and streaming standbys on ports of this machine, and who calls what serves them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPMessage
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.conf import settings

from config.embedded import binaries
from config.embedded.account import server_account
from tests.apaas.live import Live
from tests.config.copies import Copy, wait_until
from tests.config.made import with_demo
from tests.config.test_quickstart import free_port

FIELD = "text_1691116775689_fb4558"
RECORD = 11
FORM = "custom_form_id=2"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "jit": "off",
    "hot_standby_feedback": "on",
    "wal_receiver_timeout": "2s",
    "wal_retrieve_retry_interval": "100ms",
    "wal_keep_size": "1GB",
}


class Node:
    """One server, whose files lie in a folder of its own."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.account = server_account(data)
        self.programs = binaries.programs(self.account)

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def log(self) -> Path:
        return self.data.with_name(f"{self.data.name}.log")

    def start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in {**SETTINGS, "port": str(self.port)}.items())
        self.log.touch()
        if self.account:
            self.account.own(self.log)
        self.programs.run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.log), "-o", options, "start")

    def kill(self) -> None:
        """All of it at once, as a machine that loses its power."""
        with suppress(FileNotFoundError):
            postmaster = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True)
            for process in (postmaster, *map(int, children.stdout.split())):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            wait_until(lambda: not Path(f"/proc/{postmaster}").exists(), what="it is dead")
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def signalled(self, number: signal.Signals) -> None:
        """Every process of it is sent a signal."""
        postmaster = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True)
        for process in (postmaster, *map(int, children.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def ask(self, sql: str) -> Any:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(sql)  # type: ignore[arg-type]
            return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]

    def follow(self, primary: Node) -> None:
        """Stream from another primary from now on."""
        self.ask(f"ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port={primary.port} user=postgres'")
        self.ask("SELECT pg_reload_conf()")

    def confirm(self) -> None:
        """Have a commit wait until a standby has it: what was confirmed then outlives this server."""
        self.ask("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'")
        self.ask("SELECT pg_reload_conf()")

    def promote(self) -> None:
        self.ask("SELECT pg_promote(true, 30)")


class Replicated:
    """The demo at a primary, and standbys of it."""

    def __init__(self, copy: Copy, standbys: int = 2) -> None:
        with_demo(copy)
        data = copy.cluster.data
        self.primary = Node(data)
        self.primary.start()
        self.standbys = [self.standby(data.with_name(f"standby_{number}")) for number in range(standbys)]

    def standby(self, data: Path) -> Node:
        node = Node(data)
        self.primary.programs.run(
            *("pg_basebackup", "-h", "127.0.0.1", "-p", str(self.primary.port), "-U", "postgres"),
            *("-D", str(data), "-R", "-X", "stream", "-c", "fast", "--no-sync"),
        )
        node.start()
        return node

    @property
    def nodes(self) -> list[Node]:
        return [self.primary, *self.standbys]

    @property
    def url(self) -> str:
        """Every host, of which the one is meant that may be written to."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"

    def environment(self, replicas: Sequence[Node] | None = None) -> dict[str, str]:
        reads = self.standbys if replicas is None else replicas
        return {"DATABASE_URL": self.url, "REPLICA_URLS": ",".join(node.url for node in reads)}

    def end(self) -> None:
        for node in self.nodes:
            with suppress(OSError):
                node.signalled(signal.SIGCONT)
            node.kill()


def caught_up(primary: Node, standby: Node, seconds: float = 20) -> None:
    """Wait until the standby has replayed all that the primary wrote."""
    ends = time.monotonic() + seconds
    position = primary.ask("SELECT pg_current_wal_flush_lsn()")
    while not standby.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'"):
        assert time.monotonic() < ends, "the standby does not follow"
        time.sleep(0.02)


class Told(NamedTuple):
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def data(self) -> Any:
        assert self.status == 200, self.body
        return json.loads(self.body)["data"]


class Caller:
    """Somebody with a token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def call(self, live: Live, method: str, path: str, body: Any = None, **headers: str) -> Told:
        root = "" if path.startswith("/../") else "/form_entities"
        url = f"http://127.0.0.1:{live.port}/apaas/api/v2{root}{path.removeprefix('/..')}"
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, content, method=method)
        for name, value in {"ACCESS-TOKEN": self.token, "Content-Type": "application/json", **headers}.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Told(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Told(error.code, error.headers, error.read())

    def write(self, live: Live, text: str) -> Told:
        return self.call(live, "PUT", f"/{RECORD}", {"custom_form_id": 2, "form_entity": {FIELD: text}})

    def reads(self, live: Live, **headers: str) -> str:
        text: str = self.call(live, "GET", f"/{RECORD}?{FORM}&only_field_names[]={FIELD}", **headers).data[FIELD]
        return text


@contextmanager
def replicated() -> Iterator[tuple[Replicated, dict[str, str], list[str]]]:
    """The servers of the database, what those of the product need to know, and tokens of members 1 and 2."""
    with tempfile.TemporaryDirectory(prefix="apaas-test-", dir="/tmp") as name, ExitStack() as ending:
        Path(name).chmod(0o711)
        nodes = Replicated(Copy(Path(name) / "data"))
        ending.callback(nodes.end)
        copied = {"DATA_DIR": str(Path(name) / "data"), "SECRET_KEY": settings.SECRET_KEY}
        direct = {**copied, "DATABASE_URL": nodes.primary.url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        tokens = []
        for uid in ("1", "2"):
            made = Copy(Path(name)).manage("create_token", "1", uid, "of a test", **direct)
            assert made.returncode == 0, made.stderr
            tokens.append(json.loads(made.stdout)["token"])
        for standby in nodes.standbys:
            caught_up(nodes.primary, standby)
        yield nodes, {**copied, **nodes.environment()}, tokens
