"""A receiver that fails, is away for a while, answers slowly, redirects, and whose name means a machine within a
network for a while: everything of a load arrives all the same, in the order of each record, rightly signed."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import pytest
from standardwebhooks import Webhook as Verifier

from forms_app.models import CustomForm, FormEntity, Member
from forms_app.webhooks import addresses
from forms_app.webhooks.delivering import deliver
from forms_app.webhooks.schedule import RETRIES
from forms_app.webhooks.signing import secret_of
from tests.forms_app.loading.files import load
from tests.forms_app.webhooks.conftest import Clock, Hook, changed
from tests.forms_app.webhooks.receivers import OK, LocalReceiver, Message, Reply
from tests.forms_app.webhooks.test_failing import left
from tests.scale import scaled, seen

ROWS = scaled(200, 50_000)
CHANGED = ROWS // 20
"""So many are changed twice."""


AWAY = 4
"""So often it is tried in vain while it is away."""
MOST_REFUSED = len(RETRIES) - AWAY
"""So often one message is refused by chance: of 50,000 some would be refused more often than they are ever sent."""


class Hostile:
    """What is answered. `closed` answers nothing but 503, as a server that is being mended."""

    def __init__(self) -> None:
        self.chance, self.lock = Random(7), threading.Lock()
        self.closed = False
        self.answered: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def __call__(self, message: Message) -> Reply:
        with self.lock:
            drawn = self.chance.random()
            kind = "away" if self.closed else self.by_chance(drawn, message.id)
            self.answered[kind] += 1
        if drawn > 0.998:
            time.sleep(0.5)
        if kind == "redirected":
            return 307, {"Location": "http://127.0.0.1:9/elsewhere"}, b""
        return OK if kind == "accepted" else (500 if kind == "failed" else 503, {}, b"not now")

    def by_chance(self, drawn: float, message_id: str) -> str:
        if drawn >= 0.35 or self.refused[message_id] == MOST_REFUSED:
            return "accepted"
        self.refused[message_id] += 1
        return "failed" if drawn < 0.3 else "redirected"


@pytest.mark.slow
def test_all_of_a_load_arrives_in_order_and_signed(
    hook: Hook, form: CustomForm, designer: Member, receiver: LocalReceiver, clock: Clock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    receiver.reply = hostile = Hostile()
    meant = ["127.0.0.1"]
    monkeypatch.setattr(addresses, "look_up", lambda host, port: meant)
    webhook = hook(url=f"http://hooks.example.com:{receiver.port}/hook")
    path = tmp_path / "rows.csv"
    path.write_text("amount\n" + "".join(f"{number}\n" for number in range(ROWS)))
    load(form, designer, path)
    records = list(FormEntity.objects.of_form(form.pk).order_by("id").values_list("id", flat=True))
    for record in records[:CHANGED]:
        changed(form, designer, record, title="a")
        changed(form, designer, record, title="b")
    began = time.monotonic()
    deliver(webhook.pk, 2)
    hostile.closed = True  # and back after a day
    for _time in range(AWAY):
        deliver(webhook.pk)
        clock.pass_(6 * 3_600)
    hostile.closed = False
    meant[:] = ["10.0.0.7"]  # and its name led astray
    before = len(receiver.seen)
    clock.pass_(3_600)
    assert deliver(webhook.pk) is False
    assert len(receiver.seen) == before
    meant[:] = ["127.0.0.1"]
    while left(webhook) != (0, 0):
        deliver(webhook.pk)
        clock.pass_(6 * 3_600)
        webhook.refresh_from_db()
        assert webhook.enabled
    versions: dict[int, list[int]] = defaultdict(list)
    verifier = Verifier(secret_of(webhook.salt))
    for message in receiver.accepted:
        verifier.verify(message.raw, message.headers)
        data = message.data
        if data["version"] not in versions[data["id"]]:  # one may come twice
            versions[data["id"]].append(data["version"])
    told = {record: [1, 2, 3] if place < CHANGED else [1] for place, record in enumerate(records)}
    assert versions == told
    taken = round(time.monotonic() - began)
    expected = ROWS + 2 * CHANGED
    seen("hostile receiver", events=expected, accepted=len(receiver.accepted), answers=hostile.answered, seconds=taken)
