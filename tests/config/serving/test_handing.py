"""granian gives a request to its own thread before the event loop hears of it; what is not taken goes on as before."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import urllib.request
from typing import Any
from urllib.error import URLError

import pytest

from config.serving.handing import hand_over
from tests.config.test_quickstart import free_port
from tests.source import ROOT

pytestmark = pytest.mark.slow


def asked(url: str) -> str:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except URLError:
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)


@pytest.mark.parametrize("tasks", ["asyncio", "rust"])
def test_granian_hands_requests_over(tasks: str) -> None:
    port = free_port()
    address = ["--host", "127.0.0.1", "--port", str(port), "--task-impl", tasks, "--log-level", "error"]
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", *address]
    server = subprocess.Popen([*command, "tests.config.serving.handed:application"], cwd=ROOT)
    try:
        url = f"http://127.0.0.1:{port}"
        # How granian wakes the event loop is its own matter; where it does so otherwise, requests are slower.
        taken = "past the event loop" if tasks == "asyncio" else "by the event loop"
        assert [asked(f"{url}/"), asked(f"{url}/passed-on"), asked(f"{url}/")] == [taken, "by the event loop", taken]
    finally:
        server.terminate()
        server.wait(20)


def test_other_callbacks_reach_the_event_loop() -> None:
    async def waited() -> list[str]:
        loop = asyncio.get_running_loop()
        hand_over(loop, lambda _scope, _protocol: pytest.fail("that is no request"))
        told: list[str] = []
        done = asyncio.Event()
        loop.call_soon_threadsafe(told.append, "one")
        loop.call_soon_threadsafe(lambda *both: told.extend(both), "two", "three")
        loop.call_soon_threadsafe(done.set)
        await done.wait()
        return told

    assert asyncio.run(waited()) == ["one", "two", "three"]


class Sealed:
    """An event loop as uvloop has it: what it can is fixed."""

    __slots__ = ()

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> None:
        raise NotImplementedError


def test_an_event_loop_whose_methods_are_fixed_is_left_as_it_is() -> None:
    hand_over(Sealed(), lambda _scope, _protocol: True)  # type: ignore[arg-type]
