"""Foreign scripts that lie in the repository: as they were published, with their licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parent.parent / "forms_app/static/forms_app/vendor"


@pytest.mark.parametrize("folder", sorted(VENDOR.iterdir()), ids=lambda folder: folder.name)
def test_a_foreign_script_is_the_published_one(folder: Path) -> None:
    (script,) = folder.glob("*.js")
    said = re.findall(r"sha256 ([0-9a-f]{64})", (folder / "README.md").read_text())
    assert said == [hashlib.sha256(script.read_bytes()).hexdigest()]
    assert "Permission is hereby granted" in (folder / "LICENSE").read_text()
