"""Where a webhook must not lead, in all the ways there are of writing it."""

import ipaddress
import socket
import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.common.errors import InvalidInput
from backend.projects.models import Project
from backend.webhooks.addresses import is_public
from backend.webhooks.models import Webhook
from backend.webhooks.targets import target_parse, target_resolve

# What names resolve to in these tests.
NAMES = {
    "example.com": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "inside.example.com": ["10.0.0.7"],
    "half.example.com": ["93.184.215.14", "192.168.1.1"],
    "loop.example.com": ["127.0.0.1"],
    "loop6.example.com": ["::1"],
    "metadata.example.com": ["169.254.169.254"],
    "mapped.example.com": ["::ffff:10.0.0.1"],
    "nat.example.com": ["64:ff9b::a00:1"],
    "nat-public.example.com": ["64:ff9b::5db8:d70e"],
    "local": ["fe80::1%eth0"],
    "localhost": ["127.0.0.1"],
    "many.example.com": [f"93.184.215.{n}" for n in range(20)],
}


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are those above; numbers are read by the real resolver."""
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        if host not in NAMES:
            return real(host, port, *arguments, **options | {"flags": socket.AI_NUMERICHOST})
        return [(0, 0, 0, "", (address, port)) for address in NAMES[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


BAD = [
    # Schemes, and things that are no address of a server at all.
    ("http://example.com/", "scheme"),
    ("ftp://example.com/", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("gopher://example.com/", "scheme"),
    ("//example.com/", "scheme"),
    ("example.com", "scheme"),
    ("", "url"),
    ("https://", "url"),
    ("https:///path", "url"),
    ("https://example.com/#part", "url"),
    ("https://exa mple.com/", "url"),
    ("https://example.com\\@127.0.0.1/", "url"),
    ("https://example.com/\r\nX-Header: 1", "url"),
    ("https://example.com/\t", "url"),
    ("https://ⓛocalhost/", "url"),
    ("https://%6c%6fcalhost/", "url"),
    ("https://example.com:port/", "url"),
    ("https://example.com:99999/", "url"),
    ("https://-example.com/", "url"),
    ("https://example..com/", "url"),
    ("https://[::1/", "url"),
    ("https://[v1.x]/", "url"),
    ("https://example.com/" + "x" * 500, "url"),
    # Who one is there.
    ("https://user@example.com/", "userinfo"),
    ("https://user:secret@example.com/", "userinfo"),
    ("https://example.com@127.0.0.1/", "userinfo"),
    # Ports of other things.
    ("https://example.com:22/", "port"),
    ("https://example.com:25/", "port"),
    ("https://example.com:6379/", "port"),
    ("https://example.com:0/", "port"),
    # This machine.
    ("https://127.0.0.1/", "address"),
    ("https://127.1.2.3/", "address"),
    ("https://localhost/", "address"),
    ("https://localhost./", "address"),
    ("https://LOCALHOST/", "address"),
    ("https://0.0.0.0/", "address"),
    ("https://[::]/", "address"),
    ("https://[::1]/", "address"),
    ("https://[0:0:0:0:0:0:0:1]/", "address"),
    # Numbers in other clothes.
    ("https://2130706433/", "url"),
    ("https://0x7f000001/", "url"),
    ("https://0x7f.0.0.1/", "url"),
    ("https://0177.0.0.1/", "url"),
    ("https://017700000001/", "url"),
    ("https://127.1/", "url"),
    ("https://127.0.0.1.0x1/", "url"),
    ("https://10.0.0.0x1/", "url"),
    # Networks inside.
    ("https://10.0.0.1/", "address"),
    ("https://172.16.0.1/", "address"),
    ("https://192.168.0.1/", "address"),
    ("https://100.64.0.1/", "address"),
    ("https://169.254.169.254/latest/meta-data/", "address"),
    ("https://224.0.0.1/", "address"),
    ("https://240.0.0.1/", "address"),
    ("https://255.255.255.255/", "address"),
    ("https://198.18.0.1/", "address"),
    ("https://192.0.2.1/", "address"),
    ("https://192.88.99.1/", "address"),
    ("https://[fd00::1]/", "address"),
    ("https://[fd00:ec2::254]/", "address"),
    ("https://[fe80::1]/", "address"),
    ("https://[fec0::1]/", "address"),
    ("https://[ff02::1]/", "address"),
    ("https://[2001:db8::1]/", "address"),
    ("https://[3fff::1]/", "address"),
    ("https://[4000::1]/", "address"),
    # IPv4 within IPv6.
    ("https://[::ffff:127.0.0.1]/", "address"),
    ("https://[::ffff:a00:1]/", "address"),
    ("https://[::127.0.0.1]/", "address"),
    ("https://[64:ff9b::7f00:1]/", "address"),
    ("https://[64:ff9b:1::a00:1]/", "address"),
    ("https://[2002:7f00:1::]/", "address"),
    ("https://[2002:a9fe:a9fe::]/", "address"),
    ("https://[2001:0:7f00:1::]/", "address"),
    # Names that lead there.
    ("https://inside.example.com/", "address"),
    ("https://half.example.com/", "address"),
    ("https://loop.example.com/", "address"),
    ("https://loop6.example.com/", "address"),
    ("https://metadata.example.com/", "address"),
    ("https://mapped.example.com/", "address"),
    ("https://nat.example.com/", "address"),
    ("https://local/", "address"),
    # Names that lead nowhere, or everywhere.
    ("https://nobody.example.com/", "dns"),
    ("https://many.example.com/", "dns"),
]


@pytest.mark.parametrize(("url", "code"), BAD)
def test_what_is_not_the_public_internet_is_refused(url: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        target_resolve(target_parse(url), seconds=5)
    assert refusal.value.code == f"webhook.{code}"


@pytest.mark.parametrize(
    ("url", "host_header", "path"),
    [
        ("https://example.com", "example.com", "/"),
        ("HTTPS://Example.COM./a?b=c", "example.com", "/a?b=c"),
        ("https://example.com:8443/x", "example.com:8443", "/x"),
        ("https://example.com:443/x", "example.com", "/x"),
        ("https://8.8.8.8/", "8.8.8.8", "/"),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]", "/"),
        ("https://[2606:4700::1111]:8443/", "[2606:4700::1111]:8443", "/"),
        ("https://nat-public.example.com/", "nat-public.example.com", "/"),
    ],
)
def test_the_public_internet_is_allowed(url: str, host_header: str, path: str) -> None:
    target = target_parse(url)
    assert (target.host_header, target.path) == (host_header, path)
    assert target_resolve(target, seconds=5)


def test_an_administrator_opens_hosts_by_name_and_plain_http(settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset({"inside.example.com"})
    target = target_parse("https://Inside.example.com.:6000/")
    assert list(map(str, target_resolve(target, seconds=5))) == ["10.0.0.7"]
    with pytest.raises(InvalidInput):
        target_parse("http://inside.example.com/")
    settings.WEBHOOK_ALLOW_HTTP = True
    assert target_parse("http://inside.example.com/").port == 80
    # The name is opened, not the address.
    with pytest.raises(InvalidInput):
        target_resolve(target_parse("https://10.0.0.7/"), seconds=5)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    begun = time.monotonic()
    with pytest.raises(InvalidInput) as refusal:
        target_resolve(target_parse("https://example.com/"), seconds=0.1)
    assert refusal.value.code == "webhook.dns"
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("text", ["2002:808:808::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2a00:1450::1"])
def test_an_address_is_as_public_as_what_it_carries(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(("url", "code"), [BAD[0], BAD[23], BAD[26], BAD[30], BAD[-2]])
def test_nothing_is_stored_that_leads_elsewhere(
    api: APIClient, project: Project, url: str, code: str
) -> None:
    at = f"/api/v1/projects/{project.pk}/webhooks/"
    answer = api.post(at, {"url": url, "events": ["image.accepted"]})
    assert (answer.status_code, answer.json()["code"]) == (400, f"webhook.{code}")
    assert not Webhook.objects.exists()
    made = api.post(at, {"url": "https://example.com/", "events": ["image.accepted"]}).json()
    changed = api.patch(f"/api/v1/webhooks/{made['id']}/", {"url": url})
    assert (changed.status_code, changed.json()["code"]) == (400, f"webhook.{code}")
    assert Webhook.objects.get().url == "https://example.com/"
