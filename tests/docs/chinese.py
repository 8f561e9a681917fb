"""What the pages in Chinese take from the words that the code has already. `python -m tests.docs.chinese` writes the
rows of functions; the prose is written by hand."""

from __future__ import annotations

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from django.utils import translation
from django.utils.translation import gettext

from forms_app.field_types import FieldType
from forms_app.formula import Function
from tests.docs import write
from tests.docs.pages import ROOT

FORMULAS = "docs/zh-CN/formulas.md"


def row_of(function: Function) -> str:
    """The row of this function."""
    english, chinese, takes, _sentence, example = write.row_of(function).strip("| ").split(" | ")
    with translation.override("zh-hans"):
        words = [taken if taken == "…" else in_chinese(taken) for taken in takes.split(", ")]
        return f"| {english} | {chinese} | {', '.join(words)} | {gettext(function.english)} | {example} |"


def in_chinese(taken: str) -> str:
    """What a parameter takes; one that may be left out keeps its brackets."""
    if taken.startswith("["):
        return f"[{gettext(taken[1:-1])}]"
    return gettext(taken) if taken else ""


def heading(field_type: FieldType) -> str:
    name, chinese, _english = write.heading(field_type).split(" · ")
    return f"{name} · {chinese}"


def formulas() -> str:
    return write.formulas(FORMULAS, row_of)


if __name__ == "__main__":
    (ROOT / FORMULAS).write_text(formulas(), encoding="utf-8")
