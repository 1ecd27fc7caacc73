"""What this server could be made to fetch: webhooks, the only addresses people type, and imports, which take none."""

import ipaddress
import socket
import uuid
from collections import Counter
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.projects.models import Project
from backend.webhooks.models import Delivery, Webhook
from backend.webhooks.sending import send
from tests.backend.webhooks.hostile_addresses import BAD, resolve_names
from tests.backend.webhooks.receiver import running_receiver

# Besides those of `hostile_addresses`.
MORE = [
    # This machine and the metadata of rented ones, as decimal, octal, hexadecimal and short numbers.
    *(
        (f"https://{host}/", "url")
        for host in ("2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "0", "0x0")
    ),
    *(
        (f"https://{host}/", "url")
        for host in ("127.0.1", "127.000.000.001", "0177.0.0.0x1", "0300.0250.0.1")
    ),
    *(
        (f"https://[{host}]/", "address")
        for host in ("::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:0:0")
    ),
    *(
        (f"https://[{host}]/", "address")
        for host in ("fd12:3456:789a::1", "fe80::a9fe:a9fe", "::ffff:c0a8:1")
    ),
    ("https://169.254.170.2/v2/credentials", "address"),
    ("https://100.100.100.200/latest/meta-data/", "address"),
    # Digits that are none, and dots that are none.
    ("https://①②⑦.⓪.⓪.①/", "url"),
    ("https://127。0。0。1/", "url"),
    ("https://127.0.0.1%00.example.com/", "url"),
    # Who is the host, and who only looks like it.
    ("https://example.com:443@127.0.0.1/", "userinfo"),
    ("https://127.0.0.1:443@example.com/", "userinfo"),
    ("https://example.com%40127.0.0.1@127.0.0.1/", "userinfo"),
    ("https://:@127.0.0.1/", "userinfo"),
    ("https://127.0.0.1?@example.com/", "address"),
    ("https://127.0.0.1#@example.com/", "url"),
    ("https://127.0.0.1\\.example.com/", "url"),
    ("https:127.0.0.1/", "url"),
    ("https:////127.0.0.1/", "url"),
    ("https://example.com:443:80/", "url"),
    ("https://example.com:-1/", "url"),
    # Ports of what answers inside.
    *(
        (f"https://example.com:{port}/", "port")
        for port in (21, 23, 111, 2375, 3306, 5432, 5672, 9200, 11211)
    ),
    # Other schemes.
    *(
        (f"{scheme}://example.com/", "scheme")
        for scheme in ("dict", "ldap", "tftp", "sftp", "smb", "ws", "jar", "netdoc", "httpx")
    ),
    ("javascript:alert(1)", "scheme"),
    ("data:text/plain,x", "scheme"),
    ("gopher://127.0.0.1:6379/_FLUSHALL", "scheme"),
    # Lines of their own in the request.
    ("https://example.com/\nHost: 127.0.0.1", "url"),
    ("https://example.com\r\nX: 1/", "url"),
    ("https://example.com/?a=\r\n\r\nGET / HTTP/1.1", "url"),
    ("https://example.com/\0", "url"),
    ("https://example.com/ HTTP/1.1", "url"),
]
ATTACKS = [*BAD, *MORE]


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_names(monkeypatch)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to; none of them answers."""
    tried: list[str] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def test_no_webhook_is_made_that_leads_inside(
    api: APIClient, project: Project, subtests: pytest.Subtests
) -> None:
    codes: Counter[str] = Counter()
    for url, code in ATTACKS:
        if url != url.strip():
            continue  # what stands around an address is cut off when it is sent
        with subtests.test(url):
            body = {"url": url, "events": ["image.accepted"]}
            answer = api.post(f"/api/v1/projects/{project.pk}/webhooks/", body)
            assert answer.status_code == 400, answer.content
            codes[answer.json()["code"]] += 1
            # What is blank, or no text a field takes, is refused before anybody looks at it as an address.
            assert answer.json()["code"] in (f"webhook.{code}", "input.invalid")
    assert not Webhook.objects.exists()
    print(f"\n{codes.total()} addresses refused: {dict(codes)}")
    assert codes["input.invalid"] <= 4


def test_nothing_is_connected_to_where_a_url_is_in_the_table_all_the_same(connections: list[str]) -> None:
    """Rules may be stricter now than when it was stored."""
    codes = {url: send(url=url, headers={}, body=b"{}", seconds=5).error_code for url, _ in ATTACKS}
    assert codes == {url: f"webhook.{code}" for url, code in ATTACKS}
    assert connections == []
    print(f"\n{len(ATTACKS)} addresses sent to: no connection made")


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_a_name_that_changes_its_mind_leads_nowhere(
    api: APIClient,
    project: Project,
    connections: list[str],
    monkeypatch: pytest.MonkeyPatch,
    inside: str,
) -> None:
    """Public when the webhook is made and when it is judged, inside the second time that it is asked for."""
    answers = ["93.184.215.14", "93.184.215.14", inside, inside]
    asked: list[str] = []

    def look_up(host: str, port: int, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return [(0, 0, 0, "", (answers[len(asked) - 1], port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    at = f"/api/v1/projects/{project.pk}/webhooks/"
    made = api.post(at, {"url": "https://hooks.example.com/", "events": ["image.accepted"]})
    assert made.status_code == 201, made.content
    url = Webhook.objects.get().url
    assert send(url=url, headers={}, body=b"{}", seconds=5).error_code == "webhook.connect"
    assert (len(asked), connections) == (2, ["93.184.215.14"])
    assert send(url=url, headers={}, body=b"{}", seconds=5).error_code == "webhook.address"
    assert connections == ["93.184.215.14"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("scheme", ["http", "file", "gopher", ""])
def test_no_redirect_is_followed(settings: Any, status: int, scheme: str) -> None:
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset({"127.0.0.1"})
    with running_receiver() as receiver, running_receiver() as inside:
        receiver.status = status
        receiver.headers = {"Location": f"{scheme}://127.0.0.1:{inside.port}/secret" if scheme else "/again"}
        outcome = send(url=receiver.url, headers={}, body=b"{}", seconds=5)
        assert (outcome.error_code, len(receiver.received), inside.received) == ("webhook.redirect", 1, [])


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "s3://x/y"]
)
def test_an_import_takes_names_of_places_and_no_addresses(
    api: APIClient, project: Project, connections: list[str], url: str
) -> None:
    listed = api.get(f"/api/v1/projects/{project.pk}/imports/places/", {"path": url})
    assert (listed.status_code, listed.json()["code"]) == (404, "import.place_not_found")
    body = {"id": str(uuid.uuid4()), "kind": "import.check", "params": {"place": url}}
    started = api.post(f"/api/v1/projects/{project.pk}/jobs/", body)
    assert (started.status_code, started.json()["code"]) == (404, "import.place_not_found")
    assert connections == []
    assert not Delivery.objects.exists()


def test_the_list_covers_every_network_that_is_not_public() -> None:
    """Of each network that no webhook may reach, one address at least is attacked with."""
    found = set()
    for url, _ in ATTACKS:
        host = url.partition("://")[2].partition("/")[0].strip("[]")
        try:
            found.add(ipaddress.ip_address(host))
        except ValueError:
            continue
    networks = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "0.0.0.0/8")
    more = (
        "100.64.0.0/10",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
        "::ffff:0:0/96",
    )
    for network in map(ipaddress.ip_network, (*networks, *more)):
        assert any(one.version == network.version and one in network for one in found), network
