"""One request: within its time, to the judged address alone, and what is made of every kind of answer."""

import datetime
import ipaddress
import socket
import ssl
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.webhooks.sending import Outcome, send
from tests.backend.webhooks.receiver import Receiver, running_receiver

NAME = "hooks.example.com"


def post(url: str, seconds: float = 5) -> Outcome:
    return send(url=url, headers={"webhook-id": "msg"}, body=b'{"a":1}', seconds=seconds)


def test_it_posts_the_body_with_its_headers_and_keeps_the_answers_beginning(receiver: Receiver) -> None:
    receiver.text = "x" * 700
    outcome = post(receiver.url)
    assert (outcome.error_code, outcome.response_code, outcome.response_text) == ("", 200, "x" * 500)
    [request] = receiver.received
    assert (request.path, request.body) == ("/hook?key=1", b'{"a":1}')
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "msg"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (200, ""),
        (204, ""),
        (301, "redirect"),
        (307, "redirect"),
        (400, "status"),
        (410, "status"),
        (500, "status"),
    ],
)
def test_only_a_success_is_one(receiver: Receiver, status: int, code: str) -> None:
    receiver.status, receiver.text = status, ""
    outcome = post(receiver.url)
    assert outcome.error_code == (code and f"webhook.{code}")
    assert outcome.response_code == status
    assert outcome.is_gone == (status == 410)


def test_a_redirect_to_this_machine_is_not_followed(receiver: Receiver) -> None:
    with running_receiver() as secret_place:
        receiver.status, receiver.headers = 307, {"Location": secret_place.url}
        assert post(receiver.url).error_code == "webhook.redirect"
        assert secret_place.received == []


def test_proxies_of_the_environment_are_ignored(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(receiver.url).is_delivered


def test_a_name_that_changes_its_mind_is_looked_up_once(
    receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it is judged, this machine when it is asked again."""
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset()
    settings.WEBHOOK_PORTS = [receiver.port]
    asked: list[str] = []
    tried: list[str] = []

    def look_up(host: str, port: int, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return [(0, 0, 0, "", ("93.184.215.14" if len(asked) == 1 else "127.0.0.1", port))]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    url = f"http://{NAME}:{receiver.port}/"
    assert post(url).error_code == "webhook.connect"
    assert (asked, tried) == ([NAME], ["93.184.215.14"])
    # At the next try it is judged again.
    assert post(url).error_code == "webhook.address"
    assert (len(tried), receiver.received) == (1, [])


def test_an_address_that_does_not_answer_leaves_the_next_one_a_chance(
    receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset({NAME})
    with socket.socket() as closed:
        closed.bind(("127.0.0.2", receiver.port))  # bound and not listening: refused
        found = [(0, 0, 0, "", (address, receiver.port)) for address in ("127.0.0.2", "127.0.0.1")]
        real = socket.getaddrinfo

        def look_up(host: str, *rest: Any, **options: Any) -> Any:
            return found if host == NAME else real(host, *rest, **options)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        assert post(f"http://{NAME}:{receiver.port}/").is_delivered


@pytest.mark.parametrize("drips", ["head", "body", "nothing"])
def test_a_receiver_that_drips_is_left_in_time(receiver: Receiver, drips: str) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        if drips == "body":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(40):
            time.sleep(0.1)
            handler.wfile.write(b"" if drips == "nothing" else b"H")

    receiver.before = drip
    begun = time.monotonic()
    outcome = post(receiver.url, seconds=0.6)
    assert time.monotonic() - begun < 2
    # With a status that was told in time, the rest does not matter.
    assert outcome.error_code == ("" if drips == "body" else "webhook.timeout")


def test_an_answer_without_an_end_is_not_read_to_it(receiver: Receiver) -> None:
    def pour(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(200):
            handler.wfile.write(b"X-Long: " + b"y" * 8000 + b"\r\n")

    receiver.before = pour
    assert post(receiver.url).error_code == "webhook.answer"


def test_what_is_no_http_is_said(receiver: Receiver) -> None:
    receiver.before = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9\r\n\r\n") and None
    assert post(receiver.url).error_code == "webhook.answer"


def test_a_null_character_can_be_stored(receiver: Receiver) -> None:
    receiver.text = "a\0b"
    assert post(receiver.url).response_text == "a\N{REPLACEMENT CHARACTER}b"


def test_nobody_there_is_said(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_HTTP, settings.WEBHOOK_ALLOWED_HOSTS = True, frozenset({"127.0.0.1"})
    assert post("http://127.0.0.1:1/").error_code == "webhook.connect"


def test_what_may_no_longer_be_reached_is_not(receiver: Receiver, settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS, settings.WEBHOOK_PORTS = frozenset(), [receiver.port]
    assert post(receiver.url).error_code == "webhook.address"
    assert receiver.received == []


def server_context(folder: Path, name: str) -> ssl.SSLContext:
    """A certificate of this name, signed by itself, in `folder`/certificate.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    plain = serialization.NoEncryption()
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize(("name", "code"), [(NAME, ""), ("other.example.com", "webhook.tls")])
def test_the_certificate_must_be_the_names_though_the_address_is_connected_to(
    name: str, code: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset({NAME})
    context = server_context(tmp_path, name)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    address = str(ipaddress.ip_address("127.0.0.1"))
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: Any, **options: Any) -> Any:
        return [(0, 0, 0, "", (address, port))] if host == NAME else real(host, port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with running_receiver(context) as receiver:
        outcome = post(f"https://{NAME}:{receiver.port}/hook")
        assert outcome.error_code == code
        assert receiver.server_name == NAME
        hosts = [request.headers["host"] for request in receiver.received]
        assert hosts == ([] if code else [f"{NAME}:{receiver.port}"])
    # And one that nobody vouches for is none.
    monkeypatch.delenv("SSL_CERT_FILE")
    with running_receiver(context) as receiver:
        assert post(f"https://{NAME}:{receiver.port}/hook").error_code == "webhook.tls"
