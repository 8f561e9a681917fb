"""The load of a spreadsheet: 20 columns of every kind, by the product's own command."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from benchmarks import forms
from benchmarks.processes import descendants, pss_mb
from benchmarks.web import ROOT


@dataclass(frozen=True)
class Loaded:
    seconds: float
    memory_mb: float
    """The most that the command and its children held (PSS)."""
    output: str


def has_command() -> bool:
    """Whether the product can load files at all."""
    return (ROOT / "forms_app/management/commands/load_entities.py").exists()


def write_rows(path: Path, count: int) -> None:
    """A spreadsheet of so many records: a column for each field that a client writes, under its name."""
    random = Random(2)
    fields = [field for field in forms.RECORD if field.sent]
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [field.name for field in fields])
        for row in range(1, count + 1):
            values = forms.values(forms.RECORD, random)
            sheet.write_row(row, 0, [cell(field, values[field.name]) for field in fields])


def cell(field: forms.Field, value: Any) -> Any:
    """A value as a person writes it into a spreadsheet: choices by their labels, several divided by commas, people by
    their numbers."""
    labels = {token: f"{field.label} {place}" for place, token in enumerate(field.tokens, 1)}
    if isinstance(value, list):
        return ",".join(labels[part] if isinstance(part, str) else str(part["uid"]) for part in value)
    return labels.get(value, value)


def load(path: Path, environment: dict[str, str]) -> Loaded:
    """Load the file into the form. Raises RuntimeError with the command's words."""
    command = [sys.executable, "manage.py", "load_entities", str(forms.FORM), str(path), "--owner", "1"]
    began, memory = time.monotonic(), 0.0
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        while process.poll() is None:
            memory = max(memory, pss_mb(descendants(process.pid)))
            time.sleep(0.1)
        seconds = time.monotonic() - began
        output.seek(0)
        words = output.read().strip()[-1000:]
    if process.returncode != 0:
        raise RuntimeError(f"load_entities failed: {words}")
    return Loaded(seconds, memory, words)
