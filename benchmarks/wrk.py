"""Running wrk with a script."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path


class Missing(Exception):
    """A program that the benchmarks need is not installed."""


@dataclass(frozen=True)
class Load:
    """What a load generator saw: requests a second, latencies in milliseconds, answers that were no success, the CPU
    seconds that it took itself."""

    per_second: float
    p50: float
    p99: float
    failures: int
    cpu: float


def program() -> str:
    """The path of wrk. Raises Missing."""
    found = shutil.which("wrk")
    if found is None:
        raise Missing("wrk, which makes the requests, is not installed: apt install wrk")
    return found


def run(port: int, script: str, *, connections: int, seconds: float, threads: int = 1) -> Load:
    """Send a script's requests to a server on this machine. Raises RuntimeError with wrk's words when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requests.lua"
        path.write_text(script)
        command = [program(), f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
        command += ["--timeout", "60s", "--latency", "-s", str(path), f"http://127.0.0.1:{port}"]
        before = os.times()
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return load_of(result.stdout, result.stderr, cpu)


def load_of(output: str, errors: str, cpu: float) -> Load:
    """What the script's last line says. Raises RuntimeError where there is none."""
    line = next((line for line in output.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise RuntimeError(f"wrk failed: {(errors or output).strip()[-500:]}")
    found = json.loads(line.removeprefix("RESULT "))
    return Load(
        per_second=found["requests"] / (found["microseconds"] / 1e6),
        p50=found["p50"] / 1e3,
        p99=found["p99"] / 1e3,
        failures=found["refused"] + found["broken"],
        cpu=cpu,
    )
