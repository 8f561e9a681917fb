"""The life of the embedded server, on clusters of the tests' own."""

import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from config.embedded import binaries
from config.embedded.account import server_account
from config.embedded.cluster import Cluster
from config.embedded.exceptions import ClusterError
from tests.config.copies import Copy, wait_until

JOIN = """
import sys
from pathlib import Path
from config.embedded.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]) / "postgresql", durable=False)
cluster.join()
print((cluster.data / "postmaster.pid").read_text().split()[0], flush=True)
sys.stdin.read()
"""

FORK = """
import os, sys, atexit
from pathlib import Path
from config.embedded.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]) / "postgresql", durable=False)
cluster.join()
if not (child := os.fork()):
    if sys.argv[2] == "joins":
        cluster.join()
    if sys.argv[2] != "ends":
        cluster.leave()
    atexit._run_exitfuncs()
    os._exit(0)
_, status = os.waitpid(child, 0)
print(status, cluster.answers(), flush=True)
cluster.leave()
print(cluster.answers(), flush=True)
"""


def ask(cluster: Cluster, query: str) -> object:
    """The first value of a query's first row."""
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def join(copy: Copy, **more: str) -> "subprocess.Popen[str]":
    """Start a process that joins the copy's server, tells its id, and stays until its input ends."""
    return copy.start("-c", JOIN, str(copy.data_dir), **more)


def told_postmaster(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.strip().isdigit(), process.communicate()
    return int(line)


def test_a_cold_start_makes_a_server_that_knows_every_script(copy: Copy) -> None:
    cluster = copy.cluster
    cluster.join()
    assert ask(cluster, "SHOW server_encoding") == "UTF8"
    assert ask(cluster, "SELECT datctype FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    assert ask(cluster, "SELECT '客' ~ '\\w'") is True
    cluster.leave()
    assert not cluster.answers()
    assert copy.processes() == {}


def test_a_kept_database_survives_a_power_cut_and_a_throwaway_one_need_not(copy: Copy) -> None:
    for durable, expected in ((True, "on"), (False, "off")):
        cluster = Cluster(copy.data_dir / "postgresql", durable=durable)
        cluster.join()
        assert ask(cluster, "SHOW fsync") == expected
        cluster.leave()


def test_the_last_process_that_leaves_stops_the_server(copy: Copy) -> None:
    first = join(copy)
    second = join(copy)
    assert told_postmaster(first) == told_postmaster(second)
    first.communicate(timeout=20)
    assert copy.cluster.answers()
    second.communicate(timeout=20)
    assert copy.processes() == {}


@pytest.mark.parametrize("child", ["ends", "leaves", "joins"])
def test_a_forked_child_does_not_stop_the_server_of_its_parent(copy: Copy, child: str) -> None:
    parent = copy.start("-c", FORK, str(copy.data_dir), child)
    told, _errors = parent.communicate(timeout=60)
    assert told.splitlines() == ["0 True", "False"]
    assert copy.processes() == {}


def test_processes_that_come_at_once_at_the_first_start_share_one_server(copy: Copy) -> None:
    processes = [join(copy) for _ in range(4)]
    assert len({told_postmaster(process) for process in processes}) == 1
    for process in processes:
        process.communicate(timeout=20)
        assert process.returncode == 0
    assert copy.processes() == {}


def test_a_client_killed_with_9_does_not_keep_the_server_for_ever(copy: Copy) -> None:
    killed = join(copy)
    postmaster = told_postmaster(killed)
    killed.kill()
    killed.communicate()
    assert copy.cluster.answers()
    cluster = copy.cluster
    cluster.join()
    assert copy.postmaster() == postmaster
    cluster.leave()
    assert copy.processes() == {}


def test_a_postmaster_killed_with_9_is_started_again_with_its_data(copy: Copy) -> None:
    cluster = copy.cluster
    cluster.join()
    ask(cluster, "SELECT 1")
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        # While this connection's server process lives the memory of the dead one is in use.
        os.kill(copy.postmaster(), signal.SIGKILL)
    wait_until(lambda: not cluster.answers(), what="the postmaster is dead")
    cluster.join()
    assert ask(cluster, "SELECT answer FROM kept") == 42
    cluster.leave()


def test_a_process_id_that_another_program_has_now_does_not_keep_the_server_from_starting(copy: Copy) -> None:
    killed = join(copy)
    postmaster = told_postmaster(killed)
    killed.kill()
    killed.communicate()
    os.kill(postmaster, signal.SIGKILL)
    cluster = copy.cluster
    lock = cluster.data / "postmaster.pid"
    # The id of a process of the server's own user, so that PostgreSQL can see that it lives.
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=lock.stat().st_uid)
    try:
        lock.write_text(lock.read_text().replace(str(postmaster), str(stranger.pid), 1))
        cluster.join()
        assert cluster.answers()
        cluster.leave()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_cluster_is_made_anew(copy: Copy) -> None:
    cluster = copy.cluster
    cluster.join()
    cluster.leave()
    cluster.data.rename(cluster.home / "data.init")
    (cluster.home / "data.init" / "PG_VERSION").unlink()
    cluster.join()
    assert ask(cluster, "SELECT 1") == 1
    cluster.leave()


def test_data_of_another_major_version_are_refused_by_both_numbers(copy: Copy) -> None:
    other = copy.data_dir / "postgresql" / "17" / "data"
    other.mkdir(parents=True)
    (other / "PG_VERSION").write_text("17\n")
    copy.data_dir.chmod(0o711)
    with pytest.raises(ClusterError, match=rf"PostgreSQL 17.*version {binaries.major_version()}"):
        copy.cluster.join()


@pytest.mark.parametrize("name", ["d" * 90, "with, comma and 'quotes'", "资料"])
def test_a_long_or_odd_path_has_a_socket_that_clients_can_name(folder: Path, name: str) -> None:
    cluster = Copy(folder / name).cluster
    cluster.join()
    assert ask(cluster, "SELECT 1") == 1
    assert str(cluster.socket_folder).startswith("/tmp/apaas-")
    assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
    cluster.leave()
    shutil.rmtree(cluster.socket_folder)


def test_a_socket_folder_that_is_open_to_others_is_refused(folder: Path) -> None:
    cluster = Copy(folder / ("d" * 90)).cluster
    cluster.socket_folder.mkdir()
    cluster.socket_folder.chmod(0o777)
    with pytest.raises(ClusterError, match="not ours"):
        cluster.join()
    cluster.socket_folder.rmdir()


def test_a_data_dir_closed_to_the_servers_user_stays_closed_and_has_a_server(copy: Copy) -> None:
    copy.data_dir.mkdir(mode=0o700)
    cluster = copy.cluster
    cluster.join()
    assert ask(cluster, "SELECT 1") == 1
    assert stat.S_IMODE(copy.data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
    cluster.leave()


def test_programs_copied_for_another_user_bring_all_that_they_need(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SHARED_FOLDER", folder / "shared")
    account = server_account(folder / "none")
    package = binaries.programs(None).folder.parents[1]
    for _ in range(2):
        copied = binaries.shared_copy(package)
        programs = binaries.Programs(copied / binaries.PROGRAMS, account)
        for name in ("initdb", "postgres", "pg_ctl"):
            assert f"(PostgreSQL) {binaries.major_version()}" in programs.run(name, "--version")
    assert [entry.name for entry in (folder / "shared").iterdir()] == [copied.parent.name]


def test_the_callers_postgresql_variables_decide_nothing(copy: Copy) -> None:
    process = join(copy, PGPORT="6000", PGDATA="/nowhere", PGHOST="example.org")
    told_postmaster(process)
    assert copy.cluster.answers()
    process.communicate(timeout=20)


def test_a_link_to_a_place_that_is_gone_is_named(copy: Copy) -> None:
    copy.data_dir.mkdir()
    (copy.data_dir / "postgresql").symlink_to("/nowhere/at/all")
    with pytest.raises(ClusterError, match="points to /nowhere/at/all"):
        copy.cluster.join()
    (copy.data_dir / "postgresql").unlink()
