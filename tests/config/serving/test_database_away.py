"""A real server whose database goes away: every way in says 503, and all is well once it is back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from psycopg.conninfo import conninfo_to_dict

from forms_app.models import Member
from tests.accounts import administrator
from tests.apaas.live import Live, database_url, head, serving
from tests.factories import MemberFactory, OrganizationFactory, UserFactory, make_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Relay:
    """The way to the database, which can be cut."""

    def __init__(self) -> None:
        self.upstream = conninfo_to_dict(database_url())
        self.open: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads: list[threading.Thread] = []
        self.start(self.accept)

    def start(self, target: Callable[..., None], *args: socket.socket) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    @property
    def url(self) -> str:
        user, password = (quote(str(self.upstream.get(key) or "")) for key in ("user", "password"))
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{self.upstream['dbname']}"

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self.listener.accept()
                far = self.to_database()
                self.open += [near, far]
                for ends in ((near, far), (far, near)):
                    self.start(self.pump, *ends)

    def to_database(self) -> socket.socket:
        host, port = str(self.upstream["host"]), int(self.upstream.get("port") or 5432)
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        found = socket.socket(socket.AF_UNIX)
        found.connect(f"{host}/.s.PGSQL.{port}")
        return found

    def pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        source.close()

    def cut(self) -> None:
        """From now on nobody is let through, and who is, is no more."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(5)

    def mend(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.start(self.accept)


@pytest.fixture
def relay() -> Iterator[Relay]:
    relay = Relay()
    yield relay
    relay.cut()


WAYS = (
    ("/admin/", "text/html"),
    ("/admin/forms_app/member/", "text/html"),
    ("/admin/forms_app/ticket/worklist/", "text/html"),
    ("/apaas/api/v2/custom_apps", "text/html"),
    ("/apaas/api/v2/custom_apps", "application/json"),
)


def asked(live: Live, path: str, accept: str, cookie: str) -> tuple[int, dict[str, str], str]:
    raw = live.raw(head("GET", path, None, f"Accept: {accept}", f"Cookie: {cookie}", "Accept-Language: en"))
    start, _separator, body = raw.partition(b"\r\n\r\n")
    lines = start.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, body.decode()


def test_pages_and_the_browsable_api_say_503_and_go_on_when_it_is_back(relay: Relay) -> None:
    member: Member = MemberFactory(organization=OrganizationFactory(), uid=1, user=UserFactory(is_staff=False))
    client = Client()
    client.force_login(administrator(member).user)  # type: ignore[arg-type]
    token = make_token(member)[1]
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    with serving(DATABASE_URL=relay.url) as live:
        assert [asked(live, path, accept, cookie)[0] for path, accept in WAYS] == [200] * len(WAYS)
        relay.cut()
        for _time in range(2):  # with a connection that broke, and with none that can be had
            for path, accept in WAYS:
                status, headers, body = asked(live, path, accept, cookie)
                assert (status, headers["retry-after"].isdecimal()) == (503, True), (path, accept, body)
                assert "100503" in body if path.startswith("/apaas/") else "can't reach its database" in body
        assert b" 503 " in live.raw(head("GET", "/apaas/api/v2/custom_apps", token)).partition(b"\r\n")[0]
        relay.mend()
        assert [asked(live, path, accept, cookie)[0] for path, accept in WAYS] == [200] * len(WAYS)
