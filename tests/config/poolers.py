"""PgBouncer in transaction mode before a copy's database: for the proofs at full scale, which need it installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.embedded.account import server_account
from config.embedded.cluster import Cluster
from config.embedded.exceptions import ClusterError
from tests.config.copies import Copy
from tests.config.test_quickstart import free_port

SETTINGS = """
[databases]
postgres = host={socket} port=5432 user=postgres dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 12
max_client_conn = 500
query_wait_timeout = 30
server_login_retry = 1
logfile = {folder}/pgbouncer.log
"""


class Pooler:
    """Runs the copy's database, and a pooler before it; starts both again when they were killed."""

    def __init__(self, copy: Copy, folder: Path) -> None:
        self.cluster = Cluster(copy.data_dir / "postgresql", durable=False)
        self.cluster.join()
        self.port = free_port()
        self.folder = folder
        self.settings = folder / "pgbouncer.ini"
        self.settings.write_text(SETTINGS.format(socket=self.cluster.socket_folder, port=self.port, folder=folder))
        account = server_account(self.cluster.home)
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

    def started(self) -> subprocess.Popen[bytes]:
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        return subprocess.Popen([program, "-q", str(self.settings)], user=self.user, stderr=subprocess.DEVNULL)

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
        self.cluster.leave()


@contextmanager
def pooled(copy: Copy, folder: Path) -> Iterator[Pooler]:
    """A pooler in `folder` until the block ends."""
    folder.mkdir(mode=0o711)
    pooler = Pooler(copy, folder)
    try:
        yield pooler
    finally:
        pooler.end()
