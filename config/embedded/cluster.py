"""One embedded PostgreSQL server: made on first use, shared by processes, stopped by the last of them."""

import atexit
import fcntl
import os
import shlex
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from psycopg import pq

from config.embedded import binaries
from config.embedded.account import Account
from config.embedded.exceptions import ClusterError
from config.embedded.leftovers import forget_dead_postmaster
from config.embedded.place import SOCKET_NAME, make_home, make_socket_folder, socket_folder

START_SECONDS = 60
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # Every statement that touches a partitioned table without naming a form locks all partitions and indexes.
    "max_locks_per_transaction": "256",
    # Compiling a plan takes longer than these short statements run.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Commits still outlive a killed server, as tests of that expect; only a power cut loses them.
THROWAWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off"}


class Cluster:
    """The server whose files lie in one folder of DATA_DIR.

    A process joins it before it connects and leaves it at its end. Two files are locked, by flock, which the
    kernel undoes when a process dies however it dies: `boot.lock` while the server is looked at, started or
    stopped, and `users.lock`, shared, for as long as a process uses it.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable
        self._mutex = threading.Lock()
        self._users: int | None = None
        self._pid = 0
        self._account: Account | None = None
        self._major = 0

    @property
    def home(self) -> Path:
        """The folder of this major version: data, socket, log and locks."""
        return self._folder.resolve() / str(self.major)

    @property
    def major(self) -> int:
        """PostgreSQL's major version."""
        self._major = self._major or binaries.major_version()
        return self._major

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "data"

    @property
    def socket_folder(self) -> Path:
        """What a client names as its host."""
        return socket_folder(self.home)

    @property
    def url(self) -> str:
        """The DATABASE_URL that another process reaches this server by."""
        return f"postgresql://postgres@{quote(str(self.socket_folder), safe='')}:5432/postgres"

    def answers(self) -> bool:
        """Whether the server takes connections now: asked at its socket, for a process id proves nothing."""
        return self._ping() == pq.Ping.OK

    def join(self) -> None:
        """Use the server until `leave` or the end of this process; start it when it isn't there.

        Cheap when already joined, and then it starts a server that died since. Raises ClusterError.
        """
        with self._mutex:
            if self._joined() and self.answers():
                return
            _, self._account = make_home(self._folder, self.major)
            with self._booting():
                if not self._joined():
                    self._users = self._lock_users()
                    self._pid = os.getpid()
                    atexit.register(self.leave)
                self._make_it_answer()

    def leave(self) -> None:
        """Stop using the server; the last that leaves stops it. Raises ClusterError when it won't stop."""
        with self._mutex:
            if not self._joined() or self._users is None:
                return
            atexit.unregister(self.leave)
            users, self._users = self._users, None
            try:
                # Without its folder the server ends by itself, as soon as it notices.
                if self.data.exists():
                    with self._booting():
                        self._stop_unless_used(users)
            finally:
                os.close(users)

    def _programs(self) -> binaries.Programs:
        """PostgreSQL's programs of that version. Raises ClusterError."""
        return binaries.programs(self._account)

    def _joined(self) -> bool:
        # A forked child has the parent's descriptor, not a use of its own.
        return self._users is not None and self._pid == os.getpid()

    def _ping(self) -> pq.Ping:
        conninfo = f"host={self.socket_folder} port=5432 user=postgres dbname=postgres connect_timeout=5"
        return pq.Ping(pq.PGconn.ping(conninfo.encode()))

    @contextmanager
    def _booting(self) -> Iterator[None]:
        """One process at a time looks, starts or stops."""
        descriptor = self._open_lock("boot.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _lock_users(self) -> int:
        descriptor = self._open_lock("users.lock")
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def _open_lock(self, name: str) -> int:
        descriptor = os.open(self.home / name, os.O_RDWR | os.O_CREAT, 0o600)
        if self._account is not None:
            os.fchown(descriptor, self._account.uid, self._account.gid)
        return descriptor

    def _stop_unless_used(self, users: int) -> None:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if self._ping() != pq.Ping.NO_RESPONSE:
            programs = self._programs()
            programs.run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", str(START_SECONDS), "stop")

    def _make_it_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        # "Reject" is a server that starts, stops or recovers: it will answer, or be gone.
        while (state := self._ping()) == pq.Ping.REJECT and time.monotonic() < deadline:
            time.sleep(0.05)
        if state == pq.Ping.OK:
            return
        if state == pq.Ping.REJECT:
            raise ClusterError(f"The embedded PostgreSQL is up but takes no connections; its log: {self._log}")
        programs = self._programs()
        if not self.data.exists():
            self._initialize(programs)
        self._refuse_other_version()
        make_socket_folder(self.socket_folder, self._account)
        self._start(programs, deadline)

    def _initialize(self, programs: binaries.Programs) -> None:
        """Make an empty cluster beside its place and move it there, so that a half-made one is never used."""
        draft = self.data.with_name("data.init")
        # PostgreSQL's user owns what a killed initdb left, and root may delete it as well.
        if draft.exists():
            shutil.rmtree(draft)
        arguments = ["-D", str(draft), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        if not self._durable:
            arguments.append("--no-sync")
        programs.run("initdb", "--no-instructions", *arguments)
        draft.rename(self.data)

    def _refuse_other_version(self) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != str(self._major):
            raise ClusterError(
                f"{self.data} holds a database of PostgreSQL {version}, and the installed programs are of "
                f"version {self._major}, which can't read it: install the {binaries.DISTRIBUTION} of that "
                "version."
            )

    def _start(self, programs: binaries.Programs, deadline: float) -> None:
        settings = SERVER_SETTINGS if self._durable else SERVER_SETTINGS | THROWAWAY_SETTINGS
        settings = {**settings, "unix_socket_directories": str(self.socket_folder)}
        options = shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        command = [
            "-D",
            str(self.data),
            "-w",
            "-t",
            str(START_SECONDS),
            "-l",
            str(self._log),
            "-o",
            options,
            "start",
        ]
        while True:
            forget_dead_postmaster(self.data, self.socket_folder / SOCKET_NAME)
            before = self._log.stat().st_size if self._log.exists() else 0
            try:
                programs.run("pg_ctl", *command, timeout=START_SECONDS + 10)
            except ClusterError as error:
                words = self._log_since(before)
                # The children of a postmaster that was killed notice it one after the other.
                if "shared memory block" not in words or time.monotonic() > deadline:
                    raise ClusterError(f"The embedded PostgreSQL doesn't start. {words or error}") from error
                time.sleep(0.2)
            else:
                return

    @property
    def _log(self) -> Path:
        return self.home / "log"

    def _log_since(self, offset: int) -> str:
        try:
            with self._log.open(errors="replace") as log:
                log.seek(offset)
                return log.read(4000).strip()
        except OSError:
            return ""


_clusters: dict[tuple[Path, bool], Cluster] = {}


def cluster_in(folder: Path, *, durable: bool = True) -> Cluster:
    """This process's one Cluster for a folder, whichever thread or connection asks."""
    return _clusters.setdefault((folder, durable), Cluster(folder, durable=durable))
