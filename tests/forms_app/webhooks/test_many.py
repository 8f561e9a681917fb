"""Everything of one load arrives. With 50,000 it is measured by `python -m benchmarks.webhooks`."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms_app.models import CustomForm, Member
from forms_app.webhooks.delivering import deliver
from tests.forms_app.loading.files import load
from tests.forms_app.webhooks.conftest import Hook
from tests.forms_app.webhooks.receivers import LocalReceiver

ROWS = 2_000


@pytest.mark.slow
def test_all_rows_of_a_load_arrive(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, tmp_path: Path
) -> None:
    webhook = hook()
    path = tmp_path / "rows.csv"
    path.write_text("amount\n" + "".join(f"{number}\n" for number in range(ROWS)))
    load(form, designer, path)
    while deliver(webhook.pk):
        pass
    assert sorted(message.data["record"]["amount"] for message in receiver.accepted) == list(range(ROWS))
    assert len(receiver.seen) == ROWS
    assert receiver.connections <= 16
