"""A proxy that ruins connections as networks do, at a byte that is known beforehand."""

import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """What happens to one connection: cut, or with `stalls` left to hang, once so many bytes went up or down; or the
    first request is read and gets `answer`, and the server never hears of it."""

    up: int | None = None
    down: int | None = None
    stalls: bool = False
    answer: bytes = b""


@dataclass
class Proxy:
    """Each new connection takes the next fault; without one it is left alone. `up` is what clients sent, of every
    connection, `down` how many bytes they were let have, `met` when each fault struck."""

    target: int
    port: int = 0
    faults: deque[Fault] = field(default_factory=deque)
    up: list[bytearray] = field(default_factory=list)
    down: int = 0
    met: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def sent(self) -> int:
        return sum(len(content) for content in self.up)

    def heads(self, name: str) -> list[str]:
        """The values of this header field, of all requests in their order."""
        lines = b"".join(bytes(content) + b"\r\n" for content in self.up).split(b"\r\n")
        wanted = f"{name}: ".lower().encode()
        return [line[len(wanted) :].decode() for line in lines if line.lower().startswith(wanted)]

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            fault = self.faults.popleft() if self.faults else Fault()
            threading.Thread(target=self._connection, args=(client, fault), daemon=True).start()

    def _connection(self, client: socket.socket, fault: Fault) -> None:
        seen = bytearray()
        self.up.append(seen)
        if fault.answer:
            self._answer(client, seen, fault.answer)
            return
        server = socket.create_connection(("127.0.0.1", self.target))
        pumps = [
            threading.Thread(
                target=self._pump, args=(client, server, fault.up, fault.stalls, seen), daemon=True
            ),
            threading.Thread(
                target=self._pump, args=(server, client, fault.down, fault.stalls, None), daemon=True
            ),
        ]
        for pump in pumps:
            pump.start()

    def _pump(
        self,
        source: socket.socket,
        sink: socket.socket,
        limit: int | None,
        stalls: bool,
        seen: bytearray | None,
    ) -> None:
        passed = 0
        with suppress(OSError):
            while content := source.recv(16_384 if limit is None else min(16_384, limit - passed)):
                passed += len(content)
                if seen is None:
                    self.down += len(content)
                else:
                    seen += content
                sink.sendall(content)
                if passed == limit:
                    self.met.append(time.monotonic())
                    if stalls:
                        return
                    for end in (source, sink):
                        _cut(end)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _answer(self, client: socket.socket, seen: bytearray, answer: bytes) -> None:
        with client, suppress(OSError):
            while b"\r\n\r\n" not in seen:
                seen += client.recv(16_384)
            head, _, body = bytes(seen).partition(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if b"content-length" in line
                ),
                0,
            )
            while len(body) < length:
                body += (piece := client.recv(16_384))
                seen += piece
            self.met.append(time.monotonic())
            client.sendall(answer)


def _cut(end: socket.socket) -> None:
    """In the middle of whatever it was."""
    with suppress(OSError):
        # Closing alone would not wake the other thread, and not happen until it wakes.
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def said(status: str, body: str = "", **headers: str) -> Fault:
    """A fault that answers so: said("429 Too Many Requests", retry_after="2")."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Fault(answer="\r\n".join([*lines, "", body]).encode())


@contextmanager
def proxied(port: int, *faults: Fault) -> Iterator[Proxy]:
    """A proxy in front of what listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy(port, listener.getsockname()[1], deque(faults))
        threading.Thread(target=proxy.serve, args=(listener,), daemon=True).start()
        yield proxy
