"""`deploy/nginx/` before a real server: as it is, but for ports, names of files and the server's address."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from forms_app.models import AccessEvent, CustomForm, FormEntity, Member
from tests.apaas.live import Live, serving
from tests.config.copies import PROJECT, wait_until
from tests.config.test_quickstart import free_port
from tests.factories import CustomAppFactory, MemberFactory, OrganizationFactory, make_form, make_token
from tests.forms_app.worlds import insert

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NAME = "forms.example.org"
PRODUCT = {
    "ALLOWED_HOSTS": f"{NAME},localhost",
    "TRUSTED_PROXIES": "127.0.0.1",
    "HTTPS": "1",
    "PROXY_SSL_HEADER": "X-Forwarded-Proto",
    "CSRF_TRUSTED_ORIGINS": f"https://{NAME}",
}
"""As deploy/systemd/apaas.env says it."""
AROUND = """
{user}
pid {folder}/pid;
error_log {folder}/errors;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/upstream.conf;
    include {folder}/apaas.conf;
}}
"""
"""What Debian's nginx.conf has around conf.d/."""


class Proxy:
    """nginx before a server: `plain` and `port` are where it listens."""

    def __init__(self, folder: Path, server: int) -> None:
        self.folder, self.plain, self.port = folder, free_port(), free_port()
        certificate(folder)
        site = (PROJECT / "deploy/nginx/apaas.conf").read_text()
        site, changed = re.subn(r"listen \[::\]:.*;\n", "", site)
        assert changed == 2
        site = site.replace("listen 80;", f"listen 127.0.0.1:{self.plain};")
        site = site.replace("listen 443 ", f"listen 127.0.0.1:{self.port} ").replace("/etc/nginx/tls", str(folder))
        (folder / "apaas.conf").write_text(site)
        upstream = (PROJECT / "deploy/nginx/upstream.conf").read_text()
        assert "127.0.0.1:8000" in upstream
        (folder / "upstream.conf").write_text(upstream.replace("127.0.0.1:8000", f"127.0.0.1:{server}"))
        # Its processes go into folders that only this user may enter.
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))

    def command(self, *more: str) -> list[str]:
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "nginx is not installed (.ci/run brings it)"
        return [program, "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "errors"), *more]

    def ask(
        self, method: str, path: str, *, body: bytes = b"", **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """What is answered over HTTPS."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        trusted.check_hostname = False
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=trusted)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body or None, headers={"Host": NAME, **named})
        response = connection.getresponse()
        try:
            return response, response.read()
        finally:
            connection.close()


def certificate(folder: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME}"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    with serving(**PRODUCT, ACCESS_EVENT_DAYS="180") as live:
        yield from before(live, tmp_path)


def before(live: Live, folder: Path) -> Iterator[Proxy]:
    proxy = Proxy(folder, live.port)
    checked = subprocess.run(proxy.command("-t"), capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    process = subprocess.Popen(proxy.command("-g", "daemon off;"))
    try:
        wait_until((folder / "pid").exists, what="nginx listens")
        yield proxy
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def world() -> tuple[CustomForm, str]:
    alice: Member = MemberFactory(organization=OrganizationFactory(name="好公司"), uid=1)
    form = make_form(CustomAppFactory(organization=alice.organization), {"title": "text_area"})
    insert(form, [f'{{"title": "泵 {n} {"长文" * 200}"}}' for n in range(200)])
    return form, make_token(alice)[1]


def test_calls_and_pages_go_through_nginx(proxy: Proxy, world: tuple[CustomForm, str]) -> None:
    """All in one test: starting a server takes longest."""
    form, token = world
    who_comes_without_https_is_sent_there(proxy)
    answers_of_json_are_compressed(proxy, form, token)
    a_record_is_written_to_the_version_that_was_read(proxy, form, token)
    a_large_body_arrives(proxy, token)
    pages_know_that_they_are_secure_and_are_not_compressed(proxy)
    who_calls_is_the_last_that_is_no_proxy_of_ours(proxy)


def who_comes_without_https_is_sent_there(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=10)
    connection.request("POST", "/apaas/x?a=1", body=b"{}", headers={"Host": NAME})
    response = connection.getresponse()
    assert (response.status, response.headers["Location"]) == (308, f"https://{NAME}/apaas/x?a=1")
    connection.close()


def answers_of_json_are_compressed(proxy: Proxy, form: CustomForm, token: str) -> None:
    path = f"/apaas/api/v2/form_entities?custom_form_id={form.pk}&per_page=200"
    plain, whole = proxy.ask("GET", path, access_token=token)
    assert (plain.status, plain.headers["Content-Encoding"]) == (200, None)
    response, raw = proxy.ask("GET", path, access_token=token, accept_encoding="gzip")
    assert (response.status, response.headers["Content-Encoding"]) == (200, "gzip")
    assert "Accept-Encoding" in ", ".join(response.headers.get_all("Vary"))
    assert json.loads(gzip.decompress(raw))["data"] == json.loads(whole)["data"]
    assert len(raw) * 8 < len(whole)


def a_record_is_written_to_the_version_that_was_read(proxy: Proxy, form: CustomForm, token: str) -> None:
    """Compression makes a strong tag weak; it still names the version."""
    entity = FormEntity.objects.filter(custom_form_id=form.pk).first()
    assert entity is not None
    path = f"/apaas/api/v2/form_entities/{entity.id}?custom_form_id={form.pk}"
    read, _raw = proxy.ask("GET", path, access_token=token, accept_encoding="gzip")
    tag = read.headers["ETag"]
    assert tag.startswith("W/")
    for expected in (200, 412):
        body = json.dumps({"form_entity": {"title": f"改 {expected}"}}).encode()
        more = {"content_type": "application/json", "if_match": tag}
        response, raw = proxy.ask("PUT", path, body=body, access_token=token, **more)
        assert response.status == expected, raw


def a_large_body_arrives(proxy: Proxy, token: str) -> None:
    """Larger than nginx takes by itself; the server refuses it by its own limit, in its own words."""
    body = b'{"x": "' + b"x" * 12_000_000 + b'"}'
    more = {"content_type": "application/json", "access_token": token}
    response, raw = proxy.ask("PUT", "/apaas/api/v2/form_entities", body=body, **more)
    assert response.status == 413
    assert json.loads(raw)["errors"]


def pages_know_that_they_are_secure_and_are_not_compressed(proxy: Proxy) -> None:
    response, raw = proxy.ask("GET", "/admin/login/", accept_encoding="gzip")
    assert (response.status, response.headers["Content-Encoding"]) == (200, None)
    assert "Secure" in response.headers["Set-Cookie"]
    assert response.headers["Strict-Transport-Security"]
    assert raw.lstrip().startswith(b"<!DOCTYPE html>")


def who_calls_is_the_last_that_is_no_proxy_of_ours(proxy: Proxy) -> None:
    """What stands before it a caller may have made up."""
    response, _raw = proxy.ask(
        "GET", "/apaas/api/v2/custom_apps", access_token="apaas_nobody", x_forwarded_for="198.51.100.1, 203.0.113.7"
    )
    assert response.status == 401
    wait_until(lambda: AccessEvent.objects.exists(), what="the refusal is noted")
    assert set(AccessEvent.objects.values_list("address", flat=True)) == {"203.0.113.7"}
