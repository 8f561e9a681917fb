"""Several names in one line, as the reader's language separates them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _


def enumerated(names: Iterable[object]) -> str:
    """`a, b` in English, `a、b` in Chinese."""
    return _(", ").join(map(str, names))
