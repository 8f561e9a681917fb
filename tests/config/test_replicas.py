"""A primary, two standbys that stream from it, and two servers: what is read there, and what is done without them."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings

from tests.apaas.live import Live, serving
from tests.config.copies import Copy, wait_until
from tests.config.replicated import FIELD, FORM, RECORD, Caller, Node, Replicated, caught_up, replicated

pytestmark = pytest.mark.slow
FORMULA = {"custom_form_id": 3, "id": 1, "field_name": "text_169111676456_af4re5t", "form_entity": {}}
READS: list[tuple[str, str, Any]] = [
    ("GET", f"?{FORM}", None),
    ("GET", f"?{FORM}&cursor=*", None),
    ("PUT", "", {"custom_form_id": 2, "search_column_name": FIELD, "query": "1", "per_page": 100}),
    ("PUT", "", {"custom_form_id": 2, "sort": [{"created_at": "asc"}], "page": 5, "per_page": 90}),
    ("GET", f"/ids?{FORM}", None),
    ("GET", f"/simple?{FORM}&query=1", None),
    ("GET", f"/{RECORD}?{FORM}", None),
    ("POST", "/evaluate", FORMULA),
    ("GET", f"/{RECORD}/history?{FORM}&cursor=*", None),
    ("GET", f"/changes?{FORM}&cursor=*&per_page=50", None),
    ("GET", f"/trash?{FORM}", None),
]
EXPORTS: list[tuple[str, str, Any]] = [("GET", f"/export?{FORM}&format={kind}", None) for kind in ("csv", "jsonl")]
"""Their rows are a standby's, the names beside them the primary's."""


class World(NamedTuple):
    """Two servers over a primary and two standbys."""

    nodes: Replicated
    here: Live
    there: Live
    alice: Caller
    bob: Caller
    log: Path

    def failed(self) -> int:
        """How often it is logged that a read failed at a standby."""
        return self.log.read_text().count("replica failed")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with replicated() as (nodes, environment, tokens), ExitStack() as serve:
        log = Path(environment["DATA_DIR"]).with_name("server.log")
        here = serve.enter_context(serving(1, log, **environment))
        there = serve.enter_context(serving(1, **environment))
        yield World(nodes, here, there, Caller(tokens[0]), Caller(tokens[1]), log)


@pytest.fixture(autouse=True)
def settled(world: World) -> None:
    """Both standbys follow, and are read from by both servers."""
    for node in world.nodes.standbys:
        node.ask("SELECT pg_wal_replay_resume()")
        caught_up(world.nodes.primary, node)
    for live in (world.here, world.there):
        wait_until(lambda live=live: reads_of(world, live), what="a standby is read from")  # type: ignore[misc]


def reads_of(world: World, live: Live) -> list[Node]:
    """Which servers were asked for records while some were read."""
    with logged(world.nodes.nodes) as asked:
        for _time in range(8):
            world.bob.reads(live)
        return [node for node in asked() if node is not world.nodes.primary]


@contextmanager
def logged(nodes: list[Node]) -> Iterator[Any]:
    """The servers that are asked for a record meanwhile."""
    for node in nodes:
        node.ask("ALTER SYSTEM SET log_statement = 'all'")
        node.ask("SELECT pg_reload_conf()")
        wait_until(lambda n=node: n.ask("SHOW log_statement") == "all", what="it logs")  # type: ignore[misc]
    ends = {node: node.log.stat().st_size for node in nodes}
    yield lambda: [node for node in nodes if b"FROM form_entity" in node.log.read_bytes()[ends[node] :]]
    for node in nodes:
        node.ask("ALTER SYSTEM RESET log_statement")
        node.ask("SELECT pg_reload_conf()")


def pause(world: World) -> None:
    for node in world.nodes.standbys:
        node.ask("SELECT pg_wal_replay_pause()")
        wait_until(lambda n=node: n.ask("SELECT pg_get_wal_replay_pause_state()") == "paused", what="it waits")  # type: ignore[misc]


def ready(live: Live) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{live.port}/readyz", timeout=20) as answer:
        return json.load(answer)["checks"]


def test_every_call_that_reads_is_answered_by_standbys_as_by_the_primary(world: World) -> None:
    with serving(1, DATABASE_URL=world.nodes.primary.url) as alone:
        reads = [world.alice.call(alone, *read) for read in READS]
        exports = [world.alice.call(alone, *read) for read in EXPORTS]
    assert {told.status for told in (*reads, *exports)} == {200}
    failed = world.failed()
    with logged(world.nodes.nodes) as asked:
        answers = [world.alice.call(world.here, *read) for read in READS * 4]
        assert asked() == world.nodes.standbys
    answers += [world.alice.call(world.here, *read) for read in EXPORTS * 4]
    for read, told, before in zip([*READS * 4, *EXPORTS * 4], answers, [*reads * 4, *exports * 4], strict=True):
        assert without_times(told.body) == without_times(before.body), read
        assert "X-Read-After" not in told.headers
    assert world.failed() == failed


def without_times(body: bytes) -> Any:
    """The answer without the cursor, which holds the time of now."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    if isinstance(answer.get("data"), dict):
        answer["data"].pop("next_cursor", None)
    return answer


def test_who_wrote_reads_it_at_another_server_while_no_standby_has_it(world: World) -> None:
    for number in range(20):
        pause(world)
        told = world.alice.write(world.here, f"own {number}")
        assert world.alice.reads(world.there) == f"own {number}"
        assert world.alice.reads(world.here) == f"own {number}"
        # Whom she tells reads it too.
        assert world.bob.reads(world.there, X_Read_After=told.headers["X-Read-After"]) == f"own {number}"
        for node in world.nodes.standbys:
            node.ask("SELECT pg_wal_replay_resume()")
            caught_up(world.nodes.primary, node)


def test_a_text_that_is_no_position_is_answered_by_the_primary(world: World) -> None:
    for text in ("", "0/1", "AAAA" * 8, world.alice.write(world.here, "x").headers["X-Read-After"][:-4]):
        with logged(world.nodes.nodes) as asked:
            assert world.bob.call(world.here, "GET", f"/{RECORD}?{FORM}", X_Read_After=text).status == 200
            assert asked() == [world.nodes.primary], text


def test_a_standby_that_stands_still_is_left_and_taken_again(world: World) -> None:
    pause(world)
    world.alice.write(world.here, "behind")
    wait_until(lambda: not reads_of(world, world.here), what="they are left", seconds=5)
    assert world.bob.reads(world.here) == "behind"
    for node in world.nodes.standbys:
        node.ask("SELECT pg_wal_replay_resume()")
    wait_until(lambda: reads_of(world, world.here), what="one is read from again", seconds=5)


@pytest.mark.parametrize("way", ["killed", "stopped"])
def test_nobody_notices_a_standby_that_dies_or_hangs(world: World, way: str) -> None:
    dying = world.nodes.standbys[0]
    if way == "killed":
        dying.kill()
    else:
        dying.signalled(signal.SIGSTOP)
    ends = time.monotonic() + 2
    while time.monotonic() < ends:
        assert world.bob.reads(world.here)
        assert world.alice.call(world.there, "GET", f"?{FORM}").status == 200
    assert "replica 1 is away" in ready(world.here)["replicas"]["message"]
    if way == "killed":
        dying.start()
    else:
        dying.signalled(signal.SIGCONT)
    caught_up(world.nodes.primary, dying)
    wait_until(lambda: dying in reads_of(world, world.here), what="it is read from again", seconds=10)


def test_a_definition_that_no_standby_has_yet_is_never_remembered_as_it_was(world: World) -> None:
    def heading() -> str:
        export = world.bob.call(world.here, "GET", f"/export?{FORM}&format=csv&headings=label")
        return export.body.decode("utf-8-sig").partition("\n")[0]

    before = heading()
    pause(world)
    rename = (
        "from forms_app.models import CustomField as F; from django.db import transaction\n"
        f"field = F.objects.get(custom_form_id=2, name='{FIELD}'); field.label = '全新的名字'; field.save()"
    )
    copied = {"SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": world.nodes.primary.url}
    done = Copy(world.log.parent / "data").manage("shell", "-c", rename, **copied)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: "全新的名字" in heading(), what="the new label is seen", seconds=3)
    seen = [heading() for _time in range(10)]
    for node in world.nodes.standbys:
        node.ask("SELECT pg_wal_replay_resume()")
    seen += [heading() for _time in range(10)]
    wait_until(lambda: reads_of(world, world.here), what="a standby is read from")
    seen += [heading() for _time in range(10)]
    assert "全新的名字" not in before
    assert all("全新的名字" in each for each in seen)


def test_a_server_that_takes_no_writes_is_503_and_a_write_finds_its_way_afterwards(world: World) -> None:
    primary = world.nodes.primary
    assert world.alice.write(world.here, "before").status == 200
    primary.ask("ALTER SYSTEM SET default_transaction_read_only = on")
    primary.ask("SELECT pg_reload_conf()")
    wait_until(lambda: primary.ask("SHOW default_transaction_read_only") == "on", what="it takes no writes")
    told = [world.alice.write(world.here, "refused") for _time in range(3)]
    assert {each.status for each in told} == {503}
    assert all(each.headers["Retry-After"].isdecimal() for each in told)
    primary.ask("ALTER SYSTEM RESET default_transaction_read_only")
    primary.ask("SELECT pg_reload_conf()")
    wait_until(lambda: world.alice.write(world.here, "after").status == 200, what="it is written again")
    assert world.bob.reads(world.here) in ("before", "after")


def test_a_conflict_with_replaying_is_asked_again_at_the_primary(world: World) -> None:
    """What a standby cancels so that it can go on: it must not keep what the primary has cleared away."""
    for node in world.nodes.standbys:
        node.ask("ALTER SYSTEM SET hot_standby_feedback = off")
        node.ask("ALTER SYSTEM SET max_standby_streaming_delay = 0")
        node.ask("SELECT pg_reload_conf()")
    ends = time.monotonic() + 4
    while time.monotonic() < ends:
        world.alice.write(world.there, f"again {time.monotonic()}")
        world.nodes.primary.ask("VACUUM (FREEZE) form_entity")
        for read in (*READS, *EXPORTS):
            told = world.bob.call(world.here, *read)
            assert told.status == 200, (read, told.body)
    for node in world.nodes.standbys:
        node.ask("ALTER SYSTEM RESET hot_standby_feedback")
        node.ask("ALTER SYSTEM RESET max_standby_streaming_delay")
        node.ask("SELECT pg_reload_conf()")
