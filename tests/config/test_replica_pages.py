"""Pages over replicas: who saves a record on a page finds it on the next, at every server, while no standby has it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
import requests
from django.conf import settings

from tests.apaas.live import Live, serving
from tests.config.copies import Copy, wait_until
from tests.config.replicated import Caller, Replicated, replicated
from tests.config.test_replicas import World, logged, pause, reads_of, ready
from tests.forms_app.admin.records.entry_form import Inputs

pytestmark = pytest.mark.slow
MADE = """
import json
from forms_app.models import CustomApp, Member
from tests.factories import UserFactory, make_form
from tests.flows import definition, make_flow
form = make_form(CustomApp.objects.filter(organization=1).first(), {"title": "text_field"}, name="pages")
flow = make_flow(form, definition("start > review > end"))
member = Member.objects.get(organization=1, uid=1)
member.user = member.user or UserFactory(is_staff=False, username="alice")
member.user.set_password("a password of alice")
member.user.save()
member.save()
print(json.dumps([form.pk, flow.pk, member.user.username]))
"""


class Pages(NamedTuple):
    """The administration of a form at two servers, for somebody who is signed in at both: they share what is kept."""

    session: requests.Session
    here: Live
    there: Live
    form: int
    flow: int
    world: World

    def url(self, live: Live, path: str) -> str:
        return f"http://127.0.0.1:{live.port}/admin/forms_app/{path.format(form=self.form, flow=self.flow)}"

    def shown(self, live: Live, path: str) -> str:
        answer = self.session.get(self.url(live, path), timeout=60)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.text

    def saved(self, live: Live, path: str, first: str = "", **sent: str) -> str:
        """Post the page, or one that the page `first` leads to; where it led."""
        values = Inputs(self.shown(live, first or path)).values
        sent = {"csrfmiddlewaretoken": values["csrfmiddlewaretoken"], **({} if first else values), **sent}
        answer = self.session.post(self.url(live, path), sent, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, (path, answer.status_code, answer.text[:2000])
        return answer.headers["Location"]

    def everywhere(self, path: str) -> list[str]:
        return [self.shown(live, path) for live in (self.there, self.here)]


RECORDS = "customform/{form}/records/"
TRASH = "customform/{form}/records/trash/"
WORKLIST = "ticket/worklist/"


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Replicated, dict[str, str], World]]:
    with replicated() as (nodes, environment, tokens), ExitStack() as serve:
        log = Path(environment["DATA_DIR"]).with_name("server.log")
        here, there = (serve.enter_context(serving(1, log, **environment)) for _server in range(2))
        yield nodes, environment, World(nodes, here, there, Caller(tokens[0]), Caller(tokens[1]), log)


@pytest.fixture(scope="module")
def pages(world: tuple[Replicated, dict[str, str], World]) -> Pages:
    nodes, environment, served = world
    direct = {"DATABASE_URL": nodes.primary.url, "SECRET_KEY": settings.SECRET_KEY}
    made = Copy(Path(environment["DATA_DIR"])).manage("shell", "-c", MADE, **direct)
    assert made.returncode == 0, made.stderr
    form, flow, username = json.loads(made.stdout.splitlines()[-1])
    session = requests.Session()
    page = f"http://127.0.0.1:{served.here.port}/admin/login/"
    given = Inputs(session.get(page, timeout=60).text).values
    given |= {"username": username, "password": "a password of alice"}
    assert session.post(page, given, allow_redirects=False, timeout=60).status_code == 302
    return Pages(session, served.here, served.there, form, flow, served)


def settled(served: World) -> None:
    for node in served.nodes.standbys:
        node.ask("SELECT pg_wal_replay_resume()")
    for live in (served.here, served.there):
        wait_until(lambda live=live: reads_of(served, live), what="a standby is read from", seconds=20)  # type: ignore[misc]


def made(pages: Pages, title: str) -> int:
    """A record that was filled in on a page."""
    led = pages.saved(pages.here, RECORDS + "add/", title=title)
    found = re.search(r"/records/(\d+)/", led)
    assert found, led
    return int(found[1])


def test_what_is_saved_on_a_page_is_on_the_next_while_no_standby_has_it(pages: Pages) -> None:
    settled(pages.world)
    pause(pages.world)
    record = made(pages, "typed first")
    page = f"{RECORDS}{record}/"
    for shown in [*pages.everywhere(page), *pages.everywhere(RECORDS)]:
        assert "typed first" in shown
    pages.saved(pages.here, f"{page}edit/", title="typed later")
    for shown in [*pages.everywhere(page), *pages.everywhere(RECORDS)]:
        assert "typed later" in shown and "typed first" not in shown
    for shown in pages.everywhere(f"{page}history/"):
        assert "typed first" in shown and "typed later" in shown
    pages.saved(pages.here, f"{RECORDS}selected/", RECORDS, ids=str(record), do="destroy", confirmed="1", back="")
    for shown in pages.everywhere(RECORDS):
        assert "typed later" not in shown
    for shown in pages.everywhere(TRASH):
        assert "typed later" in shown
    pages.saved(pages.there, TRASH, TRASH, ids=str(record))
    for shown in pages.everywhere(TRASH):
        assert "typed later" not in shown
    for shown in pages.everywhere(RECORDS):
        assert "typed later" in shown


def test_a_ticket_that_was_opened_on_a_page_is_in_the_worklist_of_every_server(pages: Pages) -> None:
    settled(pages.world)
    pause(pages.world)
    ticket = pages.saved(pages.here, "ticket/open/{flow}/", title="to be reviewed")
    for shown in [*pages.everywhere(WORKLIST), *pages.everywhere(f"{WORKLIST}?tab=running")]:
        assert "to be reviewed" in shown
    stages = re.findall(r"/admin/forms_app/(ticket/\d+/stages/\d+/)", pages.shown(pages.there, WORKLIST))
    assert stages and ticket
    pages.saved(pages.there, stages[0], title="was reviewed")
    for shown in pages.everywhere(WORKLIST):
        assert "reviewed" not in shown
    for shown in pages.everywhere(f"{WORKLIST}?tab=ended"):
        assert "was reviewed" in shown


def test_pages_are_read_from_standbys_that_have_all(pages: Pages) -> None:
    settled(pages.world)
    record = made(pages, "for all to read")
    settled(pages.world)
    failed = pages.world.failed()
    for path in (RECORDS, f"{RECORDS}{record}/", f"{RECORDS}{record}/history/", TRASH):
        with logged(pages.world.nodes.nodes) as asked:
            for _time in range(8):
                pages.shown(pages.here, path)
            assert set(asked()) & set(pages.world.nodes.standbys), path
    assert pages.world.failed() == failed


def test_pages_are_answered_while_a_standby_is_gone(pages: Pages) -> None:
    settled(pages.world)
    dying = pages.world.nodes.standbys[0]
    dying.kill()
    record = made(pages, "saved meanwhile")
    for path in (RECORDS, f"{RECORDS}{record}/", f"{RECORDS}{record}/history/"):
        for shown in pages.everywhere(path):
            assert "saved meanwhile" in shown
    wait_until(lambda: "replica 1 is away" in ready(pages.here)["replicas"]["message"], what="it is said")
    dying.start()
