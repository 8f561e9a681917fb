"""`manage.py quickstart` as a user meets it."""

import json
import os
import signal
import socket
import stat
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.config.copies import Copy, wait_until
from tests.config.made import with_demo


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def status(url: str) -> int | None:
    """The status that an address answers with; None while nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def start(
    copy: Copy, *, seconds: float = 60, workers: int = 1, **more: str
) -> "tuple[subprocess.Popen[str], dict[str, Any]]":
    """Start a serving copy and wait until it says that it serves."""
    told = copy.data_dir.parent / "told.json"
    port = str(free_port())
    process = copy.start(
        "manage.py", "quickstart", "--workers", str(workers), "--port", port, "--json", str(told), **more
    )
    wait_until(lambda: told.exists() or process.poll() is not None, what="it serves", seconds=seconds)
    assert process.poll() is None, process.communicate()
    return process, json.loads(told.read_text())


def only(processes: dict[int, str]) -> int:
    return min(processes)


def test_a_second_run_tells_the_same_and_leaves_nothing_running(copy: Copy, folder: Path) -> None:
    told = []
    for name in ("one.json", "two.json"):
        done = copy.manage("quickstart", "--no-serve", "--json", str(folder / name))
        assert done.returncode == 0, done.stderr
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        told.append(json.loads((folder / name).read_text()))
        assert told[-1]["token"] in done.stdout and told[-1]["admin"]["password"] in done.stdout
        assert copy.processes() == {}
    assert told[0].pop("security") != told[1].pop("security")  # each run issues one
    assert told[0] == told[1]
    assert {
        "base_url",
        "token",
        "other_token",
        "admin",
        "organization_id",
        "member_uid",
        "forms",
        "flows",
    } == set(told[0])
    for name in ("secret_key", "demo.json"):
        assert stat.S_IMODE((copy.data_dir / name).stat().st_mode) == 0o600


def test_it_serves_and_mends_what_dies_until_it_is_told_to_stop(copy: Copy) -> None:
    process, facts = start(with_demo(copy))
    page = f"{facts['base_url']}/admin/login/"
    assert status(page) == 200
    assert status(f"{facts['base_url']}/static/admin/css/base.css") == 200
    postmaster = copy.postmaster()
    server = only(copy.processes("granian"))
    worker = only(copy.processes("procrastinate"))
    for killed in (postmaster, server):
        os.kill(killed, signal.SIGKILL)
    wait_until(lambda: copy.cluster.answers() and copy.postmaster() != postmaster, what="the database is back")
    wait_until(lambda: status(page) == 200 and server not in copy.processes(), what="the server is back")
    # It was not killed, but would wait for ever on the connection that it lost.
    wait_until(lambda: set(copy.processes("procrastinate")) - {worker}, what="another worker runs")
    process.terminate()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Serving." in out
    assert copy.processes() == {}


def test_an_operator_is_made_beside_the_printed_account_while_it_serves(copy: Copy) -> None:
    process, facts = start(with_demo(copy))
    secret = {"DJANGO_SUPERUSER_PASSWORD": "long enough, 77 times"}
    options = ("--noinput", "--username", "operator", "--email", "operator@example.com")
    made = copy.manage("createsuperuser", *options, **secret)
    assert made.returncode == 0, made.stderr
    code = (
        "from django.contrib.auth.models import User; from forms_app.people.accounts import is_operator;"
        f"print([is_operator(User.objects.get(username=n)) for n in ({facts['admin']['username']!r}, 'operator')])"
    )
    assert copy.manage("shell", "-v", "0", "-c", code).stdout.strip() == "[False, True]"
    process.terminate()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "manage.py createsuperuser" in out


def test_a_quickstart_killed_with_9_takes_its_servers_along(copy: Copy) -> None:
    process, facts = start(with_demo(copy))
    process.kill()
    process.communicate()
    wait_until(
        lambda: not copy.processes("granian") and not copy.processes("procrastinate"), what="its servers are gone"
    )
    assert status(f"{facts['base_url']}/") is None
    # The database outlives it, until the next process that uses it ends.
    assert copy.manage("shell", "-v", "0", "-c", "from django.db import connection as c; c.cursor()").returncode == 0
    assert copy.processes() == {}


def test_a_port_in_use_is_told_before_anything_is_made(copy: Copy) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = copy.manage("quickstart", "--port", port)
    assert done.returncode == 1
    assert f"Can't listen on 127.0.0.1:{port}: Address already in use" in done.stderr
    assert not copy.data_dir.exists()


def test_a_server_that_dies_at_its_start_ends_the_command(copy: Copy) -> None:
    done = copy.manage("quickstart", "--port", str(free_port()), GRANIAN_SSL_CERTIFICATE="/nowhere")
    assert done.returncode == 1
    assert "The server ended at once" in done.stderr
    assert copy.processes() == {}


def test_it_uses_the_database_that_it_is_given(copy: Copy, folder: Path) -> None:
    other = Copy(folder / "other")
    cluster = other.cluster
    cluster.join()
    done = copy.manage("quickstart", "--no-serve", DATABASE_URL=cluster.url)
    assert done.returncode == 0, done.stderr
    assert not (copy.data_dir / "postgresql").exists()
    assert cluster.answers()
    cluster.leave()


def test_a_database_that_is_away_is_told_in_a_sentence(copy: Copy) -> None:
    done = copy.manage("quickstart", "--no-serve", DATABASE_URL="postgresql://u@%2Fnowhere/n")
    assert done.returncode == 1
    assert "The database doesn't answer" in done.stderr and "Traceback" not in done.stderr
