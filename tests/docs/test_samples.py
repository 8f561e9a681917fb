"""The samples of README and docs, run against a demo that serves."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import launched
from tests.config.copies import Copy
from tests.config.made import with_demo
from tests.config.test_quickstart import start
from tests.docs import pictures, samples
from tests.docs.pages import FENCE, ROOT, text_of
from tests.docs.samples import Block, Demo, blocks

PAGES = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))]
"""The pages in Chinese have the blocks of the English ones (test_chinese.py)."""
RUNNING = [name for name in PAGES if any(block.language in samples.RUN for block in blocks(text_of(name)))]
NOT_RUN: dict[str, list[str]] = {
    "README.md": ["make run", "make test", ".venv/bin/python manage.py migrate"],
    "docs/api.md": ['const answer = await fetch("http://127.0.0.1:8000/apaas/api/v2/custom_apps", {'],
    "docs/benchmarks.md": ["make bench", "make bench-attack", "make proofs"],
    "docs/how-to.md": [
        ".venv/bin/python manage.py backup /backups/apaas-$(date +%F).zip",
        "0 2 * * * cd /srv/apaas && .venv/bin/python manage.py backup /backups/$(date +\\%F).zip"
        " && find /backups -name '*.zip' -mtime +14 -delete",
        "createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 apaas",
        "# postgresql.conf:  archive_mode = on,  archive_command = 'pgbackrest --stanza=apaas archive-push %p'",
        "sudo sed -i s/forms.example.org/YOUR.NAME/ deploy/nginx/apaas.conf",
        "ALLOWED_HOSTS=YOUR.NAME,localhost",
        "git pull",
    ],
    "docs/tutorial.md": ["make run"],
    "docs/operations.md": [
        ".venv/bin/python manage.py upgrade_cluster",
        "python3 -m venv .venv",
        "sudo useradd --system --home-dir /var/lib/apaas apaas",
        "docker compose up --detach --build",
        "[databases]",
        "scrape_configs:",
        ".venv/bin/pip install opentelemetry-distro opentelemetry-instrumentation-django \\",
    ],
}
"""The blocks that no test runs, by their first line: they start what lasts, or are for a server of one's own."""
LOOSE = re.compile(r"^(?: {4}|\t)(?:\$ |curl|python|\.venv|granian|export|pip|make|pg_dump|[{\[]\")", re.MULTILINE)
"""A command or an answer that is indented instead of fenced: no test sees it."""
OTHER_NAMES = re.compile(r"\$\{?(TOKEN|BASE|HOST|SECURITY|TICKETS|USER_NAME|PASSWORD|NO)\b")

WITHOUT_PACKAGES = re.compile(r"(?<!/)\b(?:python manage\.py|python -m|granian --|pip install)")
"""`make run` installs into .venv: another Python has no packages."""


@pytest.fixture
def demo() -> Iterator[tuple[Demo, dict[str, str]]]:
    """One demo for all pages, and the environment of its commands. What a page changes, the next one finds."""
    folder = Path(tempfile.mkdtemp(prefix="apaas-samples-", dir="/tmp"))
    folder.chmod(0o711)
    copy = with_demo(Copy(folder / "data"))
    samples.prepare(folder / "work")
    try:
        process, facts = start(copy, seconds=300)
        demo = Demo(facts["base_url"], facts["token"], facts["admin"]["password"], copy.data_dir, folder / "work")
        made = copy.manage("shell", "-c", "from tests.docs.visits import make; make()")
        assert made.returncode == 0, made.stderr
        yield demo, copy.environment()
        process.terminate()
        process.communicate(timeout=30)
    finally:
        for left in copy.processes():
            with suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)
        link = copy.data_dir / "postgresql"
        if link.is_symlink():
            shutil.rmtree(link.resolve())
        shutil.rmtree(folder)


def wrong_samples(name: str, demo: Demo, environment: dict[str, str]) -> Iterator[str]:
    """What of a page does not do what the page says."""
    found = blocks(text_of(name))
    calls = samples.run(found, demo, environment)
    for block in found:
        answers = calls[block.line]
        refused = samples.REFUSED in block.text
        for place, (status, body) in enumerate(answers):
            last = place == len(answers) - 1
            if samples.succeeded(status, body) == (refused and last):
                text = json.dumps(body, ensure_ascii=False)[:600]
                yield f"{name}:{block.line} {block.first}: {status} {text}"
        if block.answer and answers:
            for difference in samples.differences(json.loads(block.answer), answers[-1][1]):
                yield f"{name}:{block.line} {difference}"


def wrong_bodies(demo: Demo) -> Iterator[str]:
    """The filters and bodies of the page of filters that are refused."""
    bodies = [json.loads(text) for kind, text in FENCE.findall(text_of("docs/filtering.md")) if kind == "json"]
    assert len(bodies) > 15
    for body in bodies:
        filtered = {"custom_form_id": 2, "filters": [body], "only_field_names": ["id"]}
        request = urllib.request.Request(
            f"{demo.url}/apaas/api/v2/form_entities",
            data=json.dumps(body if "custom_form_id" in body else filtered).encode(),
            headers={"ACCESS-TOKEN": demo.token, "Content-Type": "application/json"},
            method="PUT",
        )
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except urllib.error.HTTPError as refused:
            yield f"{body}: {refused.read().decode()}"


@pytest.mark.slow
def test_the_samples_do_what_their_pages_say(demo: tuple[Demo, dict[str, str]]) -> None:
    """All in one test, for starting the demo takes longest."""
    wrong = [one for name in RUNNING for one in wrong_samples(name, *demo)]
    wrong += wrong_bodies(demo[0])
    with sync_playwright() as playwright:
        browser = launched(playwright)
        pictures.take(browser, demo[0].url, demo[0].password, demo[0].work / "images")
        browser.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", PAGES)
def test_what_is_not_run_is_listed(name: str) -> None:
    found = blocks(text_of(name))
    assert {block.language for block in found} <= samples.LANGUAGES, "each block says its language"
    left_out: list[Block] = [block for block in found if block.language in samples.NOT_RUN]
    assert [block.first for block in left_out] == NOT_RUN.get(name, [])


@pytest.mark.parametrize("name", PAGES)
def test_samples_are_fenced_and_use_one_set_of_names(name: str) -> None:
    text = text_of(name)
    assert LOOSE.findall(FENCE.sub("", text)) == []
    assert OTHER_NAMES.findall(text) == []
    assert WITHOUT_PACKAGES.findall(text) == []
