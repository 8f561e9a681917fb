"""The database lane behind a pooler (`make test-pooled`): PgBouncer in transaction mode, with four connections to each
database of a PostgreSQL that lives as long as the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection

from config.embedded.cluster import Cluster
from tests.config.poolers import pooler_before

POOL = 4
LANE = (sys.executable, "-m", "pytest", "-n", "2", "-m", "database")
DIRECT = os.environ.get("DIRECT_DATABASE_URL", "")


@contextmanager
def left_alone() -> Iterator[None]:
    """Have the pool let go of the test database in the end: who is connected to it keeps it from being dropped."""
    yield
    name = connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(DIRECT, autocommit=True) as direct:
        direct.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])


def main() -> int:
    """Run the lane with pytest's further arguments; its exit code."""
    folder = Path(tempfile.mkdtemp(prefix="apaas-test-", dir="/tmp"))
    folder.chmod(0o711)  # root's PostgreSQL is another user
    cluster = Cluster(folder / "postgresql", durable=False)
    cluster.join()
    try:
        with pooler_before(cluster, folder / "pooler", POOL) as pooler:
            return subprocess.run([*LANE, *sys.argv[1:]], env={**os.environ, **pooler.environment}).returncode
    finally:
        cluster.leave()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
