"""PgBouncer in transaction mode before a database: found on the machine, or brought to it (`python -m
tests.config.poolers`)."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.embedded.account import server_account
from config.embedded.cluster import Cluster
from config.embedded.exceptions import ClusterError
from tests.browser import apt_install
from tests.config.copies import Copy, wait_until
from tests.config.test_quickstart import free_port

SETTINGS = """
[databases]
* = host={socket} port=5432 user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 500
query_wait_timeout = 30
server_login_retry = 1
logfile = {folder}/pgbouncer.log
"""


def program() -> str | None:
    """Where PgBouncer lies; None where it is not installed."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")


class Pooler:
    """A pooler before a database that is this process's; starts both again when they were killed."""

    def __init__(self, cluster: Cluster, folder: Path, text: str, port: int) -> None:
        self.cluster = cluster
        self.port = port
        self.settings = folder / "pgbouncer.ini"
        self.settings.write_text(text)
        account = server_account(cluster.home)
        self.user = account and account.uid  # as the database, it does not run as root
        if account:
            account.own(folder)
        self.process = self.started()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.tend)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def environment(self) -> dict[str, str]:
        """What the product is told."""
        return {"DATABASE_URL": self.url, "DIRECT_DATABASE_URL": self.cluster.url}

    def started(self) -> subprocess.Popen[bytes]:
        found = program()
        assert found is not None, "PgBouncer is needed: apt-get install pgbouncer"
        return subprocess.Popen([found, "-q", str(self.settings)], user=self.user, stderr=subprocess.DEVNULL)

    def kill(self, _copy: Copy) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    def tend(self) -> None:
        while not self.stopping.wait(0.2):
            with suppress(ClusterError):
                self.cluster.join()
            if self.process.poll() is not None:
                self.process = self.started()

    def end(self) -> None:
        self.stopping.set()
        self.thread.join()
        self.process.terminate()
        self.process.wait(10)


@contextmanager
def running(cluster: Cluster, folder: Path, text: str, port: int) -> Iterator[Pooler]:
    """A pooler of these settings in `folder` until the block ends."""
    pooler = Pooler(cluster, folder, text, port)
    try:
        wait_until(lambda: listens(port), what="the pooler runs")
        yield pooler
    finally:
        pooler.end()


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def pooler_before(cluster: Cluster, folder: Path, pool: int) -> Iterator[Pooler]:
    """The same with so many connections to the database."""
    folder.mkdir(mode=0o711)
    port = free_port()
    text = SETTINGS.format(socket=cluster.socket_folder, port=port, folder=folder, pool=pool)
    with running(cluster, folder, text, port) as pooler:
        yield pooler


@contextmanager
def pooler_of_sample(cluster: Cluster, folder: Path, sample: str) -> Iterator[Pooler]:
    """One as the documentation has it but for places: PostgreSQL's, its own port, and the file of passwords."""
    folder.mkdir(mode=0o711)
    passwords, port = folder / "userlist.txt", free_port()
    passwords.write_text('"apaas" "password"\n')
    places = {
        "host=127.0.0.1": f"host={cluster.socket_folder}",
        "listen_port = 6432": f"listen_port = {port}",
        "/etc/pgbouncer/userlist.txt": str(passwords),
    }
    for place, ours in places.items():
        assert place in sample
        sample = sample.replace(place, ours)
    with running(cluster, folder, f"{sample}unix_socket_dir =\n", port) as pooler:
        yield pooler


@contextmanager
def pooled(copy: Copy, folder: Path, pool: int = 12) -> Iterator[Pooler]:
    """The same before a copy's database, which runs until then."""
    cluster = Cluster(copy.data_dir / "postgresql", durable=False)
    cluster.join()
    try:
        with pooler_before(cluster, folder, pool) as pooler:
            yield pooler
    finally:
        cluster.leave()


def main() -> None:
    """Bring PgBouncer unless it is there; ends with a sentence where that can't be done."""
    if program() is None:
        apt_install("pgbouncer")
    if program() is None:
        sys.exit(
            "The tests behind a pooler can't run: PgBouncer is not installed. As root, on Debian:\n"
            "    apt-get install pgbouncer"
        )


if __name__ == "__main__":
    main()
