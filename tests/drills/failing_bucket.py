"""A proxy before a bucket that lets a share of the requests down, as object storage does on a bad day."""

import http.client
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
INTERNAL = b"<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"
FAULTS = ("500", "503", "cut before", "cut after", "cut short")
_OWN = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})


@dataclass
class FailingBucket:
    """`share` of all requests end badly: refused by 500 or 503, the connection cut before they reach the server, after
    they did, or in the middle of the answer."""

    target: int
    share: float = 0.0
    port: int = 0
    seen: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self) -> str:
        with self.lock:
            self.seen += 1
            name = self.dice.choice(FAULTS) if self.dice.random() < self.share else ""
            if name:
                self.failed[name] += 1
            return name


@contextmanager
def failing_bucket(target: int) -> Iterator[FailingBucket]:
    """In front of the server at the port `target`."""
    bucket = FailingBucket(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self._body()
            fault = bucket.fault()
            if fault in ("500", "503"):
                self._answer(int(fault), [], INTERNAL if fault == "500" else SLOW_DOWN)
                return
            if fault == "cut before":
                self.close_connection = True
                self.connection.close()
                return
            server = http.client.HTTPConnection("127.0.0.1", bucket.target, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            for name in ("Transfer-Encoding", "Content-Length"):
                headers.pop(name, None)
            headers["Content-Length"] = str(len(body))
            server.request(self.command, self.path, body, headers)
            answer = server.getresponse()
            content = answer.read()
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _OWN]
            length = answer.getheader("Content-Length") if self.command == "HEAD" else None
            server.close()
            if fault == "cut after" or (fault and not content):
                self.close_connection = True
                self.connection.close()
                return
            self._answer(
                answer.status, kept, content, length=length, keep=len(content) // 2 if fault else None
            )

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_any

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                if self.headers.get("Expect", "").lower() == "100-continue":
                    self.send_response_only(100)
                    self.end_headers()
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                content += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return content

        def _answer(
            self,
            status: int,
            headers: list[tuple[str, str]],
            content: bytes,
            *,
            length: str | None = None,
            keep: int | None = None,
        ) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", length or str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content if keep is None else content[:keep])
            if keep is not None:
                self.close_connection = True

        def handle_expect_100(self) -> bool:
            return True

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None: ...  # who asked went away

    server = Server(("127.0.0.1", 0), Handler)
    bucket.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield bucket
    finally:
        with suppress(OSError):
            server.shutdown()
            server.server_close()
