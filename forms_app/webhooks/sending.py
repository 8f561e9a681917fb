"""Sending a batch: several records at a time, of each record one message after the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import NamedTuple

from standardwebhooks import Webhook as Signer

from forms_app.webhooks.payloads import Told
from forms_app.webhooks.receiver import Answer, Receiver
from forms_app.webhooks.signing import signed

CONNECTIONS = 16
"""So many records of one webhook are told at a time."""
PROBES = 4
"""So many records are tried where nothing was accepted of late; if none of them is, the rest waits."""
LOOK_SECONDS = 1.0


class Sent(NamedTuple):
    """A message and what was answered."""

    told: Told
    answer: Answer


@dataclass
class Outcome:
    """What came of a batch: everything that was sent, and the ids of entries that are settled, those that the filters
    left out included."""

    sent: list[Sent] = field(default_factory=list)
    passed: set[int] = field(default_factory=set)
    alive: bool = False
    """Whether anything was accepted."""

    @property
    def refused(self) -> list[Sent]:
        return [sent for sent in self.sent if not sent.answer.accepted]

    @property
    def dead(self) -> bool:
        """Whether something was sent and nothing accepted."""
        return bool(self.sent) and not self.alive


class Sender:
    """Sends for one webhook in one run, until `deadline` (of the monotonic clock)."""

    def __init__(self, webhook_id: int, signer: Signer, receiver: Receiver, deadline: float) -> None:
        self.webhook_id = webhook_id
        self.signer = signer
        self.receiver = receiver
        self.deadline = deadline
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="webhook")

    def send(self, form_id: int, chains: Sequence[Sequence[Told]], careful: bool) -> Outcome:
        """Send the chains, each in its order and no further than what was refused. `careful`: try some first."""
        outcome = Outcome()
        first = chains[:PROBES] if careful else chains
        self._send(form_id, first, outcome)
        if careful and not outcome.dead:
            self._send(form_id, chains[PROBES:], outcome)
        return outcome

    def close(self) -> None:
        """End the threads and connections."""
        self._pool.shutdown(wait=True)
        self.receiver.close()

    def _send(self, form_id: int, chains: Sequence[Sequence[Told]], outcome: Outcome) -> None:
        waiting: set[Future[None]] = {self._pool.submit(self._chain, form_id, chain, outcome) for chain in chains}
        while waiting:
            done, waiting = wait(waiting, timeout=LOOK_SECONDS)
            for future in done:
                future.result()
            if waiting:
                self.receiver.cut_late()

    def _chain(self, form_id: int, chain: Sequence[Told], outcome: Outcome) -> None:
        """One record's messages. What is added to the outcome is added by one operation: threads share it."""
        for told in chain:
            if told.body is None:
                outcome.passed.add(told.entry.id)
                continue
            if time.monotonic() >= self.deadline or (len(outcome.sent) >= PROBES and outcome.dead):
                return
            message_id = message_id_of(self.webhook_id, form_id, told)
            answer = self.receiver.post(told.body, signed(self.signer, message_id, told.body))
            outcome.sent.append(Sent(told, answer))
            if not answer.accepted:
                return
            outcome.alive = True
            outcome.passed.add(told.entry.id)


def message_id_of(webhook_id: int, form_id: int, told: Told) -> str:
    """The same however often it is sent: receivers tell by it what they have had already."""
    return f"msg_{webhook_id}_{form_id}_{told.entry.stream}_{told.entry.id}"
