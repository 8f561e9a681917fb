"""How large a proof is: small in each run of the tests, in full where FULL_SCALE=1 (docs/benchmarks.md, Proofs)."""

from __future__ import annotations

import json
import os
import sys

FULL = os.environ.get("FULL_SCALE") == "1"


def scaled(small: int, full: int) -> int:
    """`full` in a run at full scale, else `small`."""
    return full if FULL else small


def seen(proof: str, **figures: object) -> None:
    """In a run at full scale, write what it saw to standard output, a line of JSON, with the load of the machine."""
    if FULL:
        load = [round(average, 1) for average in os.getloadavg()]
        sys.stdout.write(json.dumps({"proof": proof, **figures, "load": load}) + "\n")
        sys.stdout.flush()
