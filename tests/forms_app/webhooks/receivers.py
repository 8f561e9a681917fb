"""A receiver of webhooks on this machine: it keeps what it gets, and answers as the test wants it to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Message(NamedTuple):
    """What came: its headers in lower case, and its body."""

    headers: dict[str, str]
    raw: bytes
    path: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def data(self) -> Any:
        return self.body["data"]


Reply = tuple[int, dict[str, str], bytes]
OK: Reply = (200, {}, b"ok")


class LocalReceiver:
    """Serves until `close`. `reply` decides what each message is answered; only what got 2xx is in `accepted`."""

    def __init__(self, reply: Callable[[Message], Reply] | None = None) -> None:
        self.reply = reply or (lambda message: OK)
        self.accepted: list[Message] = []
        self.seen: list[Message] = []
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                receiver.connections += 1

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                message = Message({key.lower(): value for key, value in self.headers.items()}, raw, self.path)
                receiver.seen.append(message)
                status, headers, body = receiver.reply(message)
                if 200 <= status < 300:
                    receiver.accepted.append(message)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *args: Any) -> None:
                """A sender that hangs up is no news."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=apaas"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def is_signed(message: Message, secret: str) -> bool:
    """Whether the signature is right, by the words of the standard: HMAC-SHA256 of `id.timestamp.body`, by the bytes
    behind the prefix of the secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message.id}.{message.headers['webhook-timestamp']}.".encode() + message.raw
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in message.headers["webhook-signature"].split(" ")
