"""One message and its answer: no redirect is followed, no proxy asked, and nothing waits or reads without end."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forms_app.webhooks import addresses
from forms_app.webhooks import receiver as module
from forms_app.webhooks.receiver import KEPT_ANSWER, MOST_ANSWER, Receiver
from tests.forms_app.webhooks.receivers import LocalReceiver


@pytest.fixture
def posting(receiver: LocalReceiver) -> Iterator[Receiver]:
    posting = Receiver(receiver.url)
    yield posting
    posting.close()


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: LocalReceiver, posting: Receiver) -> None:
    receiver.reply = lambda message: (307, {"Location": f"{receiver.url}&again=1"}, b"elsewhere")
    answer = posting.post(b"{}", {"webhook-id": "1"})
    assert (answer.status, answer.accepted, answer.text, answer.error) == (307, False, "elsewhere", "")
    assert [message.path for message in receiver.seen] == ["/hook?from=apaas"]


def test_no_proxy_of_the_environment_is_asked(
    receiver: LocalReceiver, posting: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert posting.post(b"{}", {"webhook-id": "1"}).accepted


def test_a_connection_is_kept_and_made_anew_when_it_was_closed(receiver: LocalReceiver, posting: Receiver) -> None:
    for _message in range(3):
        assert posting.post(b"{}", {"webhook-id": "1"}).accepted
    assert receiver.connections == 1
    receiver.reply = lambda message: (200, {"Connection": "close"}, b"")
    for _message in range(3):
        assert posting.post(b"{}", {"webhook-id": "1"}).accepted
    assert receiver.connections == 3


def test_of_a_long_answer_the_beginning_is_kept(receiver: LocalReceiver, posting: Receiver) -> None:
    receiver.reply = lambda message: (200, {}, "é\0".encode() * MOST_ANSWER)
    answer = posting.post(b"{}", {"webhook-id": "1"})
    assert answer.accepted
    assert len(answer.text) <= KEPT_ANSWER and answer.text.startswith("é\ufffdé")
    receiver.reply = lambda message: (200, {}, b"")
    assert posting.post(b"{}", {"webhook-id": "1"}).accepted


def served(reply: bytes, *, again: bool = False) -> tuple[int, threading.Thread]:
    """A server of one connection that answers these bytes, whatever is asked, and keeps silent then."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _address = listening.accept()
        with connection, listening:
            connection.recv(65_536)
            connection.sendall(reply)
            while connection.recv(65_536):
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return listening.getsockname()[1], thread


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"", "too_slow"),
        (b"HTTP/1.1 20", "too_slow"),
        (b"no HTTP\r\n", "broken_answer"),
    ],
)
def test_what_does_not_answer_is_given_up(settings: Any, reply: bytes, error: str) -> None:
    settings.WEBHOOK_NETWORKS, settings.WEBHOOK_SECONDS = ["127.0.0.1/32"], 0.05
    port, thread = served(reply)
    posting = Receiver(f"http://127.0.0.1:{port}/")
    answer = posting.post(b"{}", {})
    posting.close()
    thread.join(5)
    assert (answer.status, answer.error) == (None, error)
    assert not thread.is_alive()


def test_what_trickles_is_cut_off(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wait is short, all together are not: so whoever watches cuts."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.1/32"]
    port, thread = served(b"HTTP/1.1 20")
    posting = Receiver(f"http://127.0.0.1:{port}/")
    answers: list[Any] = []
    sending = threading.Thread(target=lambda: answers.append(posting.post(b"{}", {})), daemon=True)
    sending.start()
    while not posting._lines or getattr(posting._lines[0].connection, "sock", None) is None:
        pass
    posting.cut_late()
    assert not answers
    monkeypatch.setattr(module, "CONNECT_SECONDS", -1_000.0)
    while sending.is_alive():
        posting.cut_late()
    assert answers[0].status is None
    posting.close()
    thread.join(5)


def test_a_status_counts_though_its_body_never_ends(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS, settings.WEBHOOK_SECONDS = ["127.0.0.1/32"], 0.05
    port, thread = served(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
    posting = Receiver(f"http://127.0.0.1:{port}/")
    assert posting.post(b"{}", {}).accepted
    posting.close()
    thread.join(5)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for hooks.example.com that signs itself."""
    made = tmp_path / "own.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
            ),
            *("-subj", "/CN=hooks.example.com", "-addext", "subjectAltName=DNS:hooks.example.com"),
            *("-keyout", str(made), "-out", str(tmp_path / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    made.write_text(made.read_text() + (tmp_path / "cert.pem").read_text())
    return made


@pytest.mark.parametrize(
    ("name", "trusted", "error"), [("hooks", True, ""), ("hooks", False, "bad"), ("other", True, "bad")]
)
def test_tls_proves_the_name_though_the_address_is_called(
    settings: Any, monkeypatch: pytest.MonkeyPatch, certificate: Path, name: str, trusted: bool, error: str
) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.1/32"]
    monkeypatch.setattr(addresses, "look_up", lambda host, port: ["127.0.0.1"])
    listening = LocalReceiver()
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    listening.server.socket = own.wrap_socket(listening.server.socket, server_side=True)
    posting = Receiver(f"https://{name}.example.com:{listening.port}/")
    assert posting._tls is not None
    if trusted:
        posting._tls.load_verify_locations(certificate)
    answer = posting.post(b"{}", {"webhook-id": "1"})
    posting.close()
    listening.close()
    assert answer.accepted == (not error), answer
    assert answer.error == ("bad_certificate" if error else "")
    assert len(listening.seen) == (0 if error else 1)
