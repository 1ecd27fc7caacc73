"""A program that receives webhooks, for tests: it keeps what it was sent and answers as it is told."""

import http.server
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from backend.webhooks.signing import signature_of


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        expected = signature_of(
            secret=secret,
            message_id=self.message_id,
            timestamp=int(self.headers["webhook-timestamp"]),
            body=self.body,
        )
        return expected in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    port: int = 0
    status: int = 200
    text: str = "thanks"
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    # Called before it answers, with the request's handler.
    before: Callable[[http.server.BaseHTTPRequestHandler], None] = lambda handler: None
    server_name: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=1"


@contextmanager
def running_receiver(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """On a free port of this machine; with `context`, by TLS."""
    receiver = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body))
            receiver.before(self)
            self.send_response(receiver.status)
            content = receiver.text.encode()
            for name, value in ({"Content-Length": str(len(content))} | receiver.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None: ...  # who asked went away

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        context.sni_callback = lambda _, name, __: setattr(receiver, "server_name", name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    yield receiver
    server.shutdown()
    server.server_close()
