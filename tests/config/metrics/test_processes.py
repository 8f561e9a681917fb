"""What several processes of a server count, told by whichever is asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.metrics import place
from forms_app.models import Member
from tests.apaas.live import PROJECT, Live, head, serving
from tests.config.copies import wait_until
from tests.config.metrics.test_metrics import SECRET, samples
from tests.factories import make_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def live() -> Iterator[Live]:
    respawn = ["--respawn-failed-workers", "--respawn-interval", "0.5"]
    with serving(workers=2, options=respawn, METRICS_TOKEN=SECRET) as running:
        yield running


def counted(live: Live) -> dict[tuple[str, ...], float]:
    raw = live.raw(head("GET", "/metrics", None, f"Authorization: Bearer {SECRET}"))
    start, _blank, body = raw.partition(b"\r\n\r\n")
    assert b" 200 " in start.splitlines()[0]
    return samples(body.decode())


def calls(live: Live) -> float:
    return counted(live).get(("apaas_call_seconds_count", "custom_apps-list", "200"), 0)


def test_all_processes_are_told_by_each_and_what_a_dead_one_counted_stays(live: Live, alice: Member) -> None:
    token = make_token(alice)[1]
    for _time in range(20):
        live.raw(head("GET", "/apaas/api/v2/custom_apps", token))
    assert {calls(live) for _time in range(8)} == {20}
    found = counted(live)
    assert found[("apaas_request_threads",)] == 2 * 4
    assert found[("apaas_statements_total",)] >= 20
    workers = place_of(live)
    os.kill(workers[0], signal.SIGKILL)
    wait_until(lambda: len({*place_of(live)} - {workers[0]}) == 2, what="another process is in its place")
    wait_until(lambda: counted(live)[("apaas_request_threads",)] == 2 * 4, what="it serves, and the dead one does not")
    assert calls(live) == 20


def place_of(live: Live) -> list[int]:
    """The processes of the server that live and count."""
    mine = [pid for pid in _children(os.getpid()) if f"\0{live.port}\0" in Path(f"/proc/{pid}/cmdline").read_text()]
    (main,) = mine
    return [pid for pid in _children(main) if "granian" in Path(f"/proc/{pid}/cmdline").read_text()]


def _children(pid: int) -> list[int]:
    found = (path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return sorted(int(child) for children in found for child in children)


def take(folder: Path, **more: str) -> str:
    """What a process that takes its place there, as a child of this one, has in its environment."""
    code = (
        "import os, sys; from pathlib import Path; from config.metrics.place import take_place\n"
        "take_place(Path(sys.argv[1])); print(os.environ.get('PROMETHEUS_MULTIPROC_DIR', ''))"
    )
    environment = {name: value for name, value in os.environ.items() if name != place.VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=PROJECT,
        env={**environment, **more},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_processes_of_one_parent_share_a_place_and_that_of_an_ended_server_goes(tmp_path: Path) -> None:
    mine = take(tmp_path)
    assert Path(mine).parent == tmp_path and Path(mine).stat().st_mode & 0o777 == 0o700
    ended = tmp_path / mine.replace(f"-{os.getpid()}-", f"-{os.getpid()}-1")
    ended.mkdir()
    other = tmp_path / "somebody-elses"
    other.mkdir()
    assert take(tmp_path) == mine
    assert sorted(tmp_path.iterdir()) == sorted([Path(mine), other])


def test_a_place_that_is_named_is_taken_and_one_that_is_not_ours_is_not(tmp_path: Path) -> None:
    assert take(tmp_path, **{place.VARIABLE: "/somewhere"}) == "/somewhere"
    assert list(tmp_path.iterdir()) == []
    name = Path(take(tmp_path)).name
    (tmp_path / name).rmdir()
    (tmp_path / name).symlink_to(tmp_path)
    assert take(tmp_path) == ""


def test_of_dead_processes_only_what_they_had_in_hand_goes(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f"gauge_livesum_{dead.pid}.db", f"counter_{dead.pid}.db", f"gauge_livesum_{os.getpid()}.db"):
        (tmp_path / name).touch()
    place.forget_dead(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"counter_{dead.pid}.db", f"gauge_livesum_{os.getpid()}.db"}
