"""The page of the form-entity API: each of its calls with curl, the whole answer, and in Python."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from apaas.reference.calls import BY_NAME, Endpoint, endpoints, preferred
from tests.docs.pages import text_of
from tests.docs.samples import blocks

API = "/apaas/api/v2/"
OTHERS = {"export": "answers a file", "mass_upsert": "needs a unique field, which the demo's forms don't have"}
CALLS = [name for name in BY_NAME if preferred(name).path.startswith(f"{API}form_entities") and name not in OTHERS]


def told(endpoint: Endpoint) -> str:
    """What stands below the heading of a call."""
    path = endpoint.path.replace("{id}", ":id")
    parts = re.split(r"^#{2,3} (.+)$", text_of("docs/api.md"), flags=re.MULTILINE)
    (found,) = (
        body
        for heading, body in zip(parts[1::2], parts[2::2], strict=True)
        if heading.rpartition(" ")[2] == path and endpoint.method in re.findall(r"[A-Z]+", heading.rpartition(" ")[0])
    )
    return found


@pytest.mark.parametrize("name", CALLS)
def test_each_call_of_records_has_curl_its_answer_and_python(name: str) -> None:
    endpoint = preferred(name)
    shell, answer, python = blocks(told(endpoint))[:3]
    assert [shell.language, answer.language, python.language] == ["bash", "json", "python"]
    assert list(json.loads(shell.answer))[:3] == ["code", "message", "remark"]
    path = re.escape(endpoint.path.removeprefix(API))
    assert re.search(re.escape(API) + path.replace(re.escape("{id}"), r"(\d+|\$ID)") + r"[?\"]", shell.text)
    assert f'"{endpoint.method}"' in python.text
    assert re.search(f'"{path.partition(re.escape("{id}"))[0]}', python.text)


def test_the_calls_are_those_of_the_document() -> None:
    assert len(CALLS) == 15


PYTHON = re.compile(r'(?:call\(\s*"([A-Z]+)",\s*f?"([^"?]+)|session\.(\w+)\(\s*os\.environ\["APAAS_URL"\] \+ ([^,)]+))')


def method_of(curl: str) -> str:
    named = re.search(r"-X ([A-Z]+)", curl)
    return named[1] if named else "POST" if re.search(r" (-d|-F) ", curl) else "GET"


def by_curl() -> set[tuple[str, str]]:
    """(method, address below the API) of each call by curl on the page; `{}` where something is filled in."""
    shell = "\n".join(block.text for block in blocks(text_of("docs/api.md")) if block.language == "bash")
    return {
        (method_of(one), plain(address[1]))
        for one in shell.split("curl ")[1:]
        if (address := re.search(re.escape(f"$APAAS_URL{API}") + r'([^"? ]+)', one))
    }


def by_python() -> set[tuple[str, str]]:
    text = "\n".join(block.text for block in blocks(text_of("docs/api.md")) if block.language == "python")
    return {
        (method or verb.upper(), plain(path or there.strip('"\n').removeprefix(API)))
        for method, path, verb, there in PYTHON.findall(text)
    }


def plain(address: str) -> str:
    """`roles/7`, `roles/$ROLE` and `roles/{role['id']}` as `roles/{}`."""
    return re.sub(r"/(\d+|\$\w+|\{[^}]+\})(?=/|$)", "/{}", address.replace('uploaded["file_url"]', "files/{token}"))


@pytest.mark.parametrize("shown", [by_curl, by_python])
def test_every_call_of_the_api_is_shown(shown: Callable[[], set[tuple[str, str]]]) -> None:
    found = shown()
    assert len(found) > 40
    ways = {name: {(each.method, plain(each.path.removeprefix(API))) for each in endpoints()[name]} for name in BY_NAME}
    assert [name for name, addresses in ways.items() if not addresses & found] == []
