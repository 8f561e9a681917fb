"""Static files with STATIC_ROOT: hashed, compressed, kept by browsers for ever; all that pages name is there."""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import engines
from django.template.utils import get_app_template_dirs
from django.test import override_settings
from whitenoise.compress import Compressor

from config.static_files import HashedFiles
from tests.apaas.live import serving
from tests.config.copies import PROJECT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NAMED = re.compile(r"""\{%\s*static\s+["']([^"'{]+)["']""")
IN_CODE = re.compile(r"""\bstatic\("([^"]+)"\)""")
HASHED = re.compile(r"/static/[\w./-]+\.[0-9a-f]{12}\.[\w.]+")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What `collectstatic` makes, but for what takes it longest: the best that brotli can do."""
    place = tmp_path_factory.mktemp("static")
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "config.static_files.HashedFiles"}}
    with pytest.MonkeyPatch.context() as patch, override_settings(STATIC_ROOT=str(place), STORAGES=storages):
        patch.setattr(HashedFiles, "create_compressor", lambda _self, **more: Compressor(use_brotli=False, **more))
        call_command("collectstatic", interactive=False, verbosity=0)
        yield place


def names() -> Iterator[tuple[Path, str]]:
    """The static files that templates and code name, and where."""
    folders = [*engines["django"].template_dirs, *get_app_template_dirs("templates")]
    for path in (path for folder in folders for path in Path(folder).rglob("*.html")):
        for name in NAMED.findall(path.read_text(encoding="utf-8")):
            yield path, name
    for path in (path for room in ("apaas", "config", "forms_app") for path in (PROJECT / room).rglob("*.py")):
        for name in IN_CODE.findall(path.read_text(encoding="utf-8")):
            yield path, name


def test_what_pages_name_was_collected(collected: Path) -> None:
    found = list(names())
    assert len(found) > 50
    for path, name in found:
        url = staticfiles_storage.url(name)
        assert HASHED.fullmatch(url), f"{path}: {name}"


def test_modules_import_one_another_by_their_hashed_names(collected: Path) -> None:
    own = [path for room in ("apaas", "forms_app") for path in (collected / room).rglob("*.js")]
    hashed = [path for path in own if HASHED.fullmatch(f"/static/{path.relative_to(collected)}")]
    assert hashed
    seen = 0
    for path in hashed:
        for name in re.findall(
            r"""^import\b[^"']*["'](\.[^"']+)["']""", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            seen += 1
            target = (path.parent / name).resolve()
            assert target.exists() and HASHED.fullmatch(f"/static/{target.relative_to(collected.resolve())}"), path
    assert seen > 20


def test_the_server_sends_them_compressed_and_to_be_kept(collected: Path) -> None:
    with serving(STATIC_ROOT=str(collected)) as live:
        connection = http.client.HTTPConnection("localhost", live.port, timeout=20)
        connection.request("GET", "/admin/login/")
        page = connection.getresponse().read().decode()
        named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
        assert len(named) > 5
        for url in named:
            assert HASHED.fullmatch(url), url
            connection.request("GET", url, headers={"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            raw = response.read()
            assert response.status == 200
            assert "immutable" in response.headers["Cache-Control"]
            if url.endswith((".css", ".js")) and len(raw) > 1000:
                assert response.headers["Content-Encoding"] == "gzip", url
                assert len(gzip.decompress(raw)) > len(raw)
        connection.close()


def test_brotli_is_there_to_compress_them() -> None:
    assert find_spec("brotli")
