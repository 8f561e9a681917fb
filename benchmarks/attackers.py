"""`python -m benchmarks.attackers NAME PORT SECONDS`: attack a server on this machine for so long, in a process of
its own. Writes how often it got which answer to standard output as JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import resource
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlencode

from benchmarks import forms
from benchmarks.queries import PRODUCT_PATH
from benchmarks.requests import HOLE, Request

LIMITED_TOKEN = "apaas_attacker_of_limited_rows"
"""Of the attacking organization, like forms.TOKEN, but of a member that has a department's records."""
ACCOUNT = "keeper"
"""Whose password is guessed."""
Answers = Counter[str]
HOST = "127.0.0.1"
CONNECTIONS = 16
FILTERS = 99
UNINDEXED = ("company", "contact", "remark", "note", "email", "mobile", "website")
"""The texts of the large form that no index serves."""
TRICKLING, IDLE = 200, 1_000
LENGTH = 100_000
"""Bytes that a body that trickles is said to have."""
GUESSING = 8
LOST = "lost"
"""Counted for a connection that ended without an answer, as idle ones and slow bodies are meant to."""
BROKEN = (OSError, EOFError, ValueError, asyncio.IncompleteReadError)


def listed(**parameters: object) -> Request:
    return Request("PUT", PRODUCT_PATH, json.dumps({"custom_form_id": forms.FORM, **parameters}, ensure_ascii=False))


UNSERVED = listed(
    filters=[
        {"name": UNINDEXED[place % len(UNINDEXED)], "op": "like", "value": f"{HOLE}{place}"} for place in range(FILTERS)
    ]
)
"""99 conditions that no index serves: too many for 200,000 records."""
DEAREST = (
    listed(page=150, per_page=1_000, sort=[{"remark": "asc"}]),
    listed(page=199, per_page=1_000),
    listed(search_column_name="remark", query="希"),
    listed(filters=[{"name": "note", "op": "like", "value": f"a{HOLE}"}]),
    Request(
        "PUT",
        f"{PRODUCT_PATH}/ids",
        json.dumps(
            {"custom_form_id": forms.FORM, "filters": [{"name": "quantity", "op": "within", "value": [0, 49_000]}]}
        ),
    ),
)
"""What may be asked and takes long: far pages of a thousand records, one in an order that no index has; a letter that
half of the records have, and a text that none has, a new one each time; as many ids as one answer may have."""


async def flood(port: int, answers: Answers, sent: Callable[[int], bytes]) -> None:
    """One after the other on one connection, without a pause and whatever is answered."""
    number = 0
    while True:
        with suppress(*BROKEN):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                while True:
                    number += 1
                    writer.write(sent(number))
                    answers[await status_of(reader)] += 1
            finally:
                writer.close()
        answers[LOST] += 1
        await asyncio.sleep(0.1)


async def trickle(port: int, answers: Answers, head: bytes) -> None:
    """A body that comes a byte a second; another one when that is answered."""
    while True:
        with suppress(*BROKEN):
            reader, writer = await asyncio.open_connection(HOST, port)
            answer = asyncio.ensure_future(status_of(reader))
            try:
                writer.write(head)
                while not answer.done():
                    writer.write(b" ")
                    await asyncio.wait([answer], timeout=1)
                answers[answer.result()] += 1
            finally:
                answer.cancel()
                writer.close()
            continue
        answers[LOST] += 1
        await asyncio.sleep(0.1)


async def idle(port: int, answers: Answers) -> None:
    """A connection without a request; another one when that is closed."""
    while True:
        with suppress(*BROKEN):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                await reader.read(1)
            finally:
                writer.close()
        answers[LOST] += 1
        await asyncio.sleep(0.1)


async def status_of(reader: asyncio.StreamReader) -> str:
    """The status of an answer that has been read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status, _crlf, fields = head.partition("\r\n")
    lengths = [line.partition(":")[2] for line in fields.split("\r\n") if line.startswith("content-length:")]
    if lengths:
        await reader.readexactly(int(lengths[0]))
    else:
        await chunked(reader)
    return status.split()[1]


async def chunked(reader: asyncio.StreamReader) -> None:
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()


def sender(requests: Sequence[Request], token: str, start: int) -> Callable[[int], bytes]:
    """The bytes of the n-th request: these in turn, each time with another number in its hole."""

    def sent(number: int) -> bytes:
        request = requests[(start + number) % len(requests)].filled(start * 100_000 + number)
        return request.written({"Host": HOST, "ACCESS-TOKEN": token}).encode()

    return sent


def floods(requests: Sequence[Request], token: str) -> Callable[[int, Answers], list[Awaitable[None]]]:
    return lambda port, answers: [flood(port, answers, sender(requests, token, n)) for n in range(CONNECTIONS)]


def slow(port: int, answers: Answers) -> list[Awaitable[None]]:
    """Half of those that trickle send a token."""
    head = (
        f"PUT {PRODUCT_PATH} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {LENGTH}\r\n"
    )
    heads = [f"{head}\r\n".encode(), f"{head}ACCESS-TOKEN: {forms.TOKEN}\r\n\r\n".encode()]
    trickling = [trickle(port, answers, heads[place % 2]) for place in range(TRICKLING)]
    return [*trickling, *(idle(port, answers) for _ in range(IDLE))]


def guesses(port: int, answers: Answers) -> list[Awaitable[None]]:
    """Wrong passwords, half of the clients on the sign-in page, half by HTTP Basic; every other time of an account that
    is there, else of another name each time, which nobody has to wait with yet."""

    def name(client: int, number: int) -> str:
        return ACCOUNT if number % 2 else f"nobody{client}x{number}"

    def page(client: int) -> Callable[[int], bytes]:
        csrf = "a" * 32  # whoever attacks may choose it: cookie and field have to be the same

        def sent(number: int) -> bytes:
            body = urlencode(
                {"username": name(client, number), "password": f"{number}", "csrfmiddlewaretoken": csrf, "next": "/"}
            )
            return (
                f"POST /admin/login/ HTTP/1.1\r\nHost: {HOST}\r\nCookie: csrftoken={csrf}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode()

        return sent

    def basic(client: int) -> Callable[[int], bytes]:
        def sent(number: int) -> bytes:
            secret = base64.b64encode(f"{name(client, number)}:{number}".encode()).decode()
            head = f"GET /accounts/api/security/get/ HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Basic {secret}"
            return f"{head}\r\n\r\n".encode()

        return sent

    return [flood(port, answers, (page if client % 2 else basic)(client)) for client in range(GUESSING)]


ATTACKS: dict[str, tuple[str, Callable[[int, Answers], list[Awaitable[None]]]]] = {
    "unserved": ("16 connections of a token, 99 unindexed `like`", floods([UNSERVED], forms.TOKEN)),
    "limited": ("the same of a member with limited rows", floods([UNSERVED], LIMITED_TOKEN)),
    "slow": ("200 bodies that trickle, 1,000 idle connections", slow),
    "guesses": ("8 clients with wrong passwords", guesses),
    "dearest": ("16 connections of a token, the dearest calls", floods(DEAREST, forms.TOKEN)),
}
"""By name: what it is, and its clients, which go on until they are ended."""


def attacked(name: str, port: int, seconds: float) -> Answers:
    """Attack for so long; what was answered."""
    answers: Answers = Counter()
    asyncio.run(together(ATTACKS[name][1](port, answers), seconds))
    return answers


def warmed(port: int, requests: Mapping[str, Request], seconds: float) -> None:
    """Send each token's request on many connections at once: then every thread has its connection to the database, and
    has asked it before."""
    answers: Answers = Counter()
    clients = [client for token, request in requests.items() for client in floods([request], token)(port, answers)]
    asyncio.run(together(clients, seconds))
    assert answers.keys() <= {"200", "429"}, answers


async def together(floods: Sequence[Awaitable[None]], seconds: float) -> None:
    """Have these go on at the same time for so long."""
    clients = [asyncio.ensure_future(client) for client in floods]
    done, running = await asyncio.wait(clients, timeout=seconds)
    for client in running:
        client.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for client in done:
        client.result()  # none ends by itself but by a mistake of ours


def main(name: str, port: str, seconds: str) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sys.stdout.write(json.dumps(attacked(name, int(port), float(seconds))) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
