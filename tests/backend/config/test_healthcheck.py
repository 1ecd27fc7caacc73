from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from backend.config import healthcheck


class Server(BaseHTTPRequestHandler):
    """Says that all is well to whoever asks by its name, and that it is not to all others."""

    def do_GET(self) -> None:
        is_well = (self.path, self.headers["Host"]) == ("/healthz", "label.example.org")
        self.send_response(200 if is_well else 503)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server listens there, and the environment says so."""
    server = HTTPServer(("127.0.0.1", 0), Server)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(healthcheck, "PORT", server.server_port)
    monkeypatch.setattr(healthcheck, "BIND", "0.0.0.0")
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_server_is_asked_by_a_name_of_its_own(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for names, code in ((["label.example.org"], 0), (["*", ".label.example.org"], 0), ([], 1)):
        monkeypatch.setattr(healthcheck, "ALLOWED_HOSTS", names)
        assert healthcheck.main() == code, names


def test_nobody_there_is_not_well(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healthcheck, "PORT", 1)
    assert healthcheck.main() == 1
