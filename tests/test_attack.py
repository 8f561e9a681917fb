"""The benchmark of attacks: each is made as it says, and what is missed is said."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import attack, attackers
from benchmarks.attack import Round, Row
from benchmarks.datasets import Datasets
from benchmarks.postgresql import PostgreSQL
from benchmarks.steady import Seen

RECORDS = 60
QUIET = Seen([5.0] * 98 + [10.0] * 2)


def test_percentiles_are_of_what_was_seen() -> None:
    assert (QUIET.percentile(50), QUIET.percentile(98), QUIET.percentile(99)) == (5.0, 5.0, 10.0)


@pytest.mark.parametrize(
    ("during", "after", "missed"),
    [
        (Seen([30.0]), Seen([20.0]), []),
        (Seen([30.1]), Seen([5.0]), ["unserved: the p99 is 3.01 times that of the quiet, 3.0 are allowed"]),
        (Seen([5.0]), Seen([20.5]), ["unserved: 5 s after the end the p99 is 2.05 times that of the quiet before"]),
        (Seen([5.0]), Seen([5.0], ["status 429"]), ["unserved: 1 failures, the first: status 429"]),
        (Seen(), Seen([5.0]), ["unserved: the p99 is nan times that of the quiet, 3.0 are allowed"]),
    ],
)
def test_what_is_missed_is_said(during: Seen, after: Seen, missed: list[str]) -> None:
    row = Row.of("unserved", [Round(QUIET, during, after, Counter({"400": 7}), 0.1)])
    assert list(row.missed) == missed
    assert "400 × 7" in row.cells
    assert len(row.cells) == len(attack.HEAD)


def test_a_row_has_the_medians_of_its_rounds() -> None:
    rounds = [Round(QUIET, Seen([time]), QUIET, Counter({"400": 1}), 0.1) for time in (10.0, 90.0, 20.0)]
    row = Row.of("unserved", rounds)
    assert not row.missed
    assert "2.00" in row.cells
    assert "400 × 3" in row.cells


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter: root's PostgreSQL is another user, and pytest's folders are closed."""
    path = Path(tempfile.mkdtemp(prefix="apaas-test-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.mark.slow
def test_a_server_is_attacked_while_another_client_is_measured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, fewer in {"TRICKLING": 4, "IDLE": 5, "LENGTH": 2}.items():
        monkeypatch.setattr(attackers, name, fewer)
    monkeypatch.setattr(attack, "REST", 0.0)
    monkeypatch.setattr(attack, "WARM", 0.2)
    server = PostgreSQL(folder / "postgresql", "64MB", durable=False)
    server.start()
    try:
        datasets = Datasets(server, folder, fresh=False, say=lambda _text: None)
        with attack.attacked(server, datasets, folder, RECORDS) as attacked:
            found = attacked.round("unserved", 1)
            assert found.answers["200"] > 0  # of so few records it is not too much
            assert found.ratio > 0
            assert found.failures == []
            got = {
                name: attackers.attacked(name, attacked.port, seconds)
                for name, seconds in {"limited": 0.5, "dearest": 0.5, "guesses": 2.5, "slow": 2.5}.items()
            }
        assert got["limited"].keys() | got["dearest"].keys() == {"200"}
        assert got["guesses"].keys() <= {"200", "429"}
        assert got["slow"].keys() == {"400", "401"}  # two blanks are no JSON; without a token nobody looks at them
    finally:
        server.stop()
