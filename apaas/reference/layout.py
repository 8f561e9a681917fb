"""A value as text that people read: JSON, or a literal of Python; what fits stays on one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forms_app.exact_json import dumps

WIDTH = 88


@dataclass(frozen=True)
class Style:
    """How a language writes values: `scalar` spells one that holds no others."""

    scalar: Callable[[Any], str]
    indent: int
    last_comma: str = ""


def json_scalar(value: Any) -> str:
    return dumps(value).decode()


def python_scalar(value: Any) -> str:
    """JSON's texts and numbers mean the same in Python."""
    words = {"null": "None", "true": "True", "false": "False"}
    spelt = dumps(value).decode()
    return words.get(spelt, spelt)


JSON = Style(json_scalar, 2)
PYTHON = Style(python_scalar, 4, ",")


def laid_out(value: Any, style: Style = JSON, margin: int = 0, before: int = 0) -> str:
    """`value` in lines, those after the first behind `margin` spaces; `before`: what stands on the first line."""
    flat = one_line(value, style)
    if len(flat) + max(margin, before) <= WIDTH or not value or not isinstance(value, Mapping | list | tuple):
        return flat
    inner = margin + style.indent
    lines = []
    if isinstance(value, Mapping):
        start, end = "{}"
        for key, item in value.items():
            name = f"{style.scalar(key)}: "
            lines.append(name + laid_out(item, style, inner, inner + len(name)))
    else:
        start, end = "[]"
        lines = [laid_out(item, style, inner, inner) for item in value]
    body = ",\n".join(" " * inner + line for line in lines)
    return f"{start}\n{body}{style.last_comma}\n{' ' * margin}{end}"


def one_line(value: Any, style: Style = JSON) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{style.scalar(key)}: {one_line(item, style)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(one_line(item, style) for item in value) + "]"
    return style.scalar(value)
